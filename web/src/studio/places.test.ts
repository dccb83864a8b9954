import { describe, expect, it } from 'vitest';

import type { FlowDocument, Nodes } from './document';
import * as edits from './edits';
import { layout } from './layout';
import { around, Places } from './places';
import { SAMPLE } from './samples';

describe('places', () => {
  it('are laid out when nobody has placed a node', () => {
    expect([...new Places().of(SAMPLE)].sort()).toEqual([...layout(SAMPLE)].sort());
  });

  it('stay when the flow changes', () => {
    const places = new Places();
    const before = places.of(SAMPLE);
    expect(places.of(edits.connect(SAMPLE, 'alone', 'next', 'open'))).toEqual(before);
    const less = places.of(edits.removeNodes(SAMPLE, ['language']));
    for (const [id, place] of less) expect(place).toEqual(before.get(id));
    expect(places.of(SAMPLE), 'an undone removal').toEqual(before);
  });

  it('stay when a move by hand is undone', () => {
    const places = new Places();
    const before = places.of(SAMPLE);
    const moved = edits.moveNodes(SAMPLE, new Map([...before].map(([id]) => [id, { x: 7, y: 9 }])));
    expect(places.of(moved).get('open')).toEqual({ x: 7, y: 9 });
    expect(places.of(SAMPLE)).toEqual(before);
  });

  it('stay when a node is renamed', () => {
    const places = new Places();
    const before = places.of(SAMPLE).get('language');
    places.renamed('language', 'tongue');
    expect(places.of(edits.renameNode(SAMPLE, 'language', 'tongue')).get('tongue')).toEqual(before);
  });

  it('of new nodes are below all the others', () => {
    const open = { ...SAMPLE.nodes['open'], kind: 'hours', position: { x: 10, y: 500 } };
    const found = new Places().of({ ...SAMPLE, nodes: { ...SAMPLE.nodes, open } });
    expect(found.get('open')).toEqual({ x: 10, y: 500 });
    expect([...found].every(([id, { y }]) => id === 'open' || y > 500)).toBe(true);
  });
});

describe('the part around a node', () => {
  const nodes: Nodes = {};
  for (let number = 0; number < 100; number += 1) nodes[`n${number}`] = { kind: 'say', exits: { next: `n${number + 1}` } };
  const chain: FlowDocument = { flow: 'chain', languages: ['en'], start: 'n0', nodes, tests: [] };

  it('holds those nearest to it, before it and after it', () => {
    expect(Object.keys(around(chain, ['n50'], 5).nodes).sort()).toEqual(['n48', 'n49', 'n50', 'n51', 'n52']);
  });

  it('is never more than asked for, nor less than there is', () => {
    expect(Object.keys(around(chain, ['n0'], 1_000).nodes)).toHaveLength(100);
    expect(Object.keys(around(SAMPLE, ['alone', 'gone'], 5).nodes)).toEqual(['alone']);
    expect(Object.keys(around(SAMPLE, ['not there'], 2).nodes)).toHaveLength(2);
    expect(Object.keys(around({ ...SAMPLE, nodes: {} }, ['open'], 5).nodes)).toEqual([]);
  });
});
