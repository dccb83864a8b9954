/** Texts from the telephone network, made fit to be shown or compared. */

const LONGEST_NAME = 64;
const CONTACT = /^[!-~]{1,128}$/;
/** Control characters, and those that turn the direction of text around. */
const UNSEEN = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/gu;

function tidy(text: unknown): string {
  if (typeof text !== 'string') return '';
  const plain = text.replace(UNSEEN, ' ').replace(/\s+/g, ' ').trim();
  return [...plain].slice(0, LONGEST_NAME).join('');
}

/** The name the caller is shown with, or their number; empty when neither says anything. */
export function callerOf(name: unknown, number: unknown): string {
  return tidy(name) || tidy(number);
}

/** A contact's id, or empty. */
export function contactOf(header: unknown): string {
  return typeof header === 'string' && CONTACT.test(header) ? header : '';
}
