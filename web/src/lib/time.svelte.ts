/** Server time on this page: every timer ticks from it, so a wrong local clock shows right times. */

const TICK = 1000;

export interface Clock {
  /** Milliseconds UTC by the server's clock, ticking once a second. */
  readonly now: number;
  /** The same moment without waiting for the tick. */
  exact(): number;
  /** Take note of a server time (microseconds) that just arrived. */
  observe(atMicros: number): void;
  /** Forget earlier observations: a new connection may be to another machine. */
  reset(): void;
  start(): () => void;
}

/**
 * A message is never early, so the largest difference seen is the closest to the truth; the
 * smaller ones were delayed on the way.
 */
export function createClock(localNow: () => number = Date.now): Clock {
  let offset: number | undefined;
  let now = $state(localNow());
  const exact = () => localNow() + (offset ?? 0);
  return {
    get now() {
      return now;
    },
    exact,
    observe(atMicros) {
      const seen = atMicros / 1000 - localNow();
      if (offset === undefined || seen > offset) {
        offset = seen;
        now = exact();
      }
    },
    reset() {
      offset = undefined;
    },
    start() {
      const timer = setInterval(() => {
        now = exact();
      }, TICK);
      return () => clearInterval(timer);
    },
  };
}

const two = (value: number) => String(value).padStart(2, '0');

/** A duration in milliseconds as `m:ss`, from an hour on `h:mm:ss`; never negative. */
export function formatDuration(millis: number): string {
  const seconds = Math.max(0, Math.floor(millis / 1000));
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = two(seconds % 60);
  return hours ? `${hours}:${two(minutes)}:${rest}` : `${minutes}:${rest}`;
}

/** How long ago a server time (microseconds) was, as `m:ss`. */
export function elapsed(sinceMicros: number, nowMillis: number): string {
  return formatDuration(nowMillis - sinceMicros / 1000);
}

/** Whole seconds until a server time (microseconds), never negative. */
export function secondsLeft(untilMicros: number, nowMillis: number): number {
  return Math.max(0, Math.ceil((untilMicros / 1000 - nowMillis) / 1000));
}
