import { describe, expect, it } from 'vitest';

import { expected, offerOf } from './rule';

const card = (contact: string, doing: 'active' | 'held' | 'wrapping' = 'active', consult_of = '') => ({
  contact,
  doing,
  consult_of,
});
const offer = (contact: string, consult_of = '') => ({ contact, offer: `${contact}/1`, consult_of });
const nobody = () => false;

describe('the phone answers by itself', () => {
  it('for contacts in hand, also those on hold', () => {
    const hand = { contacts: [card('a'), card('b', 'held')], offers: [] };
    expect(expected(hand, nobody)).toEqual(['a', 'b']);
  });

  it('not for what is being written up', () => {
    expect(expected({ contacts: [card('a', 'wrapping')], offers: [] }, nobody)).toEqual([]);
  });

  it('for an offer only once it is accepted', () => {
    const hand = { contacts: [], offers: [offer('a'), offer('b')] };
    expect(expected(hand, nobody)).toEqual([]);
    expect(expected(hand, (id) => id === 'b/1')).toEqual(['b']);
  });

  it('for the contact that a colleague asks about', () => {
    const hand = { contacts: [card('c', 'active', 'a')], offers: [] };
    expect(expected(hand, nobody)).toEqual(['c', 'a']);
  });
});

describe('a ringing call', () => {
  it('belongs to the offer of its contact, or of the contact it is about', () => {
    const offers = [offer('a'), offer('c', 'b')];
    expect(offerOf(offers, 'a')?.offer).toBe('a/1');
    expect(offerOf(offers, 'b')?.offer).toBe('c/1');
  });

  it('belongs to none without a contact', () => {
    expect(offerOf([offer('a'), offer('')], '')).toBeUndefined();
    expect(offerOf([offer('a')], 'x')).toBeUndefined();
  });
});
