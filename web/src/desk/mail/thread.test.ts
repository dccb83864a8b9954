import { describe, expect, it } from 'vitest';

import { line } from '../samples';
import { mailIn, mailOut } from './samples';
import {
  askAgainIn,
  beginning,
  entries,
  folded,
  forBar,
  forwarded,
  forwardSubject,
  frameHeight,
  hasPictures,
  idOf,
  lacks,
  openAtFirst,
} from './thread';

describe('a thread', () => {
  it('has what was said beside mails in its place', () => {
    const mails = [mailIn({ at: 10 }), mailOut({ at: 30 })];
    const said = [line('mail-1', 'customer', 10), line('note', 'system', 20), line('re-1', 'agent', 30)];
    expect(entries(mails, said).map(idOf)).toEqual(['mail-1', 'note', 're-1']);
  });

  it('has what colleagues noted in its place, marked as theirs', () => {
    const note = { id: 'note-1', at: 20, agent: 'ben', text: 'Ask Ann' };
    const shown = entries([mailIn({ at: 10 }), mailOut({ at: 30 })], [], [note]);
    expect(shown.map(idOf)).toEqual(['mail-1', 'note-1', 're-1']);
    expect(shown[1]?.kind).toBe('internal');
  });

  it('never shows a mail that is on its way to the page as a note', () => {
    expect(entries([], [line(`mail-${'0'.repeat(32)}`, 'customer', 1)])).toEqual([]);
  });

  it('lacks a mail that was said and is not in the view, and nothing else', () => {
    const id = `mail-${'0'.repeat(32)}`;
    const said = [line(id, 'customer', 1), line('note', 'system', 2)];
    expect(lacks([], said)).toBe(true);
    expect(lacks([mailIn({ id })], said)).toBe(false);
  });

  it('opens the newest mail from outside and what came after it', () => {
    const mails = [mailIn({ id: 'a' }), mailIn({ id: 'b' }), mailOut({ id: 'c' })];
    expect([...openAtFirst(mails)]).toEqual(['b', 'c']);
    expect([...openAtFirst([mailOut({ id: 'c' })])]).toEqual(['c']);
    expect([...openAtFirst([])]).toEqual([]);
  });
});

describe('a mail', () => {
  it('is folded to the beginning of its text', () => {
    expect(beginning(' Dear\n  all ')).toBe('Dear all');
    expect(beginning('x'.repeat(200))).toBe(`${'x'.repeat(120)}…`);
  });

  it('is parted where the earlier one begins', () => {
    const mail = mailIn({ text: 'Yes.\n\n> No?', quoted_from: 6 });
    expect(folded(mail)).toEqual({ own: 'Yes.', quoted: '> No?' });
    expect(folded(mailIn({ text: 'Yes.', quoted_from: 99 }))).toEqual({ own: 'Yes.', quoted: '' });
  });

  it('has pictures from elsewhere only where they stand in a tag', () => {
    expect(hasPictures(mailIn({ html: '<img alt="" data-remote="https://x.org/a">' }))).toBe(true);
    expect(hasPictures(mailIn({ html: '&lt;img data-remote="https://x.org/a"&gt;' }))).toBe(false);
    expect(hasPictures(mailIn({ html: '<img data-file="00">' }))).toBe(false);
  });

  it('has a frame of a bounded height, whatever is in it', () => {
    expect(frameHeight(mailIn({ text: '' }))).toBe(180);
    expect(frameHeight(mailIn({ text: '\n'.repeat(100_000) }))).toBe(520);
  });

  it('carries its heads when it is forwarded, and is called so once', () => {
    expect(forwarded(mailIn(), [['From', 'María'], ['Cc', '']])).toBe(
      '\n\n---------- Forwarded message ----------\nFrom: María\n\nWhere is it?\n',
    );
    expect(forwardSubject('Re: FWD: Order')).toBe('Fwd: Order');
    expect(forwardSubject('')).toBe('Fwd:');
  });
});

describe('mails under way', () => {
  const SECOND = 1_000_000;

  it('are asked for when they can no longer be taken back, and ever more rarely then', () => {
    const held = mailOut({ state: 'held', due: 18 * SECOND });
    expect(askAgainIn([held], 10_000, 0)).toBe(8_400);
    const waits = [0, 1, 2, 10].map((asked) => askAgainIn([held], 20_000, asked));
    expect(waits).toEqual([400, 800, 1600, 15_000]);
  });

  it('are not asked for when there are none', () => {
    const done = [mailOut(), mailOut({ state: 'failed' }), mailOut({ state: 'undone' }), mailIn()];
    expect(askAgainIn(done, 0, 0)).toBeUndefined();
  });

  it('stand in the bar while they concern the agent', () => {
    const mails = [
      mailOut({ id: 'sent' }),
      mailOut({ id: 'held', state: 'held' }),
      mailOut({ id: 'failed', state: 'failed' }),
      mailOut({ id: 'theirs', state: 'failed', agent: 'ben' }),
      mailOut({ id: 'machine', state: 'held', agent: '' }),
      mailOut({ id: 'undone', state: 'undone' }),
    ];
    const view = { mails } as Parameters<typeof forBar>[0];
    expect(forBar(view, 'ann').map((mail) => mail.id)).toEqual(['held', 'failed']);
  });
});
