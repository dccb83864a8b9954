import { afterEach, beforeAll, beforeEach, describe, expect, it, type Mock, vi } from 'vitest';

import { ApiError } from '../../lib/api';
import { preferences } from '../../lib/preferences.svelte';
import type { Calls, Continuation, Letter } from './api';
import { reasonOf } from './failures';
import { LetterBox } from './letter.svelte';
import { words } from './texts';

const letter = (changes: Partial<Letter> = {}): Letter => ({
  id: 're-1',
  to: ['maria@example.org'],
  subject: 'Your chat',
  at: 1,
  state: 'held',
  due: 10_000_000,
  reason: '',
  agent: 'ann',
  ...changes,
});

const offer = (changes: Partial<Continuation> = {}): Continuation => ({
  sender: 'help@example.com',
  to: ['maria@example.org'],
  subject: 'Your chat',
  letters: [],
  ...changes,
});

/** A box, what it asked, and what it keeps its words in. */
interface Mocked {
  show: Mock<Calls['show']>;
  write: Mock<Calls['write']>;
  takeBack: Mock<Calls['takeBack']>;
}

async function boxOf(given: Partial<Mocked> = {}, offered = offer()) {
  const kept = { text: 'Hello' };
  const calls: Mocked = {
    show: vi.fn<Calls['show']>(() => Promise.resolve(offered)),
    write: vi.fn<Calls['write']>(() => Promise.resolve(letter())),
    takeBack: vi.fn<Calls['takeBack']>(() => Promise.resolve({ taken_back: true })),
    ...given,
  };
  const text = { get: () => kept.text, set: (words: string) => void (kept.text = words) };
  const box = new LetterBox('k1', 'ann', text, () => 0, calls);
  await box.load();
  return { box, calls, kept };
}

beforeAll(() => words.load('en'));

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('window', globalThis);
});

afterEach(() => {
  preferences.language = 'en';
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a chat that goes on by mail', () => {
  it('is offered where there is a mailbox and an address', async () => {
    expect((await boxOf()).box.possible).toBe(true);
    expect((await boxOf({}, offer({ sender: '' }))).box.possible).toBe(false);
    expect((await boxOf({}, offer({ to: [] }))).box.possible).toBe(false);
  });

  it('sends what was written and empties the editor', async () => {
    const { box, calls, kept } = await boxOf();
    box.open();
    expect((await box.send())?.id).toBe('re-1');
    expect(calls.write.mock.calls[0]?.[1]).toEqual({ to: 'maria@example.org', subject: 'Your chat', text: 'Hello' });
    expect([kept.text, box.writing, box.letters.length]).toEqual(['', false, 1]);
  });

  it('sends nothing that is empty', async () => {
    const { box, calls, kept } = await boxOf();
    kept.text = ' \n';
    await box.send();
    expect([box.problem, calls.write.mock.calls.length]).toEqual(['bad.empty', 0]);
  });

  it('keeps the words when the line is down, and sends the same once more under the same key', async () => {
    const write = vi.fn<Calls['write']>(() => Promise.reject(new ApiError(0, 'network', 'x')));
    const { box, kept } = await boxOf({ write });
    await box.send();
    expect([box.problem, box.reason, kept.text]).toEqual(['failed.send', words.t('failed.send.offline'), 'Hello']);
    await box.send();
    kept.text = 'Hello again';
    await box.send();
    const keys = write.mock.calls.map(([, , key]) => key);
    expect(keys[0]).toBe(keys[1]);
    expect(keys[2]).not.toBe(keys[0]);
  });

  it('finds a letter that arrived though nobody heard so', async () => {
    const { box, calls, kept } = await boxOf({
      write: vi.fn<Calls['write']>(() => Promise.reject(new ApiError(502, 'http_502', 'x'))),
    });
    calls.show.mockResolvedValue(offer({ letters: [letter()] }));
    expect((await box.send())?.id).toBe('re-1');
    expect([kept.text, box.problem]).toEqual(['', '']);
  });

  it('says why the server refused', async () => {
    const refused = new ApiError(422, 'mail_unusable', 'That is our own address: write yours.');
    const { box } = await boxOf({ write: vi.fn<Calls['write']>(() => Promise.reject(refused)) });
    await box.send();
    expect([box.problem, box.reason]).toEqual(['failed.send', 'That is our own address: write yours.']);
  });

  it.each([
    ['mail_unusable', 422, 'failed.code.mail_unusable'],
    ['not_kept', 503, 'failed.code.not_kept'],
    ['unheard_of', 418, 'failed.send'],
  ] as const)('says %s in the language of the page', async (code, status, key) => {
    preferences.language = 'zh';
    await words.load('zh');
    const refused = new ApiError(status, code, 'An English sentence.');
    const { box } = await boxOf({ write: vi.fn<Calls['write']>(() => Promise.reject(refused)) });
    await box.send();
    expect(box.reason).toBe(words.t(key));
    expect(box.reason).toMatch(/[\u4e00-\u9fff]/);
    expect(reasonOf('550 no such user')).toBe('');
  });

  it('asks again by itself when the server could not say whether it is possible, until it is left', async () => {
    const show = vi.fn<Calls['show']>(() => Promise.reject(new ApiError(0, 'network', 'x')));
    const { box } = await boxOf({ show });
    expect([box.problem, box.possible]).toEqual(['failed.load', false]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(show).toHaveBeenCalledTimes(2);
    let answer: (found: Continuation) => void = () => undefined;
    show.mockImplementation(() => new Promise((resolve) => (answer = resolve)));
    await vi.advanceTimersByTimeAsync(4_000);
    expect([show.mock.calls.length, box.retrying]).toEqual([3, true]);
    answer(offer());
    await vi.advanceTimersByTimeAsync(0);
    expect([box.problem, box.possible, box.retrying]).toEqual(['', true, false]);
    show.mockRejectedValue(new ApiError(503, 'x', 'x'));
    await box.load();
    box.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(show).toHaveBeenCalledTimes(4);
  });

  it('does not ask again about a chat that is no longer here', async () => {
    const show = vi.fn<Calls['show']>(() => Promise.reject(new ApiError(403, 'not_yours', 'x')));
    const { box } = await boxOf({ show });
    await vi.advanceTimersByTimeAsync(60_000);
    expect([box.problem, show.mock.calls.length]).toEqual(['', 1]);
  });

  it('brings the words back in front of newer ones when it is taken back', async () => {
    const { box, kept } = await boxOf();
    kept.text = 'newer';
    expect(await box.undo(letter(), 'older')).toBe(true);
    expect([kept.text, box.writing]).toEqual(['older\nnewer', true]);
  });

  it('says so when it had left', async () => {
    const { box } = await boxOf({
      takeBack: vi.fn<Calls['takeBack']>(() => Promise.resolve({ taken_back: false })),
    });
    expect(await box.undo(letter(), 'x')).toBe(false);
    expect(box.problem).toBe('failed.undo');
  });

  it('looks how far a letter is until it has left, and then no more', async () => {
    const { box, calls } = await boxOf({}, offer({ letters: [letter()] }));
    calls.show.mockResolvedValue(offer({ letters: [letter({ state: 'sent' })] }));
    await vi.advanceTimersByTimeAsync(11_000);
    expect([box.letters[0]?.state, calls.show.mock.calls.length]).toEqual(['sent', 2]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(calls.show).toHaveBeenCalledTimes(2);
  });

  it('shows neither what was taken back nor what colleagues wrote', async () => {
    const letters = [letter({ state: 'undone' }), letter({ id: 're-2', agent: 'ben' })];
    expect((await boxOf({}, offer({ letters }))).box.letters).toEqual([]);
  });
});
