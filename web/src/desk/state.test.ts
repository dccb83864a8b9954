import { describe, expect, it } from 'vitest';

import type { ToDesk } from '../lib/protocol';
import { card, line, me, offer, snapshot } from './samples';
import {
  type DeskState,
  EMPTY,
  nameOf,
  queueLabel,
  reduce,
  unansweredSince,
  unread,
  withRecord,
} from './state';

const fold = (...messages: ToDesk[]): DeskState => messages.reduce(reduce, EMPTY);

describe('a snapshot', () => {
  it('replaces everything that was known', () => {
    const before = snapshot({ contacts: [card({ contact: 'old' })], offers: [offer()] });
    const state = fold(before, snapshot({ n: 2, contacts: [card({ contact: 'new' })] }));
    expect(state.contacts.map((one) => one.contact)).toEqual(['new']);
    expect(state.offers).toEqual([]);
  });
});

describe('names', () => {
  const state = fold(
    snapshot({
      me: me({ agent: 'ann', name: 'Ann Lee' }),
      directory: {
        not_ready_reasons: [],
        catalog: 0,
        queues: [['billing', 'Billing']],
        colleagues: [{ agent: 'ben', name: 'Ben Ode', state: 'ready', team: '' }],
      },
    }),
  );

  it.each([
    ['ann', 'Ann Lee'],
    ['ben', 'Ben Ode'],
    ['left_long_ago', 'left_long_ago'],
  ])('of the agent %s', (agent, name) => {
    expect(nameOf(state, agent)).toBe(name);
  });

  it('of a queue are its label while it is there', () => {
    expect(['billing', 'closed_down'].map((queue) => queueLabel(state, queue))).toEqual([
      'Billing',
      'closed_down',
    ]);
  });
});

describe('a change of a contact', () => {
  it('keeps the thread, which it does not carry', () => {
    const state = fold(
      snapshot({ contacts: [card({ messages: [line('a', 'customer', 1)] })] }),
      { type: 'contact_changed', n: 2, at: 0, contact: card({ doing: 'held' }) },
    );
    expect(state.contacts[0]?.doing).toBe('held');
    expect(state.contacts[0]?.messages).toHaveLength(1);
  });

  it('adds a new contact at the end, so that places in the list stay', () => {
    const state = fold(snapshot({ contacts: [card()] }), {
      type: 'contact_changed',
      n: 2,
      at: 0,
      contact: card({ contact: 'k2' }),
    });
    expect(state.contacts.map((one) => one.contact)).toEqual(['k1', 'k2']);
  });

  it('leaves the state before it untouched', () => {
    const before = fold(snapshot({ contacts: [card()] }));
    const frozen = JSON.stringify(before);
    reduce(before, { type: 'contact_gone', n: 2, contact: 'k1' });
    expect(JSON.stringify(before)).toBe(frozen);
  });
});

describe('a line of a thread', () => {
  const added = (n: number, id: string): ToDesk => ({
    type: 'message_added',
    n,
    contact: 'k1',
    message: line(id, 'customer', n),
  });

  it('is shown once even when it is told twice', () => {
    const state = fold(snapshot({ contacts: [card()] }), added(2, 'a'), added(3, 'a'), added(4, 'b'));
    expect(state.contacts[0]?.messages.map((one) => one.id)).toEqual(['a', 'b']);
  });

  it('ends "is typing"', () => {
    const typing: ToDesk = { type: 'customer_typing', n: 2, contact: 'k1', typing: true };
    expect(fold(snapshot({ contacts: [card()] }), typing).typing['k1']).toBe(true);
    expect(fold(snapshot({ contacts: [card()] }), typing, added(3, 'a')).typing['k1']).toBe(false);
  });

  it('says who has left the page, until they are back or the contact is gone', () => {
    const away = (now: boolean): ToDesk => ({ type: 'customer_away', n: 2, contact: 'k1', away: now });
    const left = fold(snapshot({ contacts: [card()] }), away(true), away(true));
    expect(left.absent).toEqual(['k1']);
    expect(fold(snapshot({ contacts: [card()] }), away(true), away(false)).absent).toEqual([]);
    expect(reduce(left, { type: 'contact_gone', n: 3, contact: 'k1' }).absent).toEqual([]);
    expect(fold(snapshot({ contacts: [card()], away: ['k1'] })).absent).toEqual(['k1']);
  });

  it('of a contact that is not here changes nothing', () => {
    expect(fold(snapshot(), added(2, 'a')).contacts).toEqual([]);
  });
});

describe('an offer', () => {
  it('is there once, and gone with its reason', () => {
    const made: ToDesk = { type: 'offer_made', n: 2, at: 0, offer: offer() };
    const state = fold(snapshot({ offers: [offer()] }), made);
    expect(state.offers).toHaveLength(1);
    const gone = reduce(state, { type: 'offer_gone', n: 3, offer: 'o1', reason: 'abandoned' });
    expect([gone.offers, gone.gone?.reason]).toEqual([[], 'abandoned']);
  });
});

describe('a changed offer', () => {
  it('keeps its place among the others', () => {
    const two = snapshot({ offers: [offer(), offer({ offer: 'o2' })] });
    const changed: ToDesk = { type: 'offer_made', n: 2, at: 0, offer: offer({ said: 'Hello?' }) };
    expect(fold(two, changed).offers.map((card) => [card.offer, card.said])).toEqual([
      ['o1', 'Hello?'],
      ['o2', ''],
    ]);
  });
});

describe('a change of state', () => {
  it('keeps why it happened when it was not the own act', () => {
    const changed: ToDesk = {
      type: 'me_changed',
      n: 2,
      at: 0,
      me: me({ state: 'not_ready', reason: 'missed_offer' }),
      why: 'missed_offer',
    };
    expect(fold(snapshot(), changed).why).toBe('missed_offer');
  });
});

describe('what waits for the agent', () => {
  const thread = card({
    messages: [line('a', 'customer', 10), line('b', 'agent', 20), line('c', 'customer', 30), line('d', 'customer', 40)],
  });

  it('is counted from the last line that was read', () => {
    expect([unread(thread, 0), unread(thread, 30), unread(thread, 40)]).toEqual([3, 1, 0]);
  });

  it('is unanswered since the first line after the last answer', () => {
    expect(unansweredSince(thread)).toBe(30);
    expect(unansweredSince(card({ messages: [line('a', 'customer', 1), line('b', 'agent', 2)] }))).toBe(0);
  });
});

describe('a customer chosen here', () => {
  it('is shown at once', () => {
    const record = {
      id: 'c1', name: 'Mei', tier: 'gold', value: 5, why_valued: '', language: '', account_manager: '',
      watch_out: '', version: 1, identities: [], notes: [], history: [],
    };
    const state = withRecord(fold(snapshot({ contacts: [card()] })), 'k1', record);
    expect(state.contacts[0]?.pop.case).toBe('one');
    expect(state.contacts[0]?.customer?.name).toBe('Mei');
  });
});
