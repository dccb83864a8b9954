/** The picture of what changed between two documents: both in one drawing, and what is marked how. */
import type { Change } from './api';
import { exitsOf, type FlowDocument, type Nodes } from './document';

export type Mark = 'added' | 'removed' | 'changed';

export interface Way {
  source: string;
  exit: string;
  target: string;
  mark: Mark | '';
}

export interface Difference {
  /** Every node of both: as it is after, or as it was when it is gone. */
  doc: FlowDocument;
  marks: ReadonlyMap<string, Mark>;
  ways: readonly Way[];
}

/** The sign in a mark, beside its word. */
export const SIGNS: Record<Mark, string> = { added: '+', removed: '−', changed: '△' };

/** What changed in each node; where it only stands elsewhere, nothing did. */
export function marksOf(changes: readonly Change[]): Map<string, Mark> {
  const marks = new Map<string, Mark>();
  for (const { what, node } of changes) {
    if (!node || what === 'moved') continue;
    const mark = what === 'led' ? 'changed' : what;
    if (mark !== 'changed' || !marks.has(node)) marks.set(node, mark);
  }
  return marks;
}

export function difference(before: FlowDocument, after: FlowDocument, changes: readonly Change[]): Difference {
  const nodes: Nodes = { ...after.nodes };
  for (const [id, node] of Object.entries(before.nodes)) nodes[id] ??= node;
  const doc = { ...after, nodes };
  return { doc, marks: marksOf(changes), ways: waysOf(before, after) };
}

function waysOf(before: FlowDocument, after: FlowDocument): Way[] {
  const was = leads(before);
  const is = leads(after);
  const now = [...is].map(([key, way]): Way => ({ ...way, mark: was.has(key) ? '' : 'added' }));
  const gone = [...was].filter(([key]) => !is.has(key)).map(([, way]): Way => ({ ...way, mark: 'removed' }));
  return [...now, ...gone];
}

type Lead = Omit<Way, 'mark'>;

function leads(doc: FlowDocument): Map<string, Lead> {
  const found = new Map<string, Lead>();
  for (const [source, node] of Object.entries(doc.nodes)) {
    for (const [exit, target] of Object.entries(node.exits ?? {})) {
      if (Object.hasOwn(doc.nodes, target)) found.set(`${source}\n${exit}\n${target}`, { source, exit, target });
    }
  }
  return found;
}

/** The document with the ways that are gone as well: so a node that is gone stands where it did. */
export function withWaysBefore(doc: FlowDocument, ways: readonly Way[]): FlowDocument {
  const nodes: Nodes = { ...doc.nodes };
  for (const { source, exit, target, mark } of ways) {
    const node = nodes[source];
    if (mark === 'removed' && node) nodes[source] = { ...node, exits: { ...node.exits, [`${exit} ${target}`]: target } };
  }
  return { ...doc, nodes };
}

/** The exits of a node to show: those it has, and those that led from it before. */
export function shownExits({ doc, ways }: Difference, id: string): string[] {
  const node = doc.nodes[id] ?? { kind: '' };
  const led = ways.filter((way) => way.source === id).map((way) => way.exit);
  return [...new Set([...exitsOf(node), ...led])];
}

/** Only what changed, and what stands directly beside it: the rest is the same as it was. */
export function concerned({ doc, marks, ways }: Difference, most: number): ReadonlySet<string> {
  const near = new Set([...marks.keys()].filter((id) => Object.hasOwn(doc.nodes, id)));
  const kept = new Set([...near].slice(0, most));
  for (const { source, target } of ways) {
    if (kept.size >= most) break;
    if (near.has(source)) kept.add(target);
    else if (near.has(target)) kept.add(source);
  }
  return kept;
}
