import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { preferences } from '../lib/preferences.svelte';
import type { Reply } from '../lib/protocol';
import { card, offer } from './samples';
import { desk } from './texts';
import { chosen, matchWord, reasonWord, refusal, who, whyYou } from './words';

beforeAll(() => desk.load('en'));
beforeEach(() => {
  preferences.language = 'en';
});

const refused = (code: string, reason: string): Reply => ({
  type: 'reply',
  n: 1,
  to: 'a',
  ok: false,
  code,
  reason,
});

describe('who it is', () => {
  it('is the customer, else their own name, else their address', () => {
    const customer = { id: 'c', name: 'Mei', tier: '', value: 0 };
    expect(who(card({ customer, attributes: { name: 'M' } }))).toBe('Mei');
    expect(who(card({ attributes: { name: 'M' } }))).toBe('M');
    expect(who(card())).toBe('+34911234567');
  });

  it('is never a technical handle', () => {
    expect(who(card({ address: 'visitor-8f2a' }))).toBe('Unknown customer');
  });
});

describe('a code', () => {
  it('without words of its own is made readable', () => {
    expect(reasonWord('break')).toBe('Break');
    expect(reasonWord('fire_drill')).toBe('fire drill');
  });
});

describe('a match', () => {
  it('says what was the same, without the address', () => {
    expect(matchWord('phone +34911234567')).toBe('same phone number');
    expect(matchWord('phone +34911 and email m@example.com')).toBe(
      'same phone number · same mail address',
    );
    expect(matchWord('name')).toBe('same name');
  });
});

describe('a refusal', () => {
  it("is the server's sentence in English and our own words elsewhere", () => {
    const reply = refused('not_yours', 'This contact is with Ben now.');
    expect(refusal(reply)).toBe('This contact is with Ben now.');
    preferences.language = 'zh';
    expect(refusal(reply)).toBe(desk.t('refused.not_yours'));
  });

  it('says something even for a code nobody knows', () => {
    preferences.language = 'zh';
    expect(refusal(refused('???', ''))).toBe(desk.t('refused.other'));
  });
});

describe('an offer', () => {
  it('says why it came to this agent', () => {
    const why = { ...offer().why, free_agents: 3, idle_for: 65_000_000 };
    expect(whyYou(why)).toBe('Longest idle · idle 1:05 · 3 were free');
    expect(whyYou({ ...why, reason: 'preferred' })).toBe('You know this customer');
  });

  it('shows what was chosen, without what stands elsewhere', () => {
    expect(chosen({ choice: 'order_status', name: 'Mei', empty: '' })).toEqual([
      ['choice', 'Topic', 'order status'],
    ]);
  });

  it('shows a choice in the words in which it was offered', () => {
    expect(chosen({ choice: '1', choice_label: 'Billing' })).toEqual([
      ['choice', 'Topic', 'Billing'],
    ]);
  });
});
