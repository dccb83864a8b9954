import { describe, expect, it } from 'vitest';

import type { ChatStatus } from './protocol';
import { inWords, nextWait, type ShownWait } from './wait';

const MINUTE = 60_000_000;

function waiting(position: number, low: number | null, high: number | null): ChatStatus {
  const wait = (minutes: number | null) => (minutes === null ? null : minutes * MINUTE);
  return {
    state: 'waiting',
    position,
    waitLow: wait(low),
    waitHigh: wait(high),
    agentName: '',
    text: '',
  };
}

function after(...said: [ChatStatus, number][]): ShownWait | null {
  return said.reduce<ShownWait | null>(
    (before, [status, minute]) => nextWait(before, status, minute * MINUTE),
    null,
  );
}

describe('the shown wait', () => {
  it('is a range of whole minutes', () => {
    const wait = after([waiting(3, 1.5, 3.2), 0]);
    expect(inWords(wait, 0)).toEqual({ kind: 'range', low: 1, high: 4 });
  });

  it('says nothing when nothing is known', () => {
    expect(inWords(after([waiting(3, null, null), 0]), 0)).toEqual({ kind: 'unknown' });
  });

  it('has no lower end under a minute', () => {
    expect(inWords(after([waiting(3, 0.4, 2.5), 0]), 0)).toEqual({ kind: 'upTo', high: 3 });
  });

  it('counts down on its own', () => {
    const wait = after([waiting(3, 2, 5), 0]);
    expect(inWords(wait, 1 * MINUTE)).toEqual({ kind: 'range', low: 1, high: 4 });
  });

  it('is never negative: past its end it owns up', () => {
    expect(inWords(after([waiting(3, 2, 5), 0]), 9 * MINUTE)).toEqual({ kind: 'longer' });
  });

  it('does not start over when the server repeats itself', () => {
    const wait = after([waiting(3, 2, 5), 0], [waiting(3, 2, 5), 2]);
    expect(inWords(wait, 2 * MINUTE)).toEqual({ kind: 'upTo', high: 3 });
  });

  it('does not grow by a jitter of less than a minute', () => {
    const wait = after([waiting(3, 2, 4), 0], [waiting(3, 2, 4.5), 0]);
    expect(inWords(wait, 0)).toEqual({ kind: 'range', low: 2, high: 4 });
  });

  it('grows when the server has a reason', () => {
    const worse = after([waiting(3, 2, 4), 0], [waiting(3, 6, 9), 1]);
    expect(inWords(worse, 1 * MINUTE)).toEqual({ kind: 'range', low: 6, high: 9 });
    const overtaken = after([waiting(3, 2, 4), 0], [waiting(4, 2.5, 4.5), 0]);
    expect(inWords(overtaken, 0)).toEqual({ kind: 'range', low: 2, high: 5 });
  });

  it('never has a low end above its high end', () => {
    expect(inWords(after([waiting(1, 9, 3), 0]), 0)).toEqual({ kind: 'about', low: 3 });
  });

  it('is gone once the wait is over', () => {
    const talking: ChatStatus = { ...waiting(0, null, null), state: 'talking' };
    expect(after([waiting(1, 1, 2), 0], [talking, 1])).toBeNull();
  });
});
