/** A draft tried out on mails and chats of the past. Times are microseconds UTC. */
import { api } from '../../lib/api';
import type { FlowDocument } from '../document';

export type PastChannel = 'email' | 'chat';

export interface Where {
  ends: 'queue' | 'callback' | 'voicemail' | 'transfer' | 'hang_up' | 'left' | 'waiting';
  /** The queue, box or number; where it waits: the node. */
  at: string;
  path: string[];
  gives: Record<string, string>;
  asks_for: string[];
  /** Microseconds. */
  boost: number;
  language: string;
  preferred: string[];
  because: string;
}

export interface Rehearsed {
  contact: string;
  at: number;
  sender: string;
  subject: string;
  beginning: string;
  customer: string;
  was_in: string;
  after: Where;
  before: Where | null;
  elsewhere: boolean;
}

export interface Rehearsal {
  found: number;
  /** The version they are compared with; 0: none. */
  in_force: number;
  contacts: Rehearsed[];
}

export const rehearse = (flow: string, document: FlowDocument, channel: PastChannel, contacts: number) =>
  api<Rehearsal>(`/flows/${encodeURIComponent(flow)}/rehearse`, { method: 'POST', body: { document, channel, contacts } });
