/** Mails of a contact as `/api/v1/mail` tells them. Times are microseconds UTC. */

export interface Person {
  address: string;
  name: string;
}

export interface FileIn {
  sha256: string;
  name: string;
  content_type: string;
  /** Bytes. */
  size: number;
  content_id: string;
}

export interface MailIn {
  way: 'in';
  id: string;
  at: number;
  sender: Person;
  to: Person[];
  cc: Person[];
  subject: string;
  text: string;
  /** What stands in `text` from here on is quoted. */
  quoted_from: number;
  /** Cleaned, and still only for the sandboxed frame. */
  html: string;
  files: FileIn[];
  /** Sentences about what was left out. */
  cut: string[];
  /** Its sender has had no part in the thread. */
  stranger: boolean;
  sent_at: number | null;
}

export type Sending = 'prepared' | 'held' | 'sending' | 'unknown' | 'sent' | 'failed' | 'undone';

export interface MailOut {
  way: 'out';
  id: string;
  at: number;
  to: string[];
  subject: string;
  /** Empty: Patchbay wrote it by itself. */
  agent: string;
  state: Sending;
  /** Until then it can be taken back, or then it is tried again. */
  due: number;
  reason: string;
}

export type Mail = MailIn | MailOut;

/** What an answer has unless the agent says otherwise. */
export interface AnswerTo {
  sender: string;
  to: Person[];
  cc: Person[];
  subject: string;
  signature: string;
  /** Microseconds in which it can be taken back. */
  undo: number;
}

export interface MailView {
  contact: string;
  thread: string;
  mailbox: string;
  mails: Mail[];
  answer: AnswerTo;
  draft: unknown;
  answered_by: string;
  answered_at: number;
  notes?: MailNote[];
}

/** What a colleague noted on the thread; nobody outside sees it. */
export interface MailNote {
  id: string;
  at: number;
  agent: string;
  text: string;
}

/** What a mail of ours says. */
export interface MailSaid {
  text: string;
  to: string[];
  cc: string[];
  files: { name: string; content_type: string; size: number }[];
}

/** A file that goes along: kept on the server under its hash. */
export interface Enclosed {
  sha256: string;
  name: string;
  content_type: string;
  size: number;
}

export interface Reply {
  text: string;
  to: string[];
  cc: string[];
  subject: string;
  files: Omit<Enclosed, 'size'>[];
}
