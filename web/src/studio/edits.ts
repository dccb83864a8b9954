/** Changes to a flow's document. Each gives a new document and leaves the old one as it was. */
import { type FlowDocument, type FlowNode, type Nodes, type Position, isRecord, list, record, text } from './document';
import { without } from '../lib/records';

export const NAME = /^[a-z0-9][a-z0-9_.-]{0,63}$/;

/** `base`, or `base_2`, `base_3` … when there is such a node already. */
export function freeId(nodes: Nodes, base: string): string {
  if (!Object.hasOwn(nodes, base)) return base;
  for (let number = 2; ; number += 1) {
    const id = `${base}_${number}`;
    if (!Object.hasOwn(nodes, id)) return id;
  }
}

const FIRST: Record<string, Record<string, unknown>> = {
  hours: { hours: '' },
  queue: { queue: '' },
  callback: { queue: '' },
  voicemail: { box: '' },
  transfer: { number: '' },
  look_up: { connector: '' },
  flow: { flow: '' },
  menu: { choices: { 1: {}, 2: {} } },
  split: { shares: { a: 50, b: 50 } },
};

/** A new node of a kind; the first one of a flow is where it starts. */
export function addNode(doc: FlowDocument, id: string, kind: string, position?: Position): FlowDocument {
  const node: FlowNode = { kind, ...FIRST[kind], ...(position ? { position: rounded(position) } : {}) };
  const start = doc.start ?? (Object.keys(doc.nodes).length === 0 ? id : undefined);
  return { ...doc, ...(start === undefined ? {} : { start }), nodes: { ...doc.nodes, [id]: node } };
}

/** Removes nodes, and the exits that led to them. */
export function removeNodes(doc: FlowDocument, ids: Iterable<string>): FlowDocument {
  const gone = new Set(ids);
  const nodes: Nodes = {};
  for (const [id, node] of Object.entries(doc.nodes)) {
    if (gone.has(id)) continue;
    const kept = Object.entries(node.exits ?? {}).filter(([, target]) => !gone.has(target));
    nodes[id] = kept.length === Object.keys(node.exits ?? {}).length ? node : withExits(node, Object.fromEntries(kept));
  }
  const { start, ...rest } = doc;
  return { ...rest, ...(start !== undefined && !gone.has(start) ? { start } : {}), nodes };
}

function withExits(node: FlowNode, exits: Record<string, string>): FlowNode {
  const rest = without(node, 'exits') as FlowNode;
  return Object.keys(exits).length ? { ...rest, exits } : rest;
}

/** Gives a node another id, wherever it is named: exits, the start, the paths of tests. */
export function renameNode(doc: FlowDocument, from: string, to: string): FlowDocument {
  const renamed = (id: string) => (id === from ? to : id);
  const nodes: Nodes = {};
  for (const [id, node] of Object.entries(doc.nodes)) {
    const exits = node.exits && Object.fromEntries(Object.entries(node.exits).map(([exit, target]) => [exit, renamed(target)]));
    nodes[renamed(id)] = exits ? { ...node, exits } : node;
  }
  return {
    ...doc,
    ...(doc.start === undefined ? {} : { start: renamed(doc.start) }),
    nodes,
    tests: doc.tests.map((test) => renamedInTest(test, renamed)),
  };
}

function renamedInTest(test: unknown, renamed: (id: string) => string): unknown {
  if (!isRecord(test) || !isRecord(test['expect'])) return test;
  const expect = { ...test['expect'] };
  if (Array.isArray(expect['path'])) expect['path'] = list(expect['path']).map((id) => renamed(text(id)));
  if (expect['ends'] === 'waiting' && 'at' in expect) expect['at'] = renamed(text(expect['at']));
  return { ...test, expect };
}

/** Why `to` cannot be the new id of `from`; empty when it can. */
export function idProblem(doc: FlowDocument, from: string, to: string): '' | 'name' | 'taken' {
  if (!NAME.test(to)) return 'name';
  return to !== from && Object.hasOwn(doc.nodes, to) ? 'taken' : '';
}

export function connect(doc: FlowDocument, id: string, exit: string, target: string): FlowDocument {
  return changeNode(doc, id, (node) => ({ ...node, exits: { ...node.exits, [exit]: target } }));
}

export function disconnect(doc: FlowDocument, id: string, exit: string): FlowDocument {
  return changeNode(doc, id, (node) => withExits(node, without(node.exits ?? {}, exit)));
}

export function moveNodes(doc: FlowDocument, places: ReadonlyMap<string, Position>): FlowDocument {
  const nodes = { ...doc.nodes };
  for (const [id, place] of places) {
    const node = nodes[id];
    if (node) nodes[id] = { ...node, position: rounded(place) };
  }
  return { ...doc, nodes };
}

const FAR = 1_000_000;

function rounded({ x, y }: Position): Position {
  const whole = (value: number) => Math.max(-FAR, Math.min(FAR, Math.round(value))) + 0;
  return { x: whole(x), y: whole(y) };
}

function changeNode(doc: FlowDocument, id: string, change: (node: FlowNode) => FlowNode): FlowDocument {
  const node = doc.nodes[id];
  return node ? { ...doc, nodes: { ...doc.nodes, [id]: change(node) } } : doc;
}

/** Sets one field of a node; undefined takes it away, so that the default holds. */
export function setField(doc: FlowDocument, id: string, field: string, value: unknown): FlowDocument {
  return changeNode(doc, id, (node) => withRenamedExits(node, with_(node, field, value)));
}

function with_(node: FlowNode, field: string, value: unknown): FlowNode {
  return (value === undefined ? without(node, field) : { ...node, [field]: value }) as FlowNode;
}

/** A case or share that got another name keeps its way; one that is gone takes its exit along. */
function withRenamedExits(before: FlowNode, after: FlowNode): FlowNode {
  if (!after.exits || !['menu', 'branch', 'split'].includes(after.kind)) return after;
  const [old, now] = [ownExits(before), ownExits(after)];
  const exits: Record<string, string> = {};
  for (const [exit, target] of Object.entries(after.exits)) {
    if (!old.includes(exit) || now.includes(exit)) exits[exit] = target;
  }
  const [gone] = old.filter((exit) => !now.includes(exit));
  const [come] = now.filter((exit) => !old.includes(exit));
  const target = gone === undefined ? undefined : after.exits[gone];
  if (old.length === now.length && come && target) exits[come] = target;
  return withExits(after, exits);
}

function ownExits(node: FlowNode): string[] {
  if (node.kind === 'branch') return list(node['cases']).map((one) => text(record(one)['name']));
  return Object.keys(record(node[node.kind === 'menu' ? 'choices' : 'shares']));
}

/** Sets one line of the flow itself; undefined takes it away. */
export function setLine(doc: FlowDocument, field: string, value: unknown): FlowDocument {
  return (value === undefined ? without(doc, field) : { ...doc, [field]: value }) as FlowDocument;
}
