/** What this browser keeps of mails: drafts, what was sent and may come back, what ends a contact. */
import { type Draft, readDraft } from './draft';
import type { Reply } from './protocol';

/** A reply that was sent, and no answer came: the same key again sends nothing more. */
export interface Attempt {
  key: string;
  reply: Reply;
  /** Microseconds by the server's clock. */
  at: number;
}

export interface Kept {
  /** By contact. */
  drafts: Record<string, Draft>;
  attempts: Record<string, Attempt>;
  /** The mail after which the contact ends. */
  finishing: Record<string, string>;
  /** What an outgoing mail was made of, by contact and mail. */
  sent: Record<string, Record<string, Draft>>;
  /** Notes on threads that are not saved yet. */
  notes: Record<string, string>;
}

/** The part of `Storage` used here. */
export type Shelf = Pick<Storage, 'getItem' | 'setItem'>;

export const NOTHING: Kept = { drafts: {}, attempts: {}, finishing: {}, sent: {}, notes: {} };

const key = (agent: string) => `patchbay.mail.${agent}`;

function record<Value>(raw: unknown, read: (value: unknown) => Value | undefined): Record<string, Value> {
  if (!raw || typeof raw !== 'object') return {};
  const found: [string, Value][] = [];
  for (const [name, value] of Object.entries(raw)) {
    const known = read(value);
    if (known !== undefined) found.push([name, known]);
  }
  return Object.fromEntries(found);
}

function readAttempt(raw: unknown): Attempt | undefined {
  if (!raw || typeof raw !== 'object') return undefined;
  const { key: name, reply, at } = raw as Partial<Record<keyof Attempt, unknown>>;
  const known = typeof name === 'string' && typeof at === 'number' && reply && typeof reply === 'object';
  if (!known || typeof (reply as Partial<Reply>).text !== 'string') return undefined;
  return { key: name, reply: reply as Reply, at };
}

export function recall(shelf: Shelf, agent: string): Kept {
  try {
    const raw = JSON.parse(shelf.getItem(key(agent)) ?? '{}') as Partial<Record<keyof Kept, unknown>>;
    return {
      drafts: record(raw.drafts, readDraft),
      attempts: record(raw.attempts, readAttempt),
      finishing: record(raw.finishing, (value) => (typeof value === 'string' ? value : undefined)),
      sent: record(raw.sent, (value) => record(value, readDraft)),
      notes: record(raw.notes, (value) => (typeof value === 'string' ? value : undefined)),
    };
  } catch {
    return NOTHING;
  }
}

export function remember(shelf: Shelf, agent: string, kept: Kept): void {
  try {
    shelf.setItem(key(agent), JSON.stringify(kept));
  } catch {
    // A full or forbidden store must not stop the work; the server has the draft, too.
  }
}

/** Only what belongs to contacts that are still here. */
export function prune(kept: Kept, contacts: string[]): Kept {
  const keep = <Value>(known: Record<string, Value>) =>
    Object.fromEntries(Object.entries(known).filter(([contact]) => contacts.includes(contact)));
  return {
    drafts: keep(kept.drafts),
    attempts: keep(kept.attempts),
    finishing: keep(kept.finishing),
    sent: keep(kept.sent),
    notes: keep(kept.notes),
  };
}
