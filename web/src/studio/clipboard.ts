/** Nodes on the clipboard: JSON that people can read, keep and send. */
import { type FlowDocument, type Nodes, type Position, tidiedNodes, record } from './document';
import { freeId, NAME } from './edits';

const MARK = 'patchbay_nodes';
const MOST_CHARACTERS = 2_000_000;
const BESIDE = 40;

export function copied(doc: FlowDocument, ids: Iterable<string>): string {
  const nodes: Nodes = {};
  for (const id of ids) {
    const node = doc.nodes[id];
    if (node) nodes[id] = node;
  }
  return JSON.stringify({ [MARK]: nodes }, null, 2);
}

/** The nodes in a text from the clipboard, which may be anything; undefined: it holds none. */
export function onClipboard(text: string): Nodes | undefined {
  if (text.length > MOST_CHARACTERS || !text.includes(MARK)) return undefined;
  try {
    const nodes = tidiedNodes(record(JSON.parse(text))[MARK]);
    return Object.keys(nodes).length ? nodes : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The document with `nodes` beside the others, and their new ids. Ways among them stay, ways to
 * nodes that are not here are dropped.
 */
export function pasted(doc: FlowDocument, nodes: Nodes): { doc: FlowDocument; ids: string[] } {
  const all = { ...doc.nodes };
  const aside = freeStep(doc.nodes, nodes);
  const ids = new Map<string, string>();
  for (const id of Object.keys(nodes)) {
    const free = freeId(all, NAME.test(id) ? id : 'node');
    ids.set(id, free);
    all[free] = { kind: '' };
  }
  for (const [id, node] of Object.entries(nodes)) {
    const targets = Object.entries(node.exits ?? {}).map(([exit, target]) => [exit, ids.get(target) ?? target] as const);
    const exits = Object.fromEntries(targets.filter(([, target]) => Object.hasOwn(all, target)));
    const { x, y } = node.position ?? { x: 0, y: 0 };
    all[ids.get(id) ?? id] = {
      ...node,
      ...(node.position ? { position: { x: x + aside, y: y + aside } } : {}),
      exits,
    };
  }
  return { doc: { ...doc, nodes: all }, ids: [...ids.values()] };
}

/** So far aside that no node lies exactly on another: what is pasted twice is seen twice. */
function freeStep(there: Nodes, nodes: Nodes): number {
  const at = (place: Position | undefined, step: number) => place && `${place.x + step} ${place.y + step}`;
  const taken = new Set(Object.values(there).map((node) => at(node.position, 0)));
  const places = Object.values(nodes).flatMap((node) => node.position ?? []);
  let step = BESIDE;
  while (places.some((place) => taken.has(at(place, step)))) step += BESIDE;
  return step;
}
