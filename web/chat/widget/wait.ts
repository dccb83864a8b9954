/**
 * The wait as a customer should hear it: a range that counts down, is never negative, and grows
 * only when the server has reason to say so. Microseconds, except where a name says minutes.
 */

import type { ChatStatus } from './protocol';

const MINUTE = 60_000_000;

export interface ShownWait {
  readonly position: number;
  readonly low: number;
  readonly high: number;
  /** What the server said last; saying the same again is no news. */
  readonly said: readonly [number, number];
  /** When `low` and `high` held, on the visitor's clock. */
  readonly at: number;
}

export type WaitWords =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'longer' }
  | { readonly kind: 'soon' }
  | { readonly kind: 'upTo'; readonly high: number }
  | { readonly kind: 'about'; readonly low: number }
  | { readonly kind: 'range'; readonly low: number; readonly high: number };

/** What to show after `status` arrived at `at`, given what was shown before. */
export function nextWait(
  before: ShownWait | null,
  status: ChatStatus,
  at: number,
): ShownWait | null {
  if (status.state !== 'waiting' || status.waitHigh === null) return null;
  const high = status.waitHigh;
  const low = Math.min(status.waitLow ?? 0, high);
  const fresh: ShownWait = { position: status.position, low, high, said: [low, high], at };
  if (!before || status.position > before.position) return fresh;
  if (before.said[0] === low && before.said[1] === high) {
    return { ...before, position: status.position };
  }
  const left = remaining(before, at);
  const jitter = high > left.high && high - left.high < MINUTE && left.high > 0;
  if (!jitter) return fresh;
  return { ...fresh, low: Math.min(low, left.low), high: left.high };
}

function remaining(wait: ShownWait, at: number): { low: number; high: number } {
  const passed = Math.max(0, at - wait.at);
  return { low: Math.max(0, wait.low - passed), high: Math.max(0, wait.high - passed) };
}

/** `wait` at `at`, in whole minutes: the low end rounded down, the high end rounded up. */
export function inWords(wait: ShownWait | null, at: number): WaitWords {
  if (!wait) return { kind: 'unknown' };
  const left = remaining(wait, at);
  if (left.high === 0) return wait.high === 0 ? { kind: 'soon' } : { kind: 'longer' };
  const low = Math.floor(left.low / MINUTE);
  const high = Math.ceil(left.high / MINUTE);
  if (high <= 1) return { kind: 'soon' };
  if (low < 1) return { kind: 'upTo', high };
  return low === high ? { kind: 'about', low } : { kind: 'range', low, high };
}
