/** How good a call sounds. Pure. */
import type { Reading } from './reading';

export type Grade = 'good' | 'fair' | 'poor';

export interface Quality {
  grade: Grade;
  /** Milliseconds; undefined when nobody knows. */
  roundTrip: number | undefined;
  /** Share, 0-1. */
  loss: number;
  /** Milliseconds. */
  jitter: number;
  /** Nothing has arrived for some seconds. */
  silent: boolean;
  /** The microphone has given no sound at all since the call began. */
  unheard: boolean;
}

/** Looks are this many milliseconds apart, and the last few are judged together. */
export const LOOK_EVERY = 2_000;
export const WINDOW = 5;
const SILENT_AFTER = 5_000;
const UNHEARD_AFTER = 15_000;
const NO_ENERGY = 1e-7;

/**
 * Upper bounds of what is good and what is fair. ITU-T G.114: a round trip under 300 ms is not
 * noticed, over 800 ms people talk over each other. Loss over 1 % is heard, over 5 % words go
 * missing; jitter beyond what usual buffers hold (30 and 60 ms) becomes loss.
 */
const BOUNDS = { roundTrip: [300, 800], loss: [0.01, 0.05], jitter: [30, 60] } as const;

function grade(value: number, [good, fair]: readonly [number, number]): Grade {
  return value <= good ? 'good' : value <= fair ? 'fair' : 'poor';
}

const ORDER: Grade[] = ['good', 'fair', 'poor'];
const worst = (grades: Grade[]): Grade =>
  ORDER[Math.max(...grades.map((one) => ORDER.indexOf(one)))] ?? 'poor';

/** `readings` are of one call, oldest first; undefined until there are two. */
export function judge(readings: Reading[]): Quality | undefined {
  const last = readings.at(-1);
  const first = readings.at(-WINDOW) ?? readings[0];
  if (!last || !first || first === last) return undefined;
  const arrived = last.received - first.received;
  const missing = Math.max(0, last.lost - first.lost);
  const lostHere = missing + arrived > 0 ? missing / (missing + Math.max(0, arrived)) : 0;
  const loss = Math.min(1, Math.max(lostHere, last.lostThere ?? 0));
  const jitter = last.jitter * 1000;
  const roundTrip = last.roundTrip === undefined ? undefined : last.roundTrip * 1000;
  const silent = isSilent(readings, last);
  const grades = [
    grade(loss, BOUNDS.loss),
    grade(jitter, BOUNDS.jitter),
    grade(roundTrip ?? 0, BOUNDS.roundTrip),
  ];
  return {
    grade: silent ? 'poor' : worst(grades),
    roundTrip,
    loss,
    jitter,
    silent,
    unheard: isUnheard(readings, last),
  };
}

function isSilent(readings: Reading[], last: Reading): boolean {
  const before = readings.findLast((one) => last.at - one.at >= SILENT_AFTER);
  return before !== undefined && before.received >= last.received;
}

function isUnheard([first]: Reading[], last: Reading): boolean {
  const long = first !== undefined && last.at - first.at >= UNHEARD_AFTER;
  return long && last.spoken !== undefined && last.spoken <= NO_ENERGY;
}

/** The readings worth keeping: the first, which says since when, and those in the window. */
export function kept(readings: Reading[]): Reading[] {
  const [first] = readings;
  return first && readings.length > WINDOW ? [first, ...readings.slice(-WINDOW)] : readings;
}
