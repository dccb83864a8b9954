import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { ApiError } from '../lib/api';
import { Polled } from './polled.svelte';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('window', { setTimeout });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('asks again and again until it is stopped', async () => {
  let count = 0;
  const polled = new Polled<number>(1_000);
  const stop = polled.follow(() => Promise.resolve(++count));
  await vi.advanceTimersByTimeAsync(2_500);
  expect(polled.value).toBe(3);
  stop();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(count).toBe(3);
});

it('keeps what it knew when an attempt fails, and says so until the next one works', async () => {
  const answers = [
    () => Promise.resolve(1),
    () => Promise.reject(new ApiError(503, 'busy', 'Try again.')),
    () => Promise.resolve(2),
  ];
  const polled = new Polled<number>(1_000);
  const stop = polled.follow(() => (answers.shift() ?? (() => Promise.resolve(2)))());
  await vi.advanceTimersByTimeAsync(1_500);
  expect([polled.value, polled.problem]).toEqual([1, 'Try again.']);
  await vi.advanceTimersByTimeAsync(1_000);
  expect([polled.value, polled.problem]).toEqual([2, '']);
  stop();
});

it('does not show a late answer to an earlier question', async () => {
  const polled = new Polled<string>(60_000);
  let late: (value: string) => void = () => undefined;
  polled.follow(() => new Promise<string>((resolve) => (late = resolve)));
  const stop = polled.follow(() => Promise.resolve('second'));
  await vi.advanceTimersByTimeAsync(1);
  late('first');
  await vi.advanceTimersByTimeAsync(1);
  expect(polled.value).toBe('second');
  stop();
});
