import { describe, expect, it } from 'vitest';

import { agentRow, queueRow, snapshot } from './samples';
import { EMPTY, reduce, type BoardState } from './state';

const known = reduce(EMPTY, {
  type: 'heard',
  message: snapshot([queueRow('a'), queueRow('b')], [agentRow('ann'), agentRow('ben')]),
});

function changed(state: BoardState, change: object): BoardState {
  const base = { queues: [], agents: [], queues_gone: [], agents_gone: [] };
  const message = { type: 'rows_changed' as const, n: 2, at: 2_000_000, ...base, ...change };
  return reduce(state, { type: 'heard', message });
}

describe('the board', () => {
  it('knows nothing before the first snapshot', () => {
    expect([EMPTY.known, known.known]).toEqual([false, true]);
  });

  it('replaces changed rows where they stand', () => {
    const state = changed(known, { queues: [queueRow('a', { waiting: 9 })] });
    expect(state.queues.map((row) => [row.queue, row.waiting])).toEqual([['a', 9], ['b', 0]]);
    expect(state.at).toBe(2_000_000);
  });

  it('adds new rows and takes gone ones out', () => {
    const state = changed(known, { agents: [agentRow('chi')], agents_gone: ['ann'] });
    expect(state.agents.map((row) => row.agent)).toEqual(['ben', 'chi']);
  });

  it('keeps the very same rows when only time has passed', () => {
    expect(changed(known, {}).queues).toBe(known.queues);
  });

  it('starts over with a snapshot but keeps how it is looked at', () => {
    const looked = reduce(known, { type: 'team_chosen', team: 'Billing' });
    const again = reduce(looked, { type: 'heard', message: snapshot([queueRow('c')], []) });
    expect([again.queues.length, again.team]).toEqual([1, 'Billing']);
  });
});

describe('sorting', () => {
  it('starts with the largest figure, names with A, and turns around when asked again', () => {
    const first = reduce(known, { type: 'sorted', column: 'waiting' });
    expect(first.sort).toEqual({ column: 'waiting', descending: true });
    const again = reduce(first, { type: 'sorted', column: 'waiting' });
    expect(again.sort.descending).toBe(false);
    expect(reduce(known, { type: 'sorted', column: 'label' }).sort.descending).toBe(false);
  });

  it('never puts the best first under "worst"', () => {
    const twice = reduce(known, { type: 'sorted', column: 'worst' });
    expect(twice.sort).toEqual(known.sort);
  });
});

it('going to a queue selects it, so that coming back finds it', () => {
  const there = reduce(known, { type: 'went', place: { queue: 'b', contact: '' } });
  const back = reduce(there, { type: 'went', place: { queue: '', contact: '' } });
  expect([there.selected, back.selected]).toEqual(['b', 'b']);
});
