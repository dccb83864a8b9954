import { describe, expect, it } from 'vitest';

import { EMPTY } from './draft';
import { type Kept, NOTHING, prune, recall, remember } from './shelf';

function shelf(content: string | null = null) {
  const held = { content };
  return {
    getItem: () => held.content,
    setItem: (_: string, value: string) => {
      held.content = value;
    },
  };
}

const reply = { text: 'Hi', to: [], cc: [], subject: '', files: [] };
const kept: Kept = {
  drafts: { k1: { ...EMPTY, text: 'Hi', at: 1 } },
  attempts: { k1: { key: 'x', reply, at: 2 }, k2: { key: 'y', reply, at: 3 } },
  finishing: { k2: 're-1' },
  sent: { k1: { 're-2': { ...EMPTY, text: 'Hi', at: 1 } } },
  notes: { k1: 'Ask Ben' },
};

describe('what this browser keeps of mails', () => {
  it('is there again after a reload', () => {
    const place = shelf();
    remember(place, 'ann', kept);
    expect(recall(place, 'ann')).toEqual(kept);
  });

  it.each([null, '', '{', '[]', '7', '{"drafts":{"k1":5},"attempts":[1],"sent":{"k1":{"a":2}}}'])(
    'is nothing harmful when it is %j',
    (content) => {
      const found = recall(shelf(content), 'ann');
      expect([found.drafts, found.attempts, found.finishing]).toEqual([{}, {}, {}]);
    },
  );

  it('does not stop the work when nothing can be kept', () => {
    const full = {
      getItem: () => null,
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError');
      },
    };
    expect(() => remember(full, 'ann', kept)).not.toThrow();
    expect(recall(full, 'ann')).toEqual(NOTHING);
  });

  it('is forgotten with its contact', () => {
    expect(prune(kept, ['k2'])).toEqual({
      drafts: {},
      attempts: { k2: kept.attempts['k2'] },
      finishing: { k2: 're-1' },
      sent: {},
      notes: {},
    });
  });
});
