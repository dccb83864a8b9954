/** What an agent may do with a contact now. The core judges again; this decides what is shown. */
import type { ContactCard } from '../lib/protocol';

export type Ability =
  | 'hold'
  | 'retrieve'
  | 'transfer'
  | 'consult'
  | 'requeue'
  | 'end'
  | 'leave'
  | 'unreached'
  | 'complete'
  | 'conference'
  | 'cancel'
  | 'write'
  | 'wrap';

/** Channels on which a customer reads what is written. */
const WRITTEN = new Set(['chat', 'email', 'webhook']);

export function abilities(card: ContactCard): Ability[] {
  if (card.doing === 'wrapping') return ['wrap'];
  const write: Ability[] = WRITTEN.has(card.channel) ? ['write'] : [];
  if (card.role === 'participant') return [...write, 'leave'];
  if (card.role === 'consulted') return [...write, 'end'];
  if (card.consult) return [...write, ...consulting(card)];
  if (card.participants.length) return [...write, 'leave', 'end'];
  return [...write, ...alone(card)];
}

function consulting(card: ContactCard): Ability[] {
  return card.consult_state === 'connected' ? ['complete', 'conference', 'cancel'] : ['cancel'];
}

function alone(card: ContactCard): Ability[] {
  const pause: Ability[] =
    card.doing === 'held' ? ['retrieve'] : card.channel === 'voice' ? ['hold'] : [];
  const unreached: Ability[] = card.callback_address ? ['unreached'] : [];
  return [...pause, 'transfer', 'consult', 'requeue', ...unreached, 'end'];
}

export const can = (card: ContactCard | undefined, ability: Ability): boolean =>
  card !== undefined && abilities(card).includes(ability);
