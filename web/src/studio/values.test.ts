import { describe, expect, it } from 'vitest';

import { KINDS } from './document';
import { FIELDS } from './fields';
import * as values from './values';

it.each([['30s', true], ['1m30s', true], ['1h 5m', true], ['500ms', true], ['0', true], ['-30s', false], ['30', false], ['', false], ['s', false], ['1s1m', false]])(
  '%j is a duration: %j',
  (written, is) => {
    expect(values.isDuration(written)).toBe(is);
  },
);

it('a credit may be negative', () => {
  expect(values.isDuration('-1m30s', true)).toBe(true);
  expect(values.isDuration('--1m', true)).toBe(false);
});

describe('a prompt', () => {
  it.each([
    ['Hello', { en: 'Hello' }],
    [{ en: 'Hello', zh: '您好' }, { en: 'Hello', zh: '您好' }],
    [{ en: { audio: 'a.wav', text: 'Hello' } }, { en: { audio: 'a.wav', text: 'Hello' } }],
    [{ en: { audio: 'a.wav' } }, { en: { audio: 'a.wav' } }],
    [{ en: '', zh: { text: '' } }, undefined],
    [7, undefined],
    [null, undefined],
  ])('%j is written as %j', (value, written) => {
    expect(values.writtenPrompt(values.promptOf(value, 'en'))).toEqual(written);
  });
});

describe('phrases', () => {
  it.each([
    ['refund', 'refund', ['refund']],
    [['refund', 'money back'], 'refund, money back', ['refund', 'money back']],
    [['退款', 12], '退款, 12', ['退款', '12']],
    [undefined, '', []],
    [[], '', []],
  ])('%j are typed as %j', (value, typed, written) => {
    expect(values.typedPhrases(value)).toBe(typed);
    expect(values.writtenPhrases(typed)).toEqual(written);
  });

  it('may be typed with any comma', () => {
    expect(values.writtenPhrases(' a， b、c ;; d')).toEqual(['a', 'b', 'c', 'd']);
    expect(values.writtenPhrases('x,'.repeat(99))).toHaveLength(50);
  });
});

it('what is asked of an agent is lines', () => {
  expect(values.demandLines('anyone')).toEqual({});
  expect(values.demandLines('spanish')).toEqual({ spanish: 1 });
  expect(values.demandLines({ spanish: 3 })).toEqual({ spanish: 3 });
  expect(values.demandLines([1])).toEqual({});
});

it('rows move and are renamed in their place', () => {
  expect(values.moved(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b']);
  expect(values.moved(['a', 'b'], 0, -1)).toEqual(['a', 'b']);
  expect(Object.keys(values.rekeyed({ a: 1, b: 2 }, 'a', 'c'))).toEqual(['c', 'b']);
  expect(values.rekeyed({ a: 1, b: 2 }, 'a', 'b')).toEqual({ a: 1, b: 2 });
});

it('the attributes of a flow are what its nodes write, and what everybody has', () => {
  const found = values.attributesOf({
    a: { kind: 'collect' },
    b: { kind: 'set', attributes: { care: 'x' } },
    c: { kind: 'look_up', take: { order: 'id' } },
  });
  expect(found.slice(0, 3)).toEqual(['answer', 'care', 'order']);
});

it('every kind of node has a form, and no field twice', () => {
  for (const kind of KINDS) {
    const names = FIELDS[kind].map((field) => field.name);
    expect([kind, new Set(names).size]).toEqual([kind, names.length]);
  }
});
