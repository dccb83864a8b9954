import { describe, expect, it } from 'vitest';

import { card, line, SECOND } from './samples';
import { timer } from './timers';

const now = 200_000;

describe('the time that matters', () => {
  it('of a call is how long it lasts', () => {
    expect(timer(card({ started_at: 100 * SECOND }), now)).toEqual({
      kind: 'talking',
      text: '1:40',
      urgent: false,
    });
  });

  it('of a chat is how long the customer has no answer, and presses after a minute', () => {
    const chat = card({ channel: 'chat', messages: [line('a', 'customer', 100 * SECOND)] });
    expect(timer(chat, now)).toEqual({ kind: 'unanswered', text: '1:40', urgent: true });
  });

  it('on hold is the time on hold', () => {
    expect(timer(card({ doing: 'held', since: 190 * SECOND }), now).text).toBe('0:10');
  });

  it('of wrap-up is what is left', () => {
    const wrap = card({ doing: 'wrapping', wrap_until: 210 * SECOND });
    expect(timer(wrap, now)).toEqual({ kind: 'wrapping', text: '0:10', urgent: true });
  });
});
