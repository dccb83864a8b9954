/** The one time that matters about a contact, and whether it presses. */
import type { ContactCard } from '../lib/protocol';
import { formatDuration } from '../lib/time.svelte';
import { unansweredSince } from './state';

export interface Timer {
  kind: 'unanswered' | 'talking' | 'held' | 'wrapping';
  text: string;
  urgent: boolean;
}

const LONG_SILENCE = 60_000;
const LONG_HOLD = 120_000;
const LITTLE_WRAP = 15_000;

/** `now` in milliseconds by the server's clock. */
export function timer(card: ContactCard, now: number): Timer {
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
  if (card.doing === 'held') return shown('held', since(card.since), since(card.since) > LONG_HOLD);
  const waiting = card.channel === 'voice' ? 0 : unansweredSince(card);
  if (waiting) return shown('unanswered', since(waiting), since(waiting) > LONG_SILENCE);
  return shown('talking', since(card.started_at), false);
}
