/**
 * Where nodes stand by themselves: in layers from left to right, in the order of their exits.
 *
 * Layers by the longest way from the start, with ways back left out; ways that pass a layer have a
 * place in it; inside a layer nodes follow the middle of those that lead to them (the barycentre
 * method of Sugiyama, Tagawa and Toda).
 */
import { exitsOf, type FlowDocument, type FlowNode, inOrder, type Position } from './document';

export const WIDTH = 216;
const HEAD = 58;
const ROW = 24;
const BETWEEN_LAYERS = 72;
const BETWEEN_NODES = 28;
const PASSAGE = 4;
const SWEEPS = 4;

/** How high a node's card is, in the canvas's units. */
export function heightOf(node: FlowNode): number {
  return HEAD + ROW * exitsOf(node).length + (exitsOf(node).length ? 8 : 0);
}

interface Graph {
  order: string[];
  forward: Map<string, string[]>;
  back: Map<string, string[]>;
}

export function layout(doc: FlowDocument): Map<string, Position> {
  const graph = acyclic(doc);
  const layers = layered(graph);
  makeRoom(graph, layers);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) {
    sorted(layers, sweep % 2 === 0 ? graph.back : graph.forward, sweep % 2 === 0);
  }
  return placed(doc, layers, graph.back);
}

/** The ways of the flow without those that lead back to where one came from. */
function acyclic(doc: FlowDocument): Graph {
  const { reached, lost } = inOrder(doc);
  const forward = new Map<string, string[]>([...reached, ...lost].map((id) => [id, []]));
  const back = new Map<string, string[]>([...forward.keys()].map((id) => [id, []]));
  const state = new Map<string, 'open' | 'done'>();
  const finished: string[] = [];
  for (const root of forward.keys()) {
    const stack: { id: string; targets: string[] }[] = [];
    const enter = (id: string) => {
      state.set(id, 'open');
      stack.push({ id, targets: targetsOf(doc, id) });
    };
    if (!state.has(root)) enter(root);
    for (let top = stack.at(-1); top; top = stack.at(-1)) {
      const target = top.targets.shift();
      if (target === undefined) {
        state.set(top.id, 'done');
        finished.push(top.id);
        stack.pop();
      } else if (state.get(target) !== 'open') {
        forward.get(top.id)?.push(target);
        back.get(target)?.push(top.id);
        if (!state.has(target)) enter(target);
      }
    }
  }
  return { order: finished.reverse(), forward, back };
}

function targetsOf(doc: FlowDocument, id: string): string[] {
  const node = doc.nodes[id];
  if (!node) return [];
  const targets = exitsOf(node).map((exit) => node.exits?.[exit] ?? '');
  return [...new Set(targets.filter((one) => one !== id && Object.hasOwn(doc.nodes, one)))];
}

function layered({ order, forward }: Graph): string[][] {
  const depth = new Map<string, number>();
  for (const id of order) {
    const here = depth.get(id) ?? 0;
    depth.set(id, here);
    for (const target of forward.get(id) ?? []) depth.set(target, Math.max(depth.get(target) ?? 0, here + 1));
  }
  const layers: string[][] = [];
  for (const id of order) (layers[depth.get(id) ?? 0] ??= []).push(id);
  return layers;
}

const MOST_PASSING = 5_000;

/** Gives every way that passes a layer a place in it, so that it goes between the nodes there. */
function makeRoom({ forward, back }: Graph, layers: string[][]): void {
  const depth = new Map(layers.flatMap((layer, index) => layer.map((id) => [id, index] as const)));
  const long = [...depth.keys()].flatMap((id) =>
    (forward.get(id) ?? []).filter((target) => (depth.get(target) ?? 0) > (depth.get(id) ?? 0) + 1).map((target) => [id, target] as const),
  );
  const passing = long.reduce((sum, [id, target]) => sum + (depth.get(target) ?? 0) - (depth.get(id) ?? 0) - 1, 0);
  if (passing > MOST_PASSING) return;
  const instead = (ids: string[] | undefined, old: string, now: string) => ids?.splice(ids.indexOf(old), 1, now);
  for (const [id, target] of long) {
    const [from, to] = [depth.get(id) ?? 0, depth.get(target) ?? 0];
    const name = (at: number) => (at === from ? id : at === to ? target : `${id}\n${target}\n${at}`);
    for (let at = from + 1; at < to; at += 1) {
      layers[at]?.push(name(at));
      forward.set(name(at), [name(at + 1)]);
      back.set(name(at), [name(at - 1)]);
    }
    instead(forward.get(id), target, name(from + 1));
    instead(back.get(target), id, name(to - 1));
  }
}

/** Orders each layer by the middle of its neighbours in the layers before (or after) it. */
function sorted(layers: string[][], neighbours: Map<string, string[]>, forwards: boolean): void {
  const place = new Map<string, number>();
  layers.forEach((layer) => layer.forEach((id, index) => place.set(id, index / layer.length)));
  const turns = forwards ? layers.keys() : [...layers.keys()].reverse();
  for (const index of turns) {
    const layer = layers[index] ?? [];
    const middle = new Map(layer.map((id) => [id, mean(neighbours.get(id) ?? [], place) ?? place.get(id) ?? 0]));
    layer.sort((a, b) => (middle.get(a) ?? 0) - (middle.get(b) ?? 0));
    layer.forEach((id, at) => place.set(id, at / layer.length));
  }
}

function mean(ids: string[], values: Map<string, number>): number | undefined {
  if (!ids.length) return undefined;
  return ids.reduce((sum, id) => sum + (values.get(id) ?? 0), 0) / ids.length;
}

/** Each node beside those that lead to it, pushed down only as far as it must be. */
function placed(doc: FlowDocument, layers: string[][], back: Map<string, string[]>): Map<string, Position> {
  const middles = new Map<string, number>();
  const places = new Map<string, Position>();
  layers.forEach((layer, index) => {
    const heights = layer.map((id) => (doc.nodes[id] ? heightOf(doc.nodes[id]) : PASSAGE));
    const wanted = layer.map((id, at) => {
      const middle = mean((back.get(id) ?? []).filter((one) => middles.has(one)), middles);
      return middle === undefined ? undefined : middle - (heights[at] ?? 0) / 2;
    });
    let free = -Infinity;
    const tops = layer.map((_, at) => {
      const top = Math.max(free, wanted[at] ?? (free === -Infinity ? 0 : free));
      free = top + (heights[at] ?? 0) + BETWEEN_NODES;
      return top;
    });
    const pushed = tops.reduce((sum, top, at) => sum + (top - (wanted[at] ?? top)), 0) / (layer.length || 1);
    layer.forEach((id, at) => {
      const y = Math.round((tops[at] ?? 0) - pushed);
      middles.set(id, y + (heights[at] ?? 0) / 2);
      if (doc.nodes[id]) places.set(id, { x: index * (WIDTH + BETWEEN_LAYERS), y });
    });
  });
  return places;
}
