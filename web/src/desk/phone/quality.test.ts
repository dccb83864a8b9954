import { describe, expect, it } from 'vitest';

import { lookedAt } from './fakes';
import { judge, kept, LOOK_EVERY, WINDOW } from './quality';
import { type Reading, reading } from './reading';

/** Looks as a call gives them; each differs from a perfect one by what is given. */
function looks(...differences: Partial<Reading>[]): Reading[] {
  return differences.map((more, index) => lookedAt(index * LOOK_EVERY, more));
}

describe('a call', () => {
  it('is not judged by one look', () => {
    expect(judge([])).toBeUndefined();
    expect(judge(looks({}))).toBeUndefined();
  });

  it('without faults is good', () => {
    const quality = judge(looks({}, {}));
    expect(quality).toMatchObject({ grade: 'good', loss: 0, jitter: 0, silent: false });
    expect(quality?.roundTrip).toBeUndefined();
  });

  it.each([
    ['good', { roundTrip: 0.3 }],
    ['fair', { roundTrip: 0.301 }],
    ['poor', { roundTrip: 0.801 }],
    ['good', { jitter: 0.03 }],
    ['fair', { jitter: 0.06 }],
    ['poor', { jitter: 0.061 }],
    ['good', { lostThere: 0.01 }],
    ['fair', { lostThere: 0.05 }],
    ['poor', { lostThere: 0.06 }],
    ['good', { lost: 1 }],
    ['fair', { lost: 4 }],
    ['poor', { lost: 20 }],
  ])('is %s with %o', (grade, fault) => {
    expect(judge(looks({}, fault))?.grade).toBe(grade);
  });

  it('is as good as its worst side', () => {
    expect(judge(looks({}, { roundTrip: 0.5, jitter: 0.2 }))?.grade).toBe('poor');
  });

  it('forgets what was long ago', () => {
    const bad = looks({}, { lost: 50 }, ...Array.from({ length: WINDOW }, () => ({ lost: 50 })));
    expect(judge(bad)?.grade).toBe('good');
  });

  it('counts late packets that come after all for nothing', () => {
    expect(judge(looks({ lost: 5 }, { lost: 3 }))?.loss).toBe(0);
  });
});

describe('silence', () => {
  const stuck = { received: 100 };

  it('is told when nothing has arrived for some seconds', () => {
    expect(judge(looks(stuck, stuck, stuck, stuck))).toMatchObject({ silent: true, grade: 'poor' });
  });

  it('is not told at once', () => {
    expect(judge(looks(stuck, stuck))?.silent).toBe(false);
  });

  it('of the microphone is told when it gave nothing since the call began', () => {
    const mute = Array.from({ length: 9 }, () => ({ spoken: 0 }));
    expect(judge(looks(...mute))?.unheard).toBe(true);
    expect(judge(looks(...mute.slice(0, 7)))?.unheard).toBe(false);
    expect(judge(looks(...mute, { spoken: 0.01 }))?.unheard).toBe(false);
  });

  it('of the microphone is not told by browsers that do not measure it', () => {
    expect(judge(looks(...Array.from({ length: 9 }, () => ({}))))?.unheard).toBe(false);
  });
});

describe('what is kept', () => {
  it('is bounded, and the first look stays', () => {
    let all: Reading[] = [];
    for (let at = 0; at < 100; at += 1) all = kept([...all, lookedAt(at)]);
    expect(all).toHaveLength(WINDOW + 1);
    expect(all[0]?.at).toBe(0);
    expect(all.at(-1)?.at).toBe(99);
  });
});

describe("a browser's counters", () => {
  it('are found by their kind', () => {
    const report = [
      { type: 'inbound-rtp', kind: 'video', packetsReceived: 1 },
      { type: 'inbound-rtp', kind: 'audio', packetsReceived: 50, packetsLost: 2, jitter: 0.004 },
      { type: 'remote-inbound-rtp', kind: 'audio', roundTripTime: 0.04, fractionLost: 0.1 },
      { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.09 },
      { type: 'media-source', kind: 'audio', totalAudioEnergy: 0.5 },
    ];
    expect(reading(report, 7)).toEqual({
      at: 7,
      received: 50,
      lost: 2,
      jitter: 0.004,
      roundTrip: 0.04,
      lostThere: 0.1,
      spoken: 0.5,
    });
  });

  it('give the round trip of the connection when the other side reports none', () => {
    const pair = { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.09 };
    expect(reading([pair], 0).roundTrip).toBe(0.09);
  });

  it.each([
    [[]],
    [[null, 7, 'x', []]],
    [[{ type: 'inbound-rtp', packetsReceived: 'many', packetsLost: -3, jitter: NaN }]],
    [[{ type: 'inbound-rtp', packetsReceived: Infinity, packetsLost: null, jitter: {} }]],
  ])('may be missing or nonsense: %o', (report) => {
    expect(reading(report, 0)).toMatchObject({ received: 0, lost: 0, jitter: 0 });
    expect(judge([reading(report, 0), reading(report, LOOK_EVERY)])?.loss).toBe(0);
  });
});
