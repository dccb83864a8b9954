import { beforeEach, describe, expect, it } from 'vitest';

import type { Reason } from '../lib/protocol';
import { preferences } from '../lib/preferences.svelte';
import { reasonSentence, remedy } from './reasons';
import { board } from './texts';

const NOW = 1_000_000;
const LABELS: Record<string, string> = { es: 'Spanish' };
const wording = { now: NOW, skillLabel: (skill: string) => LABELS[skill] ?? skill };
const say = (code: string, values: Reason['values'] = {}) =>
  reasonSentence({ code, values }, wording);
const micros = (millis: number) => millis * 1000;

async function speak(language: 'en' | 'zh') {
  preferences.language = language;
  await board.load(language);
}

beforeEach(() => speak('en'));

describe('a reason', () => {
  it('names who is not free and what is asked for', () => {
    const values = { of: 9, busy: 7, wrapping: 1, not_ready: 1, asks_for: 'es >= 3 and it >= 2' };
    expect(say('nobody_free', values)).toBe(
      '0 of 9 who could take it are free: 7 busy, 1 in wrap-up, 1 not ready. It asks for Spanish ≥ 3 and it ≥ 2.',
    );
  });

  it('tells those who cannot be reached from those who pause', () => {
    const values = { of: 9, busy: 6, wrapping: 1, not_ready: 1, unreachable: 1, asks_for: 'anyone' };
    expect(say('nobody_free', values)).toBe(
      '0 of 9 who could take it are free: 6 busy, 1 in wrap-up, 1 not ready, 1 cannot be reached. It asks for anyone.',
    );
    expect(say('nobody_reachable', { of: 3, unreachable: 2, not_ready: 1, asks_for: 'anyone' })).toBe(
      'None of the 3 who could take it is there: 2 cannot be reached, the others are not ready. It asks for anyone.',
    );
  });

  it('counts down to the next step', () => {
    const values = { at: micros(NOW + 35_000), more: 2, step: 2, asks_for: 'es >= 1' };
    expect(say('step_widens_in', values)).toBe(
      '2 more could take it in 0:35 (step 2: Spanish ≥ 1).',
    );
  });

  it('says a wait and a head start', () => {
    const since = micros(NOW - 192_000);
    expect(say('longest_waits', { customer: 'Mei', since, credit: 0 })).toBe('Longest: Mei, 3:12.');
    expect(say('longest_waits', { customer: '', since, credit: micros(90_000) })).toBe(
      'Longest: Unknown customer, 3:12, with a head start of 1:30.',
    );
  });

  it('compares with the promise', () => {
    const values = { service_percent: 61, target_percent: 80, span: 'now' };
    expect(say('below_target', values)).toBe(
      '61% answered in time in the last 30 minutes; the target is 80%.',
    );
  });

  it('that is new to the page is shown by its code, not hidden', () => {
    expect(say('moon_is_full')).toBe('moon is full');
  });

  it('is worded in Chinese', async () => {
    await speak('zh');
    expect(say('nobody_signed_in', { asks_for: 'es >= 3 or anyone' })).toBe(
      '已登录的人都不能接。要求：Spanish ≥ 3 或 任何人。',
    );
  });
});

describe('what helps', () => {
  it('is lending the missing level', () => {
    const values = { agent: 'ben', name: 'Ben', skill: 'es', has: 2, needs: 3 };
    expect(remedy({ code: 'lendable', values })).toEqual({ kind: 'lend', ...values });
  });

  it('is looking at who waits longest', () => {
    const found = remedy({ code: 'longest_waits', values: { contact: 'c1' } });
    expect(found).toEqual({ kind: 'show', contact: 'c1' });
  });

  it('is nothing for a mere fact', () => {
    expect(remedy({ code: 'late', values: {} })).toBeUndefined();
  });
});
