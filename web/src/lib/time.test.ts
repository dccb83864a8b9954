import { describe, expect, it } from 'vitest';

import { createClock, elapsed, formatDuration, secondsLeft } from './time.svelte';

describe('a duration', () => {
  it.each([
    [-5_000, '0:00'],
    [999, '0:00'],
    [61_000, '1:01'],
    [3_599_000, '59:59'],
    [3_600_000, '1:00:00'],
  ])('of %i ms reads %s', (millis, text) => {
    expect(formatDuration(millis)).toBe(text);
  });
});

describe('the server clock', () => {
  it('follows the least delayed message', () => {
    let local = 1_000;
    const clock = createClock(() => local);
    clock.observe(5_900_000);
    expect(clock.exact()).toBe(5_900);
    local = 2_000;
    clock.observe(7_000_000);
    clock.observe(6_500_000);
    expect(clock.exact()).toBe(7_000);
  });

  it('starts afresh after a reset', () => {
    const clock = createClock(() => 1_000);
    clock.observe(9_000_000);
    clock.reset();
    clock.observe(2_000_000);
    expect(clock.exact()).toBe(2_000);
  });
});

describe('time from the server', () => {
  it('is counted up and down in whole seconds', () => {
    expect(elapsed(1_000_000, 62_500)).toBe('1:01');
    expect(secondsLeft(10_000_000, 8_900)).toBe(2);
    expect(secondsLeft(10_000_000, 12_000)).toBe(0);
  });
});
