/** What the desk shows of a chat's visitor. Pure. */
import type { ContactCard, MessageFile, OfferCard, Seen } from '../lib/protocol';

export interface VisitorPage {
  title: string;
  /** Empty when it may not be opened. */
  link: string;
}

/** The page the visitor is on; only addresses of the web can be opened. */
export function pageOf(card: Pick<ContactCard | OfferCard, 'attributes'>): VisitorPage | undefined {
  const url = card.attributes['page'] ?? '';
  const title = card.attributes['page_title'] || url;
  if (!title) return undefined;
  return { title, link: /^https?:\/\//i.test(url) ? url : '' };
}

/** How far the agent's last words have come; empty when the last word is not theirs. */
export function markOf(card: ContactCard, seen: Seen | undefined): '' | 'sent' | 'received' | 'read' {
  const last = card.messages.at(-1);
  if (card.channel !== 'chat' || last?.author !== 'agent') return '';
  if (last.at <= (seen?.read ?? 0)) return 'read';
  return last.at <= (seen?.received ?? 0) ? 'received' : 'sent';
}

const PICTURES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
const DRAWN_UP_TO = 5_000_000; // bytes

/** Whether a file may be drawn: only kinds of pictures that run nothing. */
export const isDrawn = (file: MessageFile) =>
  PICTURES.includes(file.content_type) && file.size <= DRAWN_UP_TO;

export const fileAddress = (contact: string, file: MessageFile) =>
  `/api/v1/chat/contacts/${encodeURIComponent(contact)}/files/${file.id}`;
