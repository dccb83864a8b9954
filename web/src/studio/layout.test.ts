import { describe, expect, it } from 'vitest';

import type { FlowDocument, Nodes } from './document';
import { heightOf, layout, WIDTH } from './layout';
import { SAMPLE } from './samples';

function overlaps(doc: FlowDocument, places: ReturnType<typeof layout>): string[] {
  const boxes = [...places].map(([id, at]) => ({ id, ...at, height: heightOf(doc.nodes[id] ?? { kind: '' }) }));
  return boxes.flatMap((a, index) =>
    boxes
      .slice(index + 1)
      .filter((b) => Math.abs(a.x - b.x) < WIDTH && a.y < b.y + b.height && b.y < a.y + a.height)
      .map((b) => `${a.id} on ${b.id}`),
  );
}

/** A flow made of arithmetic: the same every time. */
function tangle(size: number): FlowDocument {
  const nodes: Nodes = {};
  for (let number = 0; number < size; number += 1) {
    const to = (factor: number) => `n${(number * factor + 7) % size}`;
    nodes[`n${number}`] = { kind: 'identify', exits: { found: to(3), several: to(5), not_found: `n${number + 1}` } };
  }
  return { flow: 'tangle', languages: ['en'], start: 'n0', nodes, tests: [] };
}

describe('the layout', () => {
  it('goes from left to right', () => {
    const places = layout(SAMPLE);
    const x = (id: string) => places.get(id)?.x ?? NaN;
    expect(x('open')).toBeLessThan(x('language'));
    expect(x('language')).toBeLessThan(x('support'));
    expect(x('support')).toBe(x('closed'));
  });

  it('places every node, none on another, in any tangle', () => {
    for (const doc of [SAMPLE, tangle(40), tangle(97)]) {
      const places = layout(doc);
      expect([...places.keys()].sort()).toEqual(Object.keys(doc.nodes).sort());
      expect(overlaps(doc, places)).toEqual([]);
      expect([...places.values()].every(({ x, y }) => Number.isInteger(x) && Number.isInteger(y))).toBe(true);
    }
  });

  it('is the same every time', () => {
    expect([...layout(tangle(60))]).toEqual([...layout(structuredClone(tangle(60)))]);
  });

  it('takes a flow of ten thousand nodes', () => {
    expect(layout(tangle(10_000)).size).toBe(10_000);
  });
});
