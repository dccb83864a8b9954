import { describe, expect, it } from 'vitest';

import { activeContact, NOWHERE, prune, recall, remember, type Shelf } from './place';

function shelf(text: string | null = null): Shelf & { text: string | null } {
  return {
    text,
    getItem() {
      return this.text;
    },
    setItem(_key, value) {
      this.text = value;
    },
  };
}

describe('the place', () => {
  const place = { active: 'k2', replies: { k2: 'Half' }, notes: { k1: 'Note' }, read: { k2: 5 }, unsent: [{ id: 'i', contact: 'k2', text: 'Hi' }] };

  it('survives a reload', () => {
    const here = shelf();
    remember(here, 'ann', place);
    expect(recall(here, 'ann')).toEqual(place);
  });

  it.each([null, '{', '[]', '"x"', '{"replies":{"k1":7},"read":{"k1":"x"},"active":3,"unsent":[7,{"id":1}]}'])(
    'is nowhere when what is stored is damaged: %s',
    (text) => {
      expect(recall(shelf(text), 'ann')).toEqual(NOWHERE);
    },
  );

  it('is kept in the page when the store is full', () => {
    const full: Shelf = {
      getItem: () => null,
      setItem: () => {
        throw new Error('full');
      },
    };
    expect(() => remember(full, 'ann', place)).not.toThrow();
  });

  it('forgets contacts that are gone', () => {
    expect(prune(place, ['k1'])).toEqual({ active: '', replies: {}, notes: { k1: 'Note' }, read: {}, unsent: [] });
  });
});

describe('the contact shown', () => {
  const chat = { contact: 'k1', channel: 'chat' };
  const call = { contact: 'k2', channel: 'voice' };

  it('is the chosen one while it is here', () => {
    expect(activeContact([chat, call], 'k1')).toBe(chat);
  });

  it('is the call when nothing is chosen, else the first', () => {
    expect(activeContact([chat, call], 'gone')).toBe(call);
    expect(activeContact([chat], '')).toBe(chat);
    expect(activeContact([], '')).toBeUndefined();
  });
});
