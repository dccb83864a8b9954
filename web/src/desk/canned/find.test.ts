import { describe, expect, it } from 'vitest';

import type { CannedReply } from '../../lib/protocol';
import { matching, type Place, slashBefore } from './find';

const reply = (id: string, changes: Partial<CannedReply> = {}): CannedReply => ({
  id, shortcut: id, label: id, text: `Text of ${id}`, queues: [], channels: [], language: '', ...changes,
});
const here: Place = { channel: 'chat', queue: 'help', language: 'es' };
const ids = (replies: CannedReply[], typed: string, place: Partial<Place> = {}) =>
  matching(replies, typed, { ...here, ...place }).map(({ id }) => id);

describe('a slash', () => {
  it.each([
    ['/', 1, { start: 0, end: 1, typed: '' }],
    ['/he', 3, { start: 0, end: 3, typed: 'he' }],
    ['Hi /he', 6, { start: 3, end: 6, typed: 'he' }],
    ['Hi\n/he', 6, { start: 3, end: 6, typed: 'he' }],
    ['/hello', 3, { start: 0, end: 3, typed: 'he' }],
    ['你好 /稍等', 6, { start: 3, end: 6, typed: '稍等' }],
  ])('begins a reply at the beginning of a word: %j', (text, cursor, slash) => {
    expect(slashBefore(text, cursor)).toEqual(slash);
  });

  it.each([
    ['and/or', 6],
    ['https://example.com/a', 21],
    ['//', 2],
    ['/he llo', 7],
    ['', 0],
    ['/he', 0],
    [`/${'x'.repeat(41)}`, 42],
    [`${'y'.repeat(50)}/${'x'.repeat(40)}`, 91],
  ])('is one of many elsewhere: %j', (text, cursor) => {
    expect(slashBefore(text, cursor)).toBeUndefined();
  });
});

describe('what is found', () => {
  it('is named by shortcut, label or the beginning of the text', () => {
    const all = [
      reply('other'),
      reply('inside', { label: 'Once refunded' }),
      reply('t', { text: 'Refunds take a week' }),
      reply('l', { label: 'Our refunds' }),
      reply('refund_late'),
      reply('refund'),
    ];
    expect(ids(all, 'refund')).toEqual(['refund', 'refund_late', 'inside', 'l', 't']);
    expect(ids(all, 'REFUND')).toEqual(ids(all, 'refund'));
    expect(ids(all, 'xyz')).toEqual([]);
  });

  it('is for this channel only', () => {
    const all = [reply('a', { channels: ['email'] }), reply('b', { channels: ['chat', 'email'] })];
    expect(ids(all, '')).toEqual(['b']);
    expect(ids(all, '', { channel: 'email' })).toEqual(['a', 'b']);
  });

  it('is best for the customer’s language and the queue first', () => {
    const all = [
      reply('en', { shortcut: 'hello', language: 'en' }),
      reply('any', { shortcut: 'hello' }),
      reply('es', { shortcut: 'hello', language: 'es-MX' }),
      reply('help', { shortcut: 'hello', queues: ['help'] }),
      reply('sales', { shortcut: 'hello', queues: ['sales'] }),
    ];
    expect(ids(all, 'hello')).toEqual(['es', 'help', 'any', 'en', 'sales']);
    expect(ids(all, 'hel').slice(0, 2)).toEqual(['es', 'help']);
    expect(ids(all, '', { language: '' }).slice(0, 2)).toEqual(['help', 'en']);
  });

  it('named exactly comes first, whatever its language', () => {
    const all = [reply('hi_there', { language: 'es' }), reply('hi', { language: 'en' })];
    expect(ids(all, 'hi')).toEqual(['hi', 'hi_there']);
  });

  it('is bounded', () => {
    expect(ids(Array.from({ length: 500 }, (_, n) => reply(`r${n}`)), '')).toHaveLength(50);
  });
});
