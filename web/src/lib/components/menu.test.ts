import { describe, expect, it } from 'vitest';

import { narrow, type Option, typeahead, wrap } from './menu';

const options: Option[] = [
  { id: 'break', label: 'Break' },
  { id: 'lunch', label: 'Lunch' },
  { id: 'ben', label: 'Ben Ode', hint: 'Billing · Ready' },
];

describe('typing in a menu', () => {
  it('moves to the next option that starts with the letter', () => {
    expect(typeahead(options, 'b', 0)).toBe(2);
    expect(typeahead(options, 'b', 2)).toBe(0);
    expect(typeahead(options, 'x', 0)).toBe(-1);
  });

  it('stays on an option that still fits more letters', () => {
    expect(typeahead(options, 'br', 0)).toBe(0);
  });
});

describe('typing in a picker', () => {
  const ids = (text: string) => narrow(options, text).map((option) => option.id);

  it('keeps options with every word, also from the hint', () => {
    expect(ids('ready ben')).toEqual(['ben']);
    expect(ids('  ')).toHaveLength(3);
    expect(ids('zzz')).toEqual([]);
  });
});

describe('a cursor', () => {
  it('goes around the ends and nowhere in an empty list', () => {
    expect([wrap(3, 3), wrap(-1, 3), wrap(0, 0)]).toEqual([0, 2, -1]);
  });
});
