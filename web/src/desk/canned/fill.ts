/** Fields of canned replies, filled in: once, from left to right, with values that are text only. */
import type { ContactCard } from '../../lib/protocol';

/** What is known where a reply is written. */
export interface Known {
  card: ContactCard;
  /** What customers are told the agent is called, and the whole name. */
  agentName: string;
  fullName: string;
}

const LONGEST = 200;
// Bounded, so that no text is slow to read; a brace that is meant as one stands twice.
const PART = /\{\{|\}\}| ?\{([a-z_.]{1,40})(?:\|([^{}]{0,60}))?\}/g;
const UNSEEN = /[\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;
const CONTROL = /\p{Cc}+/gu;
/** Names that are written without spaces are not cut at one. */
const TOGETHER = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;

/** One line of text: nothing that hides, turns or breaks what stands around it. */
export function clean(value: string): string {
  const line = value.replace(UNSEEN, '').replace(CONTROL, ' ').replace(/\s+/g, ' ').trim();
  return [...line].slice(0, LONGEST).join('');
}

function nameOf({ card }: Known): string {
  const { customer, pop, attributes } = card;
  return customer?.name || (pop.case === 'one' && pop.customer?.name) || attributes['name'] || '';
}

function firstName(known: Known): string {
  const name = clean(nameOf(known));
  return TOGETHER.test(name) ? name : (name.split(' ')[0] ?? '');
}

/** A visitor's technical handle is nothing to write to anybody. */
function address({ card }: Known): string {
  return /^[+0-9][\d ()-]+$|@/.test(card.address) ? card.address : '';
}

/** The closed set, as config/catalog/replies.py has it. */
export const FIELDS: Record<string, (known: Known) => string> = {
  'customer.name': nameOf,
  'customer.first_name': firstName,
  'customer.address': address,
  'agent.name': ({ agentName }) => agentName,
  'agent.full_name': ({ fullName }) => fullName,
  'contact.subject': ({ card }) => card.attributes['subject'] ?? '',
  'queue.label': ({ card }) => card.queue_label,
};

/** `text` as it is sent. A value that is not known takes the space before it with it. */
export function fill(text: string, known: Known): string {
  return text.replace(PART, (part: string, name?: string, otherwise?: string) => {
    if (name === undefined) return part.charAt(0);
    const value = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
    if (!value) return part;
    const space = part.startsWith(' ') ? ' ' : '';
    const filled = clean(value(known)) || otherwise || '';
    return filled && space + filled;
  });
}
