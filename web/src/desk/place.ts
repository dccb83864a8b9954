/** Where the agent was, kept in this browser: the open contact, unsent words, what was read. */

/** A line sent and not confirmed; sent again with the same id it is said once. */
export interface UnsentLine {
  id: string;
  contact: string;
  text: string;
}

export interface Place {
  active: string;
  /** What was open, the latest first: when the open contact goes, the one before is back. */
  trail: string[];
  /** Text in the composer, by contact. */
  replies: Record<string, string>;
  /** Notes the server has not confirmed yet, by contact. */
  notes: Record<string, string>;
  /** Up to when (microseconds UTC) the thread was read, by contact. */
  read: Record<string, number>;
  unsent: UnsentLine[];
}

/** The part of `Storage` used here. */
export type Shelf = Pick<Storage, 'getItem' | 'setItem'>;

export const NOWHERE: Place = { active: '', trail: [], replies: {}, notes: {}, read: {}, unsent: [] };

function entries<Value>(raw: unknown, is: (value: unknown) => value is Value): Record<string, Value> {
  if (!raw || typeof raw !== 'object') return {};
  return Object.fromEntries(Object.entries(raw).filter(([, value]) => is(value))) as Record<
    string,
    Value
  >;
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';
const isLine = (value: unknown): value is UnsentLine => {
  if (!value || typeof value !== 'object') return false;
  const { id, contact, text } = value as Partial<Record<keyof UnsentLine, unknown>>;
  return isText(id) && isText(contact) && isText(text);
};
const isTime = (value: unknown): value is number => typeof value === 'number';

const LONGEST_TRAIL = 20;
const key = (agent: string) => `patchbay.desk.${agent}`;

export function recall(shelf: Shelf, agent: string): Place {
  try {
    const raw = JSON.parse(shelf.getItem(key(agent)) ?? '{}') as Partial<Record<keyof Place, unknown>>;
    return {
      active: typeof raw.active === 'string' ? raw.active : '',
      trail: Array.isArray(raw.trail) ? raw.trail.filter(isText).slice(0, LONGEST_TRAIL) : [],
      replies: entries(raw.replies, isText),
      notes: entries(raw.notes, isText),
      read: entries(raw.read, isTime),
      unsent: Array.isArray(raw.unsent) ? raw.unsent.filter(isLine) : [],
    };
  } catch {
    return NOWHERE;
  }
}

export function remember(shelf: Shelf, agent: string, place: Place): void {
  try {
    shelf.setItem(key(agent), JSON.stringify(place));
  } catch {
    // A full or forbidden store must not stop the work; the page still has the words.
  }
}

/** Forgets contacts that are gone, so that the store does not grow for ever. */
export function prune(place: Place, contacts: string[]): Place {
  const keep = <Value>(record: Record<string, Value>) =>
    Object.fromEntries(Object.entries(record).filter(([contact]) => contacts.includes(contact)));
  return {
    active: contacts.includes(place.active) ? place.active : '',
    trail: place.trail.filter((contact) => contacts.includes(contact)),
    replies: keep(place.replies),
    notes: keep(place.notes),
    read: keep(place.read),
    unsent: place.unsent.filter((line) => contacts.includes(line.contact)),
  };
}

/** With `contact` open, and `before` to come back to. */
export function opened(place: Place, contact: string, before = ''): Place {
  const trail = [contact, before, ...place.trail].filter((one, at, all) => one && all.indexOf(one) === at);
  return { ...place, active: contact, trail: trail.slice(0, LONGEST_TRAIL) };
}

/** The contact to show: the one chosen while it is here, else a call, else the last that was
 *  open, else the first. */
export function activeContact<Card extends { contact: string; channel: string }>(
  cards: Card[],
  { active, trail }: Pick<Place, 'active' | 'trail'>,
): Card | undefined {
  const known = (contact: string) => cards.find((card) => card.contact === contact);
  return (
    known(active) ??
    cards.find((card) => card.channel === 'voice') ??
    trail.map(known).find(Boolean) ??
    cards[0]
  );
}
