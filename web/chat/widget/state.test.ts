import { describe, expect, it } from 'vitest';

import type { ChatStatus, Line, ServerMessage } from './protocol';
import { INITIAL, reduce, type Action, type ChatState } from './state';

const WAITING: ChatStatus = {
  state: 'waiting',
  position: 2,
  waitLow: 60_000_000,
  waitHigh: 240_000_000,
  agentName: '',
  text: '',
};
const TALKING: ChatStatus = { ...WAITING, state: 'talking', agentName: 'Ann' };
const ENDED: ChatStatus = { ...WAITING, state: 'ended', text: 'Goodbye.' };

function line(id: string, author: Line['author'] = 'customer'): Line {
  return { id, author, text: `text ${id}`, at: 1, name: author === 'agent' ? 'Ann' : '' };
}

function session(status: ChatStatus, ...lines: Line[]): ServerMessage {
  return { type: 'session', n: 1, token: 'secret', at: 1, status, lines, readUntil: 0, takes: null, mailing: null };
}

function run(actions: readonly Action[], from: ChatState = INITIAL): ChatState {
  return actions.reduce(reduce, from);
}

const say = (id: string): Action => ({ type: 'act', act: { type: 'say_line', id, text: id } });
const hear = (message: ServerMessage): Action => ({ type: 'heard', message, at: 0 });
const reply = (to: string, ok: boolean, code = ''): Action =>
  hear({ type: 'reply', n: 1, to, ok, code, reason: '' });
const START: Action = {
  type: 'act',
  act: {
    type: 'start_chat',
    id: 'start',
    entry_point: 'website',
    name: 'Mei',
    text: 'Hello',
    choice: '',
    address: '',
    language: 'en',
    visitor: '',
  },
};

describe('a message of the visitor', () => {
  it('is shown as sending until its line comes back', () => {
    const sent = run([hear(session(TALKING)), say('m1')]);
    expect(sent.pending.map((one) => one.id)).toEqual(['m1']);
    const back = run([hear({ type: 'line_added', n: 2, line: line('m1') })], sent);
    expect([back.pending, back.outbox, back.lines.length]).toEqual([[], [], 1]);
  });

  it('is not doubled when its line comes twice', () => {
    const added = hear({ type: 'line_added', n: 2, line: line('m1') });
    expect(run([hear(session(TALKING)), added, added]).lines).toHaveLength(1);
  });

  it('stays in the outbox over a broken connection until the session holds it', () => {
    const broken = run([hear(session(TALKING)), say('m1'), say('m2')]);
    const resumed = run([hear(session(TALKING, line('m1')))], broken);
    expect(resumed.outbox.map((act) => act.id)).toEqual(['m2']);
    expect(resumed.pending.map((one) => one.id)).toEqual(['m2']);
  });

  it('that was refused is marked and leaves the outbox', () => {
    const refused = run([hear(session(TALKING)), say('m1'), reply('m1', false, 'too_long')]);
    expect([refused.pending[0]?.failed, refused.outbox]).toEqual(['other', []]);
  });

  it('that came too fast stays on its way', () => {
    const held = run([hear(session(TALKING)), say('m1'), reply('m1', false, 'too_fast')]);
    expect([held.pending[0]?.failed, held.outbox.length]).toEqual(['', 1]);
  });

  it('that can no longer be sent when the chat ends is said to be unsent', () => {
    const over = run([
      hear(session(TALKING)),
      say('m1'),
      hear({ type: 'status_changed', n: 2, status: ENDED }),
    ]);
    expect([over.pending[0]?.failed, over.outbox, over.phase]).toEqual(['other', [], 'ended']);
  });
});

describe('starting', () => {
  it('shows the chat once the session is there and forgets the start', () => {
    const started = run([START, hear(session(WAITING, line('start')))]);
    expect([started.phase, started.token, started.outbox]).toEqual(['waiting', 'secret', []]);
  });

  it('that is refused goes back to the form and says so', () => {
    const refused = run([START, reply('start', false, 'unknown_entry_point')]);
    expect([refused.phase, refused.notice, refused.outbox]).toEqual(['form', 'entry', []]);
  });

  it.each(['overloaded', 'outcome_unknown'])('keeps trying when the service says %s', (code) => {
    const held = run([START, reply('start', false, code)]);
    expect([held.phase, held.outbox.length]).toEqual(['starting', 1]);
  });
});

describe('a start whose first words are not in the session yet', () => {
  it('is kept until they are', () => {
    const started = run([START, hear(session(WAITING))]);
    expect(started.outbox.map((act) => act.id)).toEqual(['start']);
    const posted = run([hear({ type: 'line_added', n: 2, line: line('start') })], started);
    expect(posted.outbox).toEqual([]);
  });
});

describe('resuming', () => {
  it('a chat the service no longer knows leads to the form with a word about it', () => {
    const lost = run([{ type: 'adopted', token: 'old' }, { type: 'resume_refused', code: 'unknown_chat' }]);
    expect([lost.phase, lost.notice, lost.token]).toEqual(['form', 'lost', '']);
  });

  it('keeps what was said on the screen when the chat is gone', () => {
    const lost = run([hear(session(TALKING, line('l1'))), { type: 'resume_refused', code: 'unknown_chat' }]);
    expect([lost.phase, lost.lines.length]).toEqual(['ended', 1]);
  });
});

describe('the unread count', () => {
  const fromAgent = hear({ type: 'line_added', n: 2, line: line('a1', 'agent') });

  it('counts lines of the agent while minimised', () => {
    expect(run([hear(session(TALKING)), fromAgent]).unread).toBe(1);
  });

  it('does not count what is on the screen, nor the visitor’s own lines', () => {
    const own = hear({ type: 'line_added', n: 2, line: line('m9') });
    expect(run([{ type: 'opened' }, hear(session(TALKING)), fromAgent]).unread).toBe(0);
    expect(run([hear(session(TALKING)), own]).unread).toBe(0);
  });

  it('counts what came during a broken connection, not the history', () => {
    const resumed = hear(session(TALKING, line('m1'), line('a1', 'agent')));
    expect(run([resumed]).unread).toBe(0);
    expect(run([hear(session(TALKING, line('m1'))), resumed]).unread).toBe(1);
  });
});

describe('typing', () => {
  it('ends with the line or when nothing more is heard', () => {
    const typing = run([
      hear(session(TALKING)),
      hear({ type: 'agent_typing', n: 2, typing: true }),
    ]);
    expect(typing.agentTyping).toBe(true);
    const spoken = hear({ type: 'line_added', n: 3, line: line('a1', 'agent') });
    expect(run([spoken], typing).agentTyping).toBe(false);
    expect(run([{ type: 'typing_expired' }], typing).agentTyping).toBe(false);
  });
});
