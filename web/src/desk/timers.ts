/** The one time that matters about a contact, and whether it presses. */
import type { ContactCard } from '../lib/protocol';
import { formatDuration } from '../lib/time.svelte';
import { PATIENCE } from './patience';
import { unansweredSince } from './state';

export interface Timer {
  kind: 'unanswered' | 'talking' | 'held' | 'interrupted' | 'wrapping';
  text: string;
  urgent: boolean;
  /** Not urgent yet, but nearly. */
  soon?: boolean;
}

const LONG_UNANSWERED_MAIL = 4 * 3_600_000;
const LONG_HOLD = 120_000;
const LITTLE_WRAP = 15_000;

/** `now` in milliseconds by the server's clock. */
export function timer(card: ContactCard, now: number, patience = PATIENCE): Timer {
  const since = (micros: number) => now - micros / 1000;
  const shown = (kind: Timer['kind'], millis: number, urgent: boolean): Timer => ({
    kind,
    text: formatDuration(millis),
    urgent,
  });
  if (card.doing === 'wrapping' && card.wrap_until) {
    const left = -since(card.wrap_until);
    return shown('wrapping', left, left < LITTLE_WRAP);
  }
  if (card.doing === 'wrapping') return shown('talking', since(card.since), false);
  if (card.interrupted_by) return shown('interrupted', since(card.since), false);
  if (card.doing === 'held') return shown('held', since(card.since), since(card.since) > LONG_HOLD);
  const waiting = card.channel === 'voice' ? 0 : unansweredSince(card);
  const long = card.channel === 'email' ? LONG_UNANSWERED_MAIL : patience.late / 1000;
  if (!waiting) return shown('talking', since(card.started_at + card.away), false);
  const unanswered = shown('unanswered', since(waiting), since(waiting) > long);
  const soon = card.channel !== 'email' && since(waiting) > patience.soon / 1000;
  return soon && !unanswered.urgent ? { ...unanswered, soon } : unanswered;
}
