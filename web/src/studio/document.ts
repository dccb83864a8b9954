/**
 * A flow as its document has it: plain values, as the server reads and writes them.
 *
 * A draft may be imperfect and may come from elsewhere, so nothing in it is taken for granted.
 */

export const KINDS = [
  'say', 'menu', 'collect', 'hours', 'branch', 'identify', 'look_up', 'set', 'split', 'queue',
  'callback', 'voicemail', 'transfer', 'flow', 'return', 'hang_up',
] as const;
export type Kind = (typeof KINDS)[number];

export interface Position {
  x: number;
  y: number;
}

export interface FlowNode {
  kind: string;
  label?: string;
  note?: string;
  position?: Position;
  exits?: Record<string, string>;
  [field: string]: unknown;
}

export type Nodes = Record<string, FlowNode>;

export interface FlowDocument {
  flow: string;
  label?: string;
  languages: string[];
  safe_queue?: string;
  start?: string;
  nodes: Nodes;
  tests: unknown[];
  [field: string]: unknown;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function record(value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : {};
}

export function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A text for a field; numbers are written out, everything else is empty. */
export function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

export function isKind(kind: string): kind is Kind {
  return (KINDS as readonly string[]).includes(kind);
}

export function emptyDocument(flow: string, label = ''): FlowDocument {
  return { flow, ...(label ? { label } : {}), languages: ['en'], nodes: {}, tests: [] };
}

/** What can be worked with of a document that may be anything. */
export function tidied(raw: unknown, flow: string): FlowDocument {
  const given = record(raw);
  const languages = list(given['languages']).filter((one): one is string => typeof one === 'string');
  const { start, safe_queue: safe, label, ...rest } = given;
  return {
    ...rest,
    flow: typeof given['flow'] === 'string' ? given['flow'] : flow,
    ...(typeof label === 'string' ? { label } : {}),
    languages: languages.length ? languages : ['en'],
    ...(typeof safe === 'string' ? { safe_queue: safe } : {}),
    ...(typeof start === 'string' ? { start } : {}),
    nodes: tidiedNodes(given['nodes']),
    tests: list(given['tests']),
  };
}

/** Only what is a node at all: with a kind, exits that are names and a place that is one. */
export function tidiedNodes(raw: unknown): Nodes {
  const nodes: Nodes = {};
  for (const [id, given] of Object.entries(record(raw))) {
    if (!isRecord(given) || typeof given['kind'] !== 'string') continue;
    const { position, exits, label, note, ...rest } = given;
    const place = positionOf(position);
    nodes[id] = {
      ...rest,
      kind: given['kind'],
      ...(typeof label === 'string' ? { label } : {}),
      ...(typeof note === 'string' ? { note } : {}),
      ...(place ? { position: place } : {}),
      ...(isRecord(exits) ? { exits: namesOf(exits) } : {}),
    };
  }
  return nodes;
}

function positionOf(value: unknown): Position | undefined {
  const { x = 0, y = 0 } = record(value);
  if (!isRecord(value) || !Number.isFinite(x) || !Number.isFinite(y)) return undefined;
  return { x: Number(x), y: Number(y) };
}

function namesOf(exits: Record<string, unknown>): Record<string, string> {
  const named = Object.entries(exits).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return Object.fromEntries(named);
}

const FIXED: Record<string, readonly string[]> = {
  say: ['next'],
  set: ['next'],
  collect: ['collected', 'timeout', 'invalid'],
  hours: ['open', 'closed'],
  identify: ['found', 'several', 'not_found'],
  look_up: ['found', 'not_found', 'failed'],
  callback: ['declined', 'impossible'],
  flow: ['failed'],
};

/** The exits that must lead somewhere before the flow may be published. */
export function neededExits(node: FlowNode): string[] {
  switch (node.kind) {
    case 'menu':
      return [...Object.keys(record(node['choices'])), 'timeout', 'invalid'];
    case 'branch': {
      const names = list(node['cases']).map((one) => text(record(one)['name']));
      return [...new Set(names.filter(Boolean)), 'otherwise'];
    }
    case 'split':
      return Object.keys(record(node['shares']));
    default:
      return [...(FIXED[node.kind] ?? [])];
  }
}

/** Every exit to show: those it needs, those it may have, and any that are there all the same. */
export function exitsOf(node: FlowNode): string[] {
  const optional = node.kind === 'hours' ? ['holiday'] : [];
  return [...new Set([...neededExits(node), ...optional, ...Object.keys(node.exits ?? {})])];
}

/** How people call the node. */
export function nameOf(doc: FlowDocument, id: string): string {
  return doc.nodes[id]?.label || id;
}

/** The nodes in the order in which a contact can come to them; those that nothing leads to last. */
export function inOrder(doc: FlowDocument): { reached: string[]; lost: string[] } {
  const seen = new Set<string>();
  const waiting = doc.start !== undefined && doc.nodes[doc.start] ? [doc.start] : [];
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    const node = doc.nodes[id];
    if (seen.has(id) || !node) continue;
    seen.add(id);
    const targets = exitsOf(node).map((exit) => node.exits?.[exit] ?? '');
    waiting.push(...targets.filter((one) => Object.hasOwn(doc.nodes, one) && !seen.has(one)).reverse());
  }
  return { reached: [...seen], lost: Object.keys(doc.nodes).filter((id) => !seen.has(id)) };
}
