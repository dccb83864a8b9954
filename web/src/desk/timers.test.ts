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

  it('of a chat nears its limit before it passes it, as the centre has set them', () => {
    const chat = card({ channel: 'chat', messages: [line('a', 'customer', 100 * SECOND)] });
    const at = (soon: number, late: number) => {
      const { urgent, soon: nearly } = timer(chat, now, { soon: soon * SECOND, late: late * SECOND });
      return [nearly ?? false, urgent];
    };
    expect(at(101, 200)).toEqual([false, false]);
    expect(at(99, 200)).toEqual([true, false]);
    expect(at(50, 99)).toEqual([false, true]);
  });

  it('on hold is the time on hold', () => {
    expect(timer(card({ doing: 'held', since: 190 * SECOND }), now).text).toBe('0:10');
  });

  it('of work put aside for a call is for how long, and what was away is no work', () => {
    const mail = { channel: 'email', started_at: 50 * SECOND } as const;
    const aside = card({ ...mail, doing: 'held', interrupted_by: 'k9', since: 60 * SECOND });
    expect(timer(aside, now)).toEqual({ kind: 'interrupted', text: '2:20', urgent: false });
    expect(timer(card({ ...mail, away: 100 * SECOND }), now).text).toBe('0:50');
  });

  it('of wrap-up is what is left', () => {
    const wrap = card({ doing: 'wrapping', wrap_until: 210 * SECOND });
    expect(timer(wrap, now)).toEqual({ kind: 'wrapping', text: '0:10', urgent: true });
  });
});
