import { describe, expect, it } from 'vitest';

import type { Colleague, MyState } from '../lib/protocol';
import { EMPTY, reduce } from './state';

const row = (agent: string, state: Colleague['state'] = 'ready'): Colleague => ({
  agent,
  name: agent.toUpperCase(),
  state,
  team: '',
});

const me: MyState = {
  agent: 'ann',
  name: 'Ann',
  state: 'ready',
  reason: '',
  since: 0,
  next_state: '',
  next_reason: '',
  skills: [],
};

describe('colleagues', () => {
  it('change in place, new ones come last, and oneself is none', () => {
    const before = {
      ...EMPTY,
      me,
      directory: { ...EMPTY.directory, colleagues: [row('ben'), row('chi')] },
    };
    const after = reduce(before, {
      type: 'colleagues_changed',
      n: 2,
      colleagues: [row('ann', 'not_ready'), row('dan'), row('ben', 'not_ready')],
    });
    expect(after.directory.colleagues.map((one) => [one.agent, one.state])).toEqual([
      ['ben', 'not_ready'],
      ['chi', 'ready'],
      ['dan', 'ready'],
    ]);
    expect(before.directory.colleagues[0]?.state).toBe('ready');
  });
});
