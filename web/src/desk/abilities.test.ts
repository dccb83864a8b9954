import { describe, expect, it } from 'vitest';

import { abilities, can } from './abilities';
import { card } from './samples';

describe('what an agent may do', () => {
  it('with a call is hold, hand on or end', () => {
    expect(abilities(card())).toEqual(['hold', 'transfer', 'consult', 'requeue', 'end']);
  });

  it('with a call on hold is to take it back', () => {
    expect(abilities(card({ doing: 'held' }))).toContain('retrieve');
    expect(abilities(card({ doing: 'held' }))).not.toContain('hold');
  });

  it('with a chat is to write, and there is nothing to hold', () => {
    const chat = abilities(card({ channel: 'chat' }));
    expect(chat).toContain('write');
    expect(chat).not.toContain('hold');
  });

  it('with work put aside is to go on with it', () => {
    expect(abilities(card({ channel: 'email', doing: 'held', interrupted_by: 'k9' }))).toContain('retrieve');
  });

  it('with a consultation depends on whether the colleague is there', () => {
    expect(abilities(card({ consult: 'x', consult_state: 'queued' }))).toEqual(['cancel']);
    expect(abilities(card({ consult: 'x', consult_state: 'connected' }))).toEqual([
      'complete',
      'conference',
      'cancel',
    ]);
  });

  it('as a guest is to leave, never to end it for the others', () => {
    expect(abilities(card({ role: 'participant' }))).toEqual(['leave']);
  });

  it('in wrap-up is only to finish it', () => {
    expect(abilities(card({ doing: 'wrapping', channel: 'chat' }))).toEqual(['wrap']);
  });

  it('with a callback includes saying that nobody answered', () => {
    expect(can(card({ callback_address: '+34' }), 'unreached')).toBe(true);
    expect(can(undefined, 'end')).toBe(false);
  });
});
