/** What browsers count about a call. Pure. */

/** One look at the counters. Undefined: this browser, or the other side, does not say. */
export interface Reading {
  /** Milliseconds. */
  at: number;
  /** Packets since the call began. */
  received: number;
  lost: number;
  /** Seconds. */
  jitter: number;
  roundTrip: number | undefined;
  /** Share (0-1) of our packets that did not arrive, as the other side says. */
  lostThere: number | undefined;
  /** All sound energy of the microphone since the call began. */
  spoken: number | undefined;
}

interface Stat {
  type?: unknown;
  kind?: unknown;
  [name: string]: unknown;
}

const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;

/** One look at what `getStats` gives; nothing in it is trusted to be there or to be a number. */
export function reading(report: Iterable<unknown>, at: number): Reading {
  const stats = [...report].filter((one): one is Stat => typeof one === 'object' && one !== null);
  const audio = (type: string) =>
    stats.find((one) => one.type === type && (one.kind ?? 'audio') === 'audio') ?? {};
  const pair = stats.find((one) => one.type === 'candidate-pair' && one['nominated'] === true) ?? {};
  const [here, there] = [audio('inbound-rtp'), audio('remote-inbound-rtp')];
  return {
    at,
    received: number(here['packetsReceived']) ?? 0,
    lost: number(here['packetsLost']) ?? 0,
    jitter: number(here['jitter']) ?? 0,
    roundTrip: number(there['roundTripTime']) ?? number(pair['currentRoundTripTime']),
    lostThere: number(there['fractionLost']),
    spoken: number(audio('media-source')['totalAudioEnergy']),
  };
}
