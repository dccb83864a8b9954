/**
 * What the desk knows, folded from the server's snapshot and changes. Pure: no clock, no network.
 */
import type {
  Colleague,
  ContactCard,
  CustomerRecord,
  Directory,
  Message,
  MyFigures,
  MyState,
  OfferCard,
  OfferGone,
  ScreenPop,
  Seen,
  ToDesk,
  Waiting,
} from '../lib/protocol';
import { without } from '../lib/records';
import { PATIENCE, type Patience } from './patience';

export interface DeskState {
  /** Undefined until the first snapshot. */
  me: MyState | undefined;
  offers: OfferCard[];
  contacts: ContactCard[];
  directory: Directory;
  waiting: Waiting[];
  figures: MyFigures;
  /** Contacts whose customer is typing. */
  typing: Record<string, boolean>;
  /** What customers have got and read, by contact. */
  seen: Record<string, Seen>;
  /** Contacts whose customer has left the page. */
  absent: string[];
  patience: Patience;
  /** Why the agent's state changed when it was not their own act; empty when it was. */
  why: string;
  /** The offer that went last, so that the page can say why. */
  gone: OfferGone | undefined;
}

/** A colleague's or the agent's own name; the id when nobody is known by it. */
export function nameOf({ me, directory }: DeskState, agent: string): string {
  if (agent === me?.agent) return me.name;
  return directory.colleagues.find((one) => one.agent === agent)?.name ?? agent;
}

/** What customers would call the queue; the id when it is gone. */
export function queueLabel({ directory }: DeskState, queue: string): string {
  return directory.queues.find(([id]) => id === queue)?.[1] ?? queue;
}

export const EMPTY: DeskState = {
  me: undefined,
  offers: [],
  contacts: [],
  directory: { not_ready_reasons: [], queues: [], colleagues: [], catalog: 0 },
  waiting: [],
  figures: { handled: 0, handle_time: 0, occupancy: 0, missed: 0 },
  typing: {},
  seen: {},
  absent: [],
  patience: PATIENCE,
  why: '',
  gone: undefined,
};

export function reduce(state: DeskState, message: ToDesk): DeskState {
  switch (message.type) {
    case 'desk_snapshot':
      return {
        ...state,
        me: message.me,
        offers: message.offers,
        contacts: message.contacts,
        directory: message.directory,
        waiting: message.waiting,
        figures: message.figures,
        typing: {},
        seen: message.seen ?? {},
        absent: message.away ?? [],
        patience: {
          soon: message.answer_soon ?? state.patience.soon,
          late: message.answer_late ?? state.patience.late,
        },
      };
    case 'me_changed':
      return { ...state, me: message.me, why: message.why };
    case 'offer_made':
      return { ...state, offers: withOffer(state.offers, message.offer) };
    case 'offer_gone':
      return { ...state, offers: withoutOffer(state, message.offer), gone: message };
    case 'contact_changed':
      return { ...state, contacts: withContact(state.contacts, message.contact) };
    case 'contact_gone':
      return withoutContact(state, message.contact);
    case 'message_added':
      return withMessage(state, message.contact, message.message);
    case 'customer_typing':
      return { ...state, typing: { ...state.typing, [message.contact]: message.typing } };
    case 'customer_seen': {
      const { contact, received, read } = message;
      return { ...state, seen: { ...state.seen, [contact]: { received, read } } };
    }
    case 'customer_away': {
      const others = state.absent.filter((contact) => contact !== message.contact);
      return { ...state, absent: message.away ? [...others, message.contact] : others };
    }
    case 'colleagues_changed':
      return { ...state, directory: withColleagues(state, message.colleagues) };
    case 'waiting_changed':
      return { ...state, waiting: message.waiting };
    case 'figures_changed':
      return { ...state, figures: message.figures };
    case 'reply':
    case 'pong':
      return state;
  }
}

/** Rows that are known change in place; new colleagues go to the end. */
function withColleagues({ directory, me }: DeskState, changed: Colleague[]): Directory {
  const rows = new Map(directory.colleagues.map((one) => [one.agent, one]));
  for (const one of changed) if (one.agent !== me?.agent) rows.set(one.agent, one);
  return { ...directory, colleagues: [...rows.values()] };
}

function withoutOffer(state: DeskState, offer: string): OfferCard[] {
  return state.offers.filter((card) => card.offer !== offer);
}

/** A changed offer keeps its place: a key meant for the first must not reach another. */
function withOffer(offers: OfferCard[], made: OfferCard): OfferCard[] {
  if (!offers.some((card) => card.offer === made.offer)) return [...offers, made];
  return offers.map((old) => (old.offer === made.offer ? made : old));
}

/** A change brings no thread: the lines already here stay. New contacts go to the end. */
function withContact(contacts: ContactCard[], changed: ContactCard): ContactCard[] {
  const known = contacts.find((card) => card.contact === changed.contact);
  if (!known) return [...contacts, changed];
  const card = { ...changed, messages: known.messages };
  return contacts.map((old) => (old.contact === changed.contact ? card : old));
}

function withoutContact(state: DeskState, contact: string): DeskState {
  return {
    ...state,
    contacts: state.contacts.filter((card) => card.contact !== contact),
    typing: without(state.typing, contact),
    seen: without(state.seen, contact),
    absent: state.absent.filter((other) => other !== contact),
  };
}

function withMessage(state: DeskState, contact: string, message: Message): DeskState {
  const contacts = state.contacts.map((card) =>
    card.contact === contact && !card.messages.some((line) => line.id === message.id)
      ? { ...card, messages: [...card.messages, message] }
      : card,
  );
  const typing =
    message.author === 'customer' ? { ...state.typing, [contact]: false } : state.typing;
  return { ...state, contacts, typing };
}

/** The customer's lines after `readAt` (microseconds). */
export function unread(card: ContactCard, readAt: number): number {
  return card.messages.filter((line) => line.author === 'customer' && line.at > readAt).length;
}

/** When the oldest line nobody has answered came, or 0 when all is answered. */
export function unansweredSince(card: ContactCard): number {
  let since = 0;
  for (const line of card.messages) {
    if (line.author === 'agent') since = 0;
    else if (line.author === 'customer' && since === 0) since = line.at;
  }
  return since;
}

/** Shows a record just fetched or written here, until the server's next card says the same. */
export function withRecord(state: DeskState, contact: string, record: CustomerRecord): DeskState {
  const pop: ScreenPop = { case: 'one', customer: record, candidates: [] };
  const { id, name, tier, value } = record;
  return {
    ...state,
    contacts: state.contacts.map((card) =>
      card.contact === contact ? { ...card, pop, customer: { id, name, tier, value } } : card,
    ),
  };
}
