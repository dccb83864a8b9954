/** Codes and cards in the words of the agent's language. */
import { formatNumber } from '../lib/i18n.svelte';
import { preferences } from '../lib/preferences.svelte';
import type { Choice, ContactCard, CustomerRef, OfferCard, Reply, ScreenPop } from '../lib/protocol';
import { formatDuration } from '../lib/time.svelte';
import { desk } from './texts';

/** A code as words when nobody wrote words for it: `data_centre` becomes "data centre". */
function plain(code: string): string {
  return code.replaceAll('_', ' ');
}

function word(prefix: string, code: string): string {
  const key = `${prefix}.${code}`;
  return desk.has(key) ? desk.t(key) : plain(code);
}

export const stateWord = (state: string) => word('state', state);
export const reasonWord = (reason: string) => word('reason', reason);
export const channelWord = (channel: string) => word('channel', channel);
/** The service that a message came by, as it is called; else the channel. */
export const cameBy = (card: Pick<ContactCard, 'channel' | 'attributes'>) =>
  (card.channel === 'webhook' && card.attributes['service']) || channelWord(card.channel);
export const outcomeWord = (outcome: string) => word('outcome', outcome);
export const dispositionWord = (disposition: string) => word('disposition', disposition);
export const tierWord = (tier: string) => word('tier', tier);
export const identityWord = (kind: string) => word('identity', kind);
export const attributeWord = (name: string) => word('attribute', name);
export const languageWord = (tag: string) => {
  try {
    return new Intl.DisplayNames([preferences.language], { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
};

/** "phone +34… and email m@…" as words about why somebody matched. */
export function matchWord(matchedBy: string): string {
  const kinds = matchedBy.split(' and ').map((part) => part.split(' ')[0] ?? part);
  const words = kinds.map((kind) => {
    const key = `match.${kind}`;
    return desk.has(key) ? desk.t(key) : desk.t('match.by', { what: plain(kind) });
  });
  return words.join(' · ');
}

/** A value of yearly worth, short: 3.2K. */
export function worth(value: number): string {
  return formatNumber(value, { notation: 'compact', maximumFractionDigits: 1 });
}

type Card = Pick<OfferCard | ContactCard, 'customer' | 'pop' | 'address' | 'channel' | 'attributes'>;

/** Who it is: the customer, else what they call themselves, else their address. */
export function who(card: Card): string {
  return (
    named(card.customer, card.pop) ||
    card.attributes['name'] ||
    readableAddress(card.address) ||
    desk.t('unknown_customer')
  );
}

function named(customer: CustomerRef | null, pop: ScreenPop): string {
  return customer?.name || (pop.case === 'one' ? (pop.customer?.name ?? '') : '');
}

/** A visitor's technical handle tells the agent nothing. */
function readableAddress(address: string): string {
  return /^[+0-9][\d ()-]+$|@/.test(address) ? address : '';
}

/** What the customer chose or said on the way, without what is shown elsewhere. */
const ELSEWHERE = new Set([
  'name',
  'entry_point',
  'language',
  'recording',
  'recording_file',
  'file',
  'call',
  'verified',
  'verified_by',
  'address_by',
  'asked_queue',
  'page',
  'page_title',
  'subject',
  'mail_to',
  'thread',
  'earlier',
  'noted',
  'hook',
]);

/** Each as id, name and value; a choice in the words in which it was offered. */
export function chosen(attributes: Record<string, string>): [string, string, string][] {
  const { choice_label: choice, ...shown } = attributes;
  return Object.entries(choice ? { ...shown, choice } : shown)
    .filter(([id, value]) => !ELSEWHERE.has(id) && value !== '')
    .map(([id, value]) => [id, attributeWord(id), id === 'came_from' ? word(id, value) : plain(value)]);
}

/** A condition as the server words it, with proper signs. */
export const condition = (text: string) => text.replaceAll('>=', '≥');

/** Why this agent got the offer, in one sentence. */
export function whyYou(why: Choice): string {
  if (why.reason === 'strategy') {
    const how = word('strategy', why.strategy);
    const free = desk.t('why.free', { count: why.free_agents });
    const idle = why.idle_for > 0 ? desk.t('why.idle', { time: formatDuration(why.idle_for / 1000) }) : '';
    return [how, idle, why.free_agents > 1 ? free : ''].filter(Boolean).join(' · ');
  }
  return word('why', why.reason);
}

/** Why an act was refused. The server explains in English; other languages know it by its code. */
export function refusal(reply: Reply): string {
  const key = `refused.${reply.code}`;
  const known = desk.has(key) ? desk.t(key) : '';
  if (preferences.language === 'en') return reply.reason || known || desk.t('refused.other');
  return known || desk.t('refused.other');
}
