/** Mailboxes and mails kept apart. Times are microseconds UTC. */
import { api } from '../../lib/api';

export interface Mailbox {
  id: string;
  address: string;
  entry_point: string;
  /** One sentence; empty when all is well. */
  problem: string;
  read_until: number | null;
}

export type KeptAs = 'unreadable' | 'set_aside';

export interface Apart {
  id: string;
  mailbox: string;
  at: number;
  became: KeptAs;
  reason: string;
  sender: string;
  subject: string;
  beginning: string;
}

export interface Looked {
  mailboxes: Mailbox[];
  apart: Record<KeptAs, Apart[]>;
}

const apart = async (became: KeptAs) => (await api<{ mails: Apart[] }>(`/mail/apart?became=${became}`)).mails;

export async function look(): Promise<Looked> {
  const [{ mailboxes }, unreadable, set_aside] = await Promise.all([
    api<{ mailboxes: Mailbox[] }>('/mail/mailboxes'),
    apart('unreadable'),
    apart('set_aside'),
  ]);
  return { mailboxes, apart: { unreadable, set_aside } };
}

export const release = (mail: string) => api<undefined>(`/mail/apart/${mail}/release`, { method: 'POST' });
