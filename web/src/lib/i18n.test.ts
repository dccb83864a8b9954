import { describe, expect, it } from 'vitest';

import { fill, formatAgo } from './i18n.svelte';

describe('a text', () => {
  it('gets its values, numbers in the way of the language', () => {
    expect(fill('{who} waits {count}', { who: 'Ann', count: 1200 }, 'en')).toBe('Ann waits 1,200');
  });

  it('keeps a place nobody filled, so that the mistake shows', () => {
    expect(fill('{who}', {}, 'en')).toBe('{who}');
  });

  it('does not fill places inside values', () => {
    expect(fill('{a} {b}', { a: '{b}', b: 'x' }, 'en')).toBe('{b} x');
  });

  it('takes the plural of its language', () => {
    const text = { one: '{count} day', other: '{count} days' };
    expect(fill(text, { count: 1 }, 'en')).toBe('1 day');
    expect(fill(text, { count: 2 }, 'en')).toBe('2 days');
    expect(fill({ other: '{count} 天' }, { count: 1 }, 'zh')).toBe('1 天');
  });
});

describe('how long ago', () => {
  const now = Date.UTC(2026, 0, 31);
  const day = 86_400_000;

  it.each([
    [0, 'this minute'],
    [day, 'yesterday'],
    [9 * day, '9 days ago'],
    [65 * day, '2 months ago'],
    [800 * day, '2 years ago'],
  ])('%i ms reads %s', (millis, text) => {
    expect(formatAgo((now - millis) * 1000, now)).toBe(text);
  });
});
