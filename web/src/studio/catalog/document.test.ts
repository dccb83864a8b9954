import { describe, expect, it } from 'vitest';

import { at, begins, done, type Edit, joined, written } from './document';
import { DOCUMENT } from './sample';

describe('a change', () => {
  it('is made at its place and leaves everything else the same object', () => {
    const next = done(DOCUMENT, { path: ['queues', 'help', 'label'], value: 'Hilfe' });
    expect(at(next, ['queues', 'help', 'label'])).toBe('Hilfe');
    expect(next['agents']).toBe(DOCUMENT['agents']);
    expect(at(DOCUMENT, ['queues', 'help', 'label'])).toBe('Help');
  });

  it('makes the lines that are missing on its way', () => {
    expect(done({}, { path: ['credits', 'tiers', 'gold'], value: '90s' })).toEqual({ credits: { tiers: { gold: '90s' } } });
    expect(at(done(DOCUMENT, { path: ['queues', 'later', 'label'], value: 'Later' }), ['queues', 'later'])).toEqual({ label: 'Later' });
  });

  it('appends to a list, and removes from it', () => {
    const more = done(DOCUMENT, { path: ['queues', 'help', 'steps', 2], value: { ask: 'anyone' } });
    expect(at(more, ['queues', 'help', 'steps', 2, 'ask'])).toBe('anyone');
    expect(at(done(more, { path: ['queues', 'help', 'steps', 0], remove: true }), ['queues', 'help', 'steps', 0, 'ask'])).toBe('spanish');
  });

  it('gives a line another name in its place', () => {
    const next = done(DOCUMENT, { path: ['queues', 'help'], rename: 'hilfe' });
    expect(Object.keys(next['queues'] as object)).toEqual(['hilfe', 'later']);
  });

  it('that has no place changes nothing', () => {
    for (const path of [['queues', 'help', 'label', 'deeper'], ['queues', 'help', 'steps', 9], ['nothing', 'there']]) {
      expect(done(DOCUMENT, { path, remove: true })).toEqual(DOCUMENT);
    }
  });
});

it('finds nothing on the way of inherited names', () => {
  expect(at(DOCUMENT, ['constructor'])).toBeUndefined();
});

it('writes numbers and flags as the text has them', () => {
  expect(written({ a: 3, b: true, c: null, d: undefined, e: ['x', 0.5] })).toEqual({ a: '3', b: 'true', c: null, e: ['x', '0.5'] });
});

describe('changes one after the other', () => {
  const type = (value: string): Edit => ({ path: ['queues', 'help', 'label'], value });

  it('in one field are one change', () => {
    expect(joined(joined([], type('H')), type('He'))).toEqual([type('He')]);
  });

  it('are kept apart when something else came between', () => {
    const between: Edit = { path: ['queues', 'help'], rename: 'hilfe' };
    expect([type('H'), between, type('He')].reduce<Edit[]>(joined, [])).toHaveLength(3);
  });
});

it('knows what is inside of what', () => {
  expect(begins(['a', 0, 'b'], ['a', 0])).toBe(true);
  expect(begins(['a'], ['a', 0])).toBe(false);
});
