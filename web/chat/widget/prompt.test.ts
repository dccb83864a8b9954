import { beforeEach, describe, expect, it } from 'vitest';

import { answerId, readMessage, type ChatStatus, type Line, type Prompt } from './protocol';
import { asked, INITIAL, isAnswering, MASKED, reduce, type Action, type ChatState } from './state';

const MENU: Prompt = {
  turn: 3,
  kind: 'choice',
  buttons: [
    { key: '1', text: 'Billing' },
    { key: '2', text: 'Faults' },
  ],
  digits: false,
  longest: 2_000,
  secret: false,
};
const PIN: Prompt = { ...MENU, kind: 'text', buttons: [], secret: true };
const IN_FLOW: ChatStatus = {
  state: 'in_flow',
  position: 0,
  waitLow: null,
  waitHigh: null,
  agentName: '',
  text: '',
};

const hear = (status: ChatStatus, ...lines: Line[]): Action => ({
  type: 'heard',
  message: { type: 'session', n: 1, token: 'secret', at: 1, status, lines, readUntil: 0, takes: null, mailing: null },
  at: 0,
});
const answer = (text: string, turn = 3): Action => ({
  type: 'act',
  act: { type: 'answer_prompt', id: `act-${text}`, turn, text },
});
const reply = (to: string, ok: boolean, code = ''): Action => ({
  type: 'heard',
  message: { type: 'reply', n: 2, to, ok, code, reason: '' },
  at: 0,
});
const line = (turn: number, text: string): Line => ({
  id: answerId(turn),
  author: 'customer',
  text,
  at: 1,
  name: '',
});
const added = (one: Line): Action => ({
  type: 'heard',
  message: { type: 'line_added', n: 3, line: one },
  at: 0,
});

let state: ChatState;
function run(...actions: Action[]): ChatState {
  state = actions.reduce(reduce, state);
  return state;
}

beforeEach(() => {
  state = reduce(INITIAL, hear({ ...IN_FLOW, prompt: MENU }));
});

describe('what a flow asks', () => {
  it('is there after a reload, in any tab', () => {
    expect(asked(state)).toEqual(MENU);
  });

  it('is not asked while something is looked up, nor once the flow is over', () => {
    expect(asked(run(hear({ ...IN_FLOW, prompt: { ...MENU, kind: 'wait' } })))).toBeNull();
    expect(asked(run(hear({ ...IN_FLOW, state: 'waiting', prompt: MENU })))).toBeNull();
  });
});

describe('an answer', () => {
  it('is shown in the words of its button until its line is there', () => {
    expect(run(answer('2')).pending.map((one) => one.text)).toEqual(['Faults']);
    expect(run(added(line(3, 'Faults'))).pending).toEqual([]);
  });

  it('is on its way until the server has taken it, even when its line is there', () => {
    run(answer('2'), added(line(3, 'Faults')));
    expect(isAnswering(state)).toBe(true);
    expect(isAnswering(run(reply('act-2', true)))).toBe(false);
  });

  it('stays in the outbox over a broken connection', () => {
    run(answer('2'), hear({ ...IN_FLOW, prompt: MENU }, line(3, 'Faults')));
    expect(state.outbox.map((act) => act.id)).toEqual(['act-2']);
  });

  it('is never shown when it is secret', () => {
    run(hear({ ...IN_FLOW, prompt: PIN }), answer('2468'));
    expect(state.pending.map((one) => one.text)).toEqual([MASKED]);
  });

  it('that came too late goes without a word', () => {
    run(answer('2'), reply('act-2', false, 'late'));
    expect([state.pending, state.outbox]).toEqual([[], []]);
  });

  it('that was refused says so and can be given again', () => {
    run(answer('2'), reply('act-2', false, 'too_many_lines'));
    expect(state.pending.map((one) => [one.failed, one.answer])).toEqual([['long', true]]);
    expect(isAnswering(state)).toBe(false);
    expect(run(answer('1')).pending.map((one) => one.text)).toEqual(['Billing']);
  });

  it('does not stay when the chat ends with it', () => {
    run(answer('2'), hear({ ...IN_FLOW, state: 'ended', text: 'Goodbye.' }));
    expect([state.pending, state.outbox]).toEqual([[], []]);
  });
});

describe('a prompt from the server', () => {
  const read = (prompt: unknown): Prompt | undefined => {
    const message = readMessage({ type: 'status_changed', n: 1, status: { state: 'in_flow', prompt } });
    return message?.type === 'status_changed' ? message.status.prompt : undefined;
  };

  it('is read as it is sent', () => {
    expect(read({ ...MENU })).toEqual(MENU);
  });

  it.each([null, 5, 'x', [], {}, { turn: '3', kind: 'choice' }, { turn: 3, kind: 'shout' }])(
    'is none when it is %j',
    (prompt) => {
      expect(read(prompt)).toBeUndefined();
    },
  );

  it('loses what is wrong in it and is bounded', () => {
    const buttons = [{ key: '' }, 7, null, { key: '9' }, ...Array(500).fill({ key: 'k', text: 't' })];
    const prompt = read({ turn: 1, kind: 'choice', buttons, longest: 1e9, secret: 'yes' });
    expect(prompt?.buttons[0]).toEqual({ key: '9', text: '9' });
    expect(prompt?.buttons.length).toBeLessThanOrEqual(100);
    expect([prompt?.longest, prompt?.secret, prompt?.digits]).toEqual([2_000, false, false]);
  });
});
