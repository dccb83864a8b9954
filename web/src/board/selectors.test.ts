import { describe, expect, it } from 'vitest';

import type { QueueRow } from '../lib/protocol';
import { agentRow, contactOf, queueRow } from './samples';
import {
  alerts,
  countDoing,
  doing,
  doingSince,
  selectedQueue,
  shownAgents,
  sortQueues,
  STALE_AFTER,
  staleness,
  teamsOf,
} from './selectors';
import { EMPTY, WORST_FIRST } from './state';

const ids = (rows: readonly QueueRow[]) => rows.map((row) => row.queue);

describe('worst first', () => {
  it('goes by state, then by how many wait, then by who waits longest', () => {
    const rows = [
      queueRow('calm'),
      queueRow('few', { status: 'bad', waiting: 1, longest_since: 5 }),
      queueRow('watch', { status: 'warn', waiting: 9 }),
      queueRow('many', { status: 'bad', waiting: 7, longest_since: 90 }),
      queueRow('older', { status: 'bad', waiting: 1, longest_since: 2 }),
    ];
    const sorted = sortQueues(rows, WORST_FIRST, 'en');
    expect(ids(sorted)).toEqual(['many', 'older', 'few', 'watch', 'calm']);
  });
});

describe('sorting by a column', () => {
  it('puts queues without the figure last, in either direction', () => {
    const rows = [
      queueRow('none'),
      queueRow('low', { service_now: 0.5 }),
      queueRow('high', { service_now: 0.9 }),
    ];
    const by = (descending: boolean) =>
      ids(sortQueues(rows, { column: 'service_now', descending }, 'en'));
    expect([by(true), by(false)]).toEqual([
      ['high', 'low', 'none'],
      ['low', 'high', 'none'],
    ]);
  });

  it('counts an early start as a long wait', () => {
    const rows = [queueRow('new', { longest_since: 90 }), queueRow('old', { longest_since: 5 })];
    const sorted = sortQueues(rows, { column: 'longest', descending: true }, 'en');
    expect(ids(sorted)).toEqual(['old', 'new']);
  });

  it('leaves the list it was given alone', () => {
    const rows = [queueRow('b'), queueRow('a')];
    sortQueues(rows, { column: 'label', descending: false }, 'en');
    expect(ids(rows)).toEqual(['b', 'a']);
  });
});

it('the why panel is about the chosen queue while it exists, else about the worst', () => {
  const rows = [queueRow('worst'), queueRow('chosen')];
  expect(selectedQueue({ ...EMPTY, selected: 'chosen' }, rows)?.queue).toBe('chosen');
  expect(selectedQueue({ ...EMPTY, selected: 'gone' }, rows)?.queue).toBe('worst');
  expect(selectedQueue(EMPTY, [])).toBeUndefined();
});

it('only queues that need somebody are alerts', () => {
  expect(alerts([queueRow('a', { status: 'bad' }), queueRow('b', { status: 'warn' })])).toBe(1);
});

describe('what an agent does', () => {
  it('is their work before the state they asked for', () => {
    const wrapping = agentRow('ann', { state: 'not_ready', contacts: [contactOf('wrapping')] });
    expect(doing(wrapping)).toBe('wrapping');
    const talking = agentRow('ann', { contacts: [contactOf('wrapping'), contactOf('active')] });
    expect(doing(talking)).toBe('busy');
  });

  it('counts from its own start', () => {
    const talking = agentRow('ann', { contacts: [contactOf('active', 70), contactOf('held', 30)] });
    expect(doingSince(talking)).toBe(70);
    expect(doingSince(agentRow('ann', { since: 12 }))).toBe(12);
  });

  it('orders the agents: at work first, signed out last, the team only', () => {
    const rows = [
      agentRow('zoe', { state: 'signed_out', team: 'x' }),
      agentRow('ben', { team: 'x' }),
      agentRow('ann', { team: 'x' }),
      agentRow('other', { team: 'y' }),
      agentRow('yan', { team: 'x', contacts: [contactOf('active')] }),
    ];
    const shown = shownAgents(rows, 'x', 'en').map((row) => row.agent);
    expect(shown).toEqual(['yan', 'ann', 'ben', 'zoe']);
    expect(countDoing(rows)).toMatchObject({ busy: 1, ready: 3, signed_out: 1 });
    expect(teamsOf(rows, 'en')).toEqual(['x', 'y']);
  });
});

describe('staleness', () => {
  const at = 1_000_000_000;
  const state = { ...EMPTY, known: true, at };

  it('is the age of the figures once they are too old', () => {
    expect(staleness(state, at / 1000 + STALE_AFTER)).toBe(STALE_AFTER);
  });

  it('is nothing while figures come, and before there are any', () => {
    expect(staleness(state, at / 1000 + STALE_AFTER - 1)).toBe(0);
    expect(staleness(EMPTY, Date.now())).toBe(0);
  });
});
