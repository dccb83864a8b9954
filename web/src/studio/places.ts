/** Where each node is drawn, and which part of a flow is drawn when it is too large. */
import { exitsOf, type FlowDocument, type FlowNode, type Nodes, type Position } from './document';
import { heightOf, layout } from './layout';

const BELOW = 28;

/**
 * Remembers where it drew a node that nobody has placed: nothing moves by itself while one works
 * on the flow. Only whoever asks for it, or opens the flow anew, sees it arranged again.
 */
export class Places {
  private drawn = new Map<string, Position>();

  of(doc: FlowDocument): Map<string, Position> {
    const unplaced = Object.entries(doc.nodes).filter(([id, node]) => !node.position && !this.drawn.has(id));
    if (unplaced.length === Object.keys(doc.nodes).length) this.drawn = layout(doc);
    else this.below(doc, unplaced);
    return new Map(Object.entries(doc.nodes).map(([id, node]) => [id, node.position ?? this.drawn.get(id) ?? { x: 0, y: 0 }]));
  }

  /** One column under everything that has a place. */
  private below(doc: FlowDocument, unplaced: [string, FlowNode][]): void {
    if (!unplaced.length) return;
    const bottoms = Object.entries(doc.nodes).map(([id, node]) => {
      const place = node.position ?? this.drawn.get(id);
      return place ? place.y + heightOf(node) : -Infinity;
    });
    let y = Math.max(...bottoms) + BELOW;
    for (const [id, node] of unplaced) {
      this.drawn.set(id, { x: 0, y });
      y += heightOf(node) + BELOW;
    }
  }

  /** A node that is called otherwise stays where it is. */
  renamed(from: string, to: string): void {
    const place = this.drawn.get(from);
    if (place) this.drawn.set(to, place);
  }
}

/** These nodes and those that are fewest ways from them, `most` in all; ways out are kept. */
export function around(doc: FlowDocument, centres: readonly string[], most: number): FlowDocument {
  const neighbours = neighboursOf(doc);
  const known = centres.filter((id) => Object.hasOwn(doc.nodes, id));
  const part = new Set(known.length ? known : Object.keys(doc.nodes).slice(0, 1));
  for (const id of part) {
    for (const one of neighbours.get(id) ?? []) if (part.size < most) part.add(one);
    if (part.size >= most) break;
  }
  const nodes: Nodes = {};
  for (const id of part) nodes[id] = doc.nodes[id] ?? { kind: '' };
  return { ...doc, nodes };
}

function neighboursOf(doc: FlowDocument): Map<string, string[]> {
  const found = new Map<string, string[]>(Object.keys(doc.nodes).map((id) => [id, []]));
  for (const [id, node] of Object.entries(doc.nodes)) {
    for (const exit of exitsOf(node)) {
      const target = node.exits?.[exit] ?? '';
      const back = found.get(target);
      if (!back) continue;
      found.get(id)?.push(target);
      back.push(id);
    }
  }
  return found;
}
