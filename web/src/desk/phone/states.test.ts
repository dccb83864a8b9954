import { describe, expect, it } from 'vitest';

import { after, CALLS, LINES, shown } from './states';

describe('the tables', () => {
  it.each(Object.entries({ LINES, CALLS }))('%s lead to states they have', (_name, table) => {
    for (const moves of Object.values(table)) {
      for (const next of Object.values(moves)) expect(Object.keys(table)).toContain(next);
    }
  });

  it('let every line be stopped, and every call end', () => {
    for (const [state, moves] of Object.entries(LINES)) {
      if (state !== 'off') expect(moves.stop).toBe('off');
    }
    for (const [state, moves] of Object.entries(CALLS)) {
      if (state !== 'none') expect(moves.ended).toBe('none');
    }
  });

  it('have no answer without a call, and no second call', () => {
    expect(after(CALLS, 'none', 'answer')).toBeUndefined();
    expect(after(CALLS, 'talking', 'invited')).toBeUndefined();
  });
});

describe('what is shown', () => {
  it('is the line while there is no call', () => {
    expect(shown('registered', 'none', true)).toBe('registered');
  });

  it('is the call even when the line is down', () => {
    expect(shown('connecting', 'talking', false)).toBe('talking');
  });

  it('is held when the desk holds the contact', () => {
    expect(shown('registered', 'talking', true)).toBe('held');
    expect(shown('registered', 'ringing', true)).toBe('ringing');
  });
});
