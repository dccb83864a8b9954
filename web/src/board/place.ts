/** The place on the board as the address has it, so that a reload lands where one was. */
import { OVERVIEW, type Place } from './state';

/** `#/queue/billing/contact/c-7`; anything else is the overview. */
export function readPlace(hash: string): Place {
  const [, first, queue = '', second, contact = ''] = hash.replace(/^#/, '').split('/');
  if (first !== 'queue' || !queue) return OVERVIEW;
  return { queue: decoded(queue), contact: second === 'contact' ? decoded(contact) : '' };
}

export function writePlace(place: Place): string {
  if (!place.queue) return '#/';
  const queue = `#/queue/${encodeURIComponent(place.queue)}`;
  return place.contact ? `${queue}/contact/${encodeURIComponent(place.contact)}` : queue;
}

/** One level up: contact to queue to overview. */
export function above(place: Place): Place {
  return place.contact ? { queue: place.queue, contact: '' } : OVERVIEW;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
