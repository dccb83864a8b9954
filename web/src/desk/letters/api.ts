/** Letters of chats over HTTP. A failure is an `ApiError`. Times are microseconds UTC. */
import { api } from '../../lib/api';

/** A mail to the visitor, and how far it is: it can be taken back until `due` while it is held. */
export interface Letter {
  id: string;
  to: string[];
  subject: string;
  at: number;
  state: string;
  due: number;
  reason: string;
  agent: string;
}

/** How a chat can go on by mail: from `sender` (empty: it cannot) to one of `to`. */
export interface Continuation {
  sender: string;
  to: string[];
  subject: string;
  letters: Letter[];
}

export interface Written {
  to: string;
  subject: string;
  text: string;
}

const of = (contact: string) => `/chat/contacts/${encodeURIComponent(contact)}/letters`;

export const calls = {
  show: (contact: string) => api<Continuation>(of(contact)),
  write: (contact: string, written: Written, key: string) =>
    api<Letter>(of(contact), { method: 'POST', body: written, key }),
  takeBack: (letter: string) =>
    api<{ taken_back: boolean }>(`/mail/outgoing/${encodeURIComponent(letter)}`, { method: 'DELETE' }),
};

export type Calls = typeof calls;
