import { describe, expect, it } from 'vitest';

import type { Rehearsed, Where } from './api';
import { elsewhere, given, totals } from './totals';

const where = (changes: Partial<Where> = {}): Where => ({
  ends: 'queue', at: 'help', path: [], gives: {}, asks_for: [], boost: 0, language: '', preferred: [], because: '', ...changes,
});
const mail = (changes: Partial<Rehearsed> = {}): Rehearsed => ({
  contact: 'm', at: 0, sender: '', subject: '', beginning: '', customer: '', was_in: '', after: where(), before: null, elsewhere: false, ...changes,
});

describe('how many go where', () => {
  it('counts both versions by where they lead, the most first', () => {
    const found = totals([
      mail({ after: where({ at: 'billing' }), before: where() }),
      mail({ after: where({ at: 'billing' }), before: where({ at: 'billing' }) }),
      mail({ before: where() }),
    ]);
    expect(found.map(({ key, after, before }) => [key, after, before])).toEqual([
      ['queue billing', 2, 1],
      ['queue help', 1, 2],
    ]);
  });

  it('has one line for all that end without anybody', () => {
    const away = [mail({ after: where({ ends: 'hang_up', at: '' }) }), mail({ after: where({ ends: 'hang_up', at: 'x' }) })];
    expect(totals(away)).toHaveLength(1);
  });

  it('is nothing without contacts', () => {
    expect(totals([])).toEqual([]);
    expect(elsewhere([mail(), mail({ elsewhere: true })])).toHaveLength(1);
  });

  it('tells what a contact is given in short', () => {
    const one = where({ gives: { topic: 'refund' }, asks_for: ['english ≥ 3', ''], boost: 60_000_000, preferred: ['ann'] });
    expect(given(one)).toEqual(['topic: refund', 'english ≥ 3', '+60 s', 'ann']);
  });
});
