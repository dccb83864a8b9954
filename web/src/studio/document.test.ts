import { describe, expect, it } from 'vitest';

import { exitsOf, inOrder, neededExits, tidied } from './document';
import { SAMPLE } from './samples';

describe('a document that may be anything', () => {
  it.each([[null], [42], ['x'], [[]], [{}], [{ nodes: [] }], [{ languages: 'en', nodes: { a: 1, b: { kind: 2 } } }]])(
    'becomes one to work with: %j',
    (raw) => {
      expect(tidied(raw, 'main')).toEqual({ flow: 'main', languages: ['en'], nodes: {}, tests: [] });
    },
  );

  it('stays as it is when it is right', () => {
    expect(tidied(SAMPLE, 'x')).toEqual(SAMPLE);
  });

  it('keeps fields it does not know, and drops exits and places that are none', () => {
    const node = { kind: 'new', power: 9, exits: { a: 'b', c: 4 }, position: { x: 'NaN' } };
    const doc = tidied({ nodes: { one: node }, colour: 'red' }, 'main');
    expect(doc.nodes['one']).toEqual({ kind: 'new', power: 9, exits: { a: 'b' } });
    expect(doc['colour']).toBe('red');
  });
});

describe('exits', () => {
  it('of a menu are its keys, time-out and what does not fit', () => {
    expect(neededExits({ kind: 'menu', choices: { '*': {}, 1: {} } })).toEqual(['1', '*', 'timeout', 'invalid']);
  });

  it('of a branch are its cases, each once', () => {
    const cases = [{ name: 'gold' }, { name: 'gold' }, {}, 'x'];
    expect(neededExits({ kind: 'branch', cases })).toEqual(['gold', 'otherwise']);
  });

  it('of an end are none', () => {
    expect(exitsOf({ kind: 'queue', queue: 'a' })).toEqual([]);
  });

  it('that are there without need are shown', () => {
    expect(exitsOf({ kind: 'say', exits: { old: 'a' } })).toEqual(['next', 'old']);
    expect(exitsOf({ kind: 'hours' })).toEqual(['open', 'closed', 'holiday']);
  });
});

it('nodes come in the order of the exits; circles end and lost ones are last', () => {
  expect(inOrder(SAMPLE)).toEqual({ reached: ['open', 'language', 'support', 'closed'], lost: ['alone'] });
  expect(inOrder({ ...SAMPLE, start: 'nowhere' }).reached).toEqual([]);
});
