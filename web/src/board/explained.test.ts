import { beforeEach, describe, expect, it } from 'vitest';

import { common } from '../lib/common';
import { preferences } from '../lib/preferences.svelte';
import type { Explanation } from './api';
import { comingWords, creditWords, demands, listed, people, standing, type Telling } from './explained';
import { doer, lineWords } from './timeline';
import { board } from './texts';

const NOW = 1_000_000;
const S = 1_000_000;
const telling: Telling = {
  now: NOW,
  skillLabel: (skill) => (skill === 'es' ? 'Spanish' : skill),
  queueLabel: () => 'Billing',
  agentName: (agent) => agent.toUpperCase(),
};
const WHY: Explanation = {
  contact: 'c',
  state: 'queued',
  queue: 'billing',
  customer: null,
  called: '',
  arrived_at: 0,
  queued_at: (NOW - 80_000) * 1000,
  waiting_since: 0,
  credit: [{ source: 'tier gold', credit: 90 * S }],
  asks_for: 'es >= 3',
  step: 1,
  steps: 2,
  kept_for: ['ann'],
  estimate: { position: 2, low: 30 * S, high: 90 * S },
  ahead: [{ contact: 'd', customer: 'Mei', waiting_since: 0 }],
  can_take: 1,
  free: [],
  busy: [{ agent: 'ben', name: 'Ben', code: 'busy', detail: '', until: 0 }],
  not_ready: [],
  unreachable: [{ agent: 'gus', name: 'Gus', code: 'unreachable', detail: 'phone not registered', until: 0 }],
  later: [{ agent: 'fay', name: 'Fay', code: 'excluded', detail: '', until: (NOW + 22_000) * 1000 }],
  obstacles: [{ condition: 'es >= 3', count: 40, agents: ['Chi', 'Dee'] }],
  other_queues: 1,
  signed_in: 9,
  coming: [],
};

beforeEach(async () => {
  preferences.language = 'en';
  await Promise.all([board.load('en'), common.load('en')]);
});

describe('an explanation', () => {
  it('says where it stands and why there', () => {
    expect(standing(WHY, telling)).toEqual([
      'Number 2 in Billing; waits for 1:20.',
      'Half of such contacts wait less than 0:30 more, nine in ten less than 1:30.',
      'Head start of 1:30: tier gold 1:30.',
      'Before it: Mei.',
    ]);
  });

  it('claims no estimate when there is none', () => {
    const unknown = { ...WHY, estimate: { position: 1, low: null, high: null }, ahead: [] };
    const words = standing(unknown, telling);
    expect(words).toContain('Nobody is before it.');
    expect(words.join(' ')).not.toContain('Half');
  });

  it('tells a set-back from a head start', () => {
    expect(creditWords([{ source: 'boost', credit: -300 * S }])).toBe(
      'Head start of −5:00: a supervisor −5:00.',
    );
    expect(creditWords([])).toBe('No head start.');
  });

  it('says what it asks for and who could give it', () => {
    expect(demands(WHY, telling)).toBe(
      'It asks for Spanish ≥ 3 (step 1 of 2). Kept for ANN for now. 1 of 9 signed in could take it.',
    );
    expect(people(WHY, telling)).toEqual([
      'Busy: Ben',
      'Cannot be reached: Gus (Phone not registered)',
      'Later: Fay in 0:22',
      'Spanish ≥ 3 keeps out 40: Chi, Dee and 38 more',
      '1 serves other queues or channels.',
    ]);
  });

  it('says what comes next and when', () => {
    const at = (NOW + 35_000) * 1000;
    expect(comingWords({ what: 'step', at, detail: 'es >= 1', more: 1 }, telling)).toBe(
      'In 0:35: it asks for less (Spanish ≥ 1); 1 more could take it.',
    );
    expect(comingWords({ what: 'overflow', at, detail: 'wait', more: 0 }, telling)).toBe(
      'In 0:35: it has waited too long and overflows.',
    );
  });

  it('names a dozen at most', () => {
    const names = Array.from({ length: 14 }, (_, index) => String(index));
    expect(listed(names)).toMatch(/^0, 1, .*, 11 and 2 more$/);
  });
});

describe('a line of the timeline', () => {
  const line = (code: string, values: Record<string, string | number>) =>
    lineWords({ at: 0, code, values, by: '' }, telling);

  it('says why this agent was chosen', () => {
    const values = { agent_name: 'Fay', reason: 'strategy', strategy: 'longest_idle', idle_for: 65 * S };
    expect(line('offered', { ...values, free_agents: 3 })).toBe(
      'Offered to Fay: idle the longest (1:05), among 3 free.',
    );
    expect(line('offered', { agent: 'ann', reason: 'preferred' })).toBe(
      'Offered to ANN: preferred for this customer.',
    );
  });

  it('says what was asked for on entering a queue, and how it came there', () => {
    const values = { queue_label: 'Billing', asks_for: 'es >= 3', credit: 60 * S };
    expect(line('enqueued', { ...values, reason: 'arrival' })).toBe(
      'Queued in Billing; it asks for Spanish ≥ 3. Head start: 1:00.',
    );
    expect(line('enqueued', { ...values, reason: 'overflow' })).toMatch(/^Overflowed to Billing/);
  });

  it('says nothing of a head start there is not', () => {
    const values = { queue_label: 'Billing', asks_for: 'es >= 3', reason: 'arrival' };
    expect(line('enqueued', values)).toBe('Queued in Billing; it asks for Spanish ≥ 3.');
  });

  it('names who did it when it was a person', () => {
    const by = (who: string) => doer({ at: 0, code: 'held', values: {}, by: who }, telling);
    expect([by('ann'), by('voice'), by('')]).toEqual(['ANN', '', '']);
  });

  it('tells nobody from somebody', () => {
    expect(line('customer_identified', { customer_name: 'Mei' })).toBe('Recognised as Mei.');
    expect(line('customer_identified', {})).toBe('Recognised as nobody.');
  });

  it('that is new to the page is shown by its code', () => {
    expect(line('teleported_home', {})).toBe('teleported home');
  });
});
