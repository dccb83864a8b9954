import { describe, expect, it } from 'vitest';

import { activeContact, NOWHERE, opened, prune, recall, remember, type Shelf } from './place';

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
  const place = { active: 'k2', trail: ['k2', 'k1'], replies: { k2: 'Half' }, notes: { k1: 'Note' }, read: { k2: 5 }, unsent: [{ id: 'i', contact: 'k2', text: 'Hi' }] };

  it('survives a reload', () => {
    const here = shelf();
    remember(here, 'ann', place);
    expect(recall(here, 'ann')).toEqual(place);
  });

  it.each([null, '{', '[]', '"x"', '{"replies":{"k1":7},"read":{"k1":"x"},"active":3,"trail":[7],"unsent":[7,{"id":1}]}'])(
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
    expect(prune(place, ['k1'])).toEqual({ active: '', trail: ['k1'], replies: {}, notes: { k1: 'Note' }, read: {}, unsent: [] });
  });
});

describe('the contact shown', () => {
  const chat = { contact: 'k1', channel: 'chat' };
  const call = { contact: 'k2', channel: 'voice' };

  it('is the chosen one while it is here', () => {
    expect(activeContact([chat, call], { active: 'k1', trail: [] })).toBe(chat);
  });

  it('is the call when nothing is chosen, else the first', () => {
    expect(activeContact([chat, call], { active: 'gone', trail: ['k1'] })).toBe(call);
    expect(activeContact([chat], NOWHERE)).toBe(chat);
    expect(activeContact([], NOWHERE)).toBeUndefined();
  });

  it('is what was open before the call, when the call is gone', () => {
    const mail = { contact: 'k3', channel: 'email' };
    const interrupted = opened(opened(opened(NOWHERE, 'k1'), 'k3'), 'k2');
    expect(activeContact([chat, mail], prune(interrupted, ['k1', 'k3']))).toBe(mail);
    const untouched = opened(NOWHERE, 'k2', 'k3');
    expect(activeContact([chat, mail], prune(untouched, ['k1', 'k3']))).toBe(mail);
  });

  it('remembers a short way back, each contact once', () => {
    let place = NOWHERE;
    for (let n = 0; n < 50; n += 1) place = opened(place, `k${n % 30}`);
    expect(place.trail).toHaveLength(20);
    expect(new Set(place.trail).size).toBe(20);
  });
});
