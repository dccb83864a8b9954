/** Recordings: asked for over HTTP, shown from the contact's attributes. */
import { api } from '../lib/api';
import type { ContactCard } from '../lib/protocol';

/** Milliseconds of a pause after which the page asks whether it was forgotten. */
export const REMINDS_AFTER = 60_000;

export type RecordingState = 'on' | 'paused';

const address = (contact: string) => `/contacts/${encodeURIComponent(contact)}/recording`;

export const setRecording = (contact: string, recording: RecordingState) =>
  api<unknown>(address(contact), { method: 'POST', body: { recording } });

/** What pausing or resuming would make of it; nothing when the call is not recorded. */
export function nextRecording(card: ContactCard | undefined): RecordingState | undefined {
  const state = card?.doing === 'wrapping' ? '' : card?.attributes['recording'];
  return state === 'on' ? 'paused' : state === 'paused' ? 'on' : undefined;
}

/** Where a voicemail or a received document can be had; empty for every other contact. */
export const fileOf = (card: ContactCard) =>
  card.attributes['file'] ? `/api/v1${address(card.contact)}` : '';
