/** An answer that is being written. Pure: what it is, where it comes from, what of it is sent. */
import { listed, MOST_RECIPIENTS, readRecipients } from './recipients';
import type { AnswerTo, Enclosed, Reply } from './protocol';

export interface Draft {
  text: string;
  /** Addresses as they were typed; null: as the answer says, whoever writes next. */
  to: string | null;
  cc: string | null;
  subject: string | null;
  files: Enclosed[];
  /** When it was changed last, milliseconds by the server's clock. */
  at: number;
}

export const EMPTY: Draft = { text: '', to: null, cc: null, subject: null, files: [], at: 0 };

export const MOST_FILES = 20;
export const MOST_BYTES = 20 * 1024 * 1024;
export const LONGEST_TEXT = 100_000;
export const LONGEST_SUBJECT = 300;
/** What the server keeps of a draft, with room for the rest of it. */
const LONGEST_KEPT = 150_000;

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= LONGEST_KEPT;

function isFile(value: unknown): value is Enclosed {
  if (!value || typeof value !== 'object') return false;
  const { sha256, name, content_type, size } = value as Partial<Record<keyof Enclosed, unknown>>;
  return (
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256) &&
    isText(name) &&
    isText(content_type) &&
    typeof size === 'number'
  );
}

/** A draft as it was kept, by this version of the page or another; nothing for anything else. */
export function readDraft(raw: unknown): Draft | undefined {
  if (!raw || typeof raw !== 'object') return undefined;
  const { text, to, cc, subject, files, at } = raw as Partial<Record<keyof Draft, unknown>>;
  if (!isText(text) || typeof at !== 'number') return undefined;
  return {
    text,
    to: isText(to) ? to : null,
    cc: isText(cc) ? cc : null,
    subject: isText(subject) ? subject : null,
    files: Array.isArray(files) ? files.filter(isFile) : [],
    at,
  };
}

export const isEmpty = (draft: Draft): boolean =>
  !draft.text.trim() &&
  !draft.files.length &&
  draft.to === null &&
  draft.cc === null &&
  draft.subject === null;

/** The one that was changed last: a page that was offline may know more than the server. */
export function newer(one: Draft | undefined, other: Draft | undefined): Draft | undefined {
  if (!one || !other) return one ?? other;
  return one.at >= other.at ? one : other;
}

export const toOf = (draft: Draft, answer: AnswerTo): string => draft.to ?? listed(answer.to);
export const ccOf = (draft: Draft, answer: AnswerTo): string => draft.cc ?? listed(answer.cc);
export const subjectOf = (draft: Draft, answer: AnswerTo): string => draft.subject ?? answer.subject;

export const replyOf = (draft: Draft, answer: AnswerTo): Reply => ({
  text: draft.text,
  to: readRecipients(toOf(draft, answer)).addresses,
  cc: readRecipients(ccOf(draft, answer)).addresses,
  subject: subjectOf(draft, answer).trim(),
  files: draft.files.map(({ sha256, name, content_type }) => ({ sha256, name, content_type })),
});

/** Whether sending both again would be the same mail. */
export const sameReply = (one: Reply, other: Reply): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

/** A reason why it cannot be sent as it stands, as a key of the texts with its values. */
export interface Objection {
  key:
    | 'bad.nobody'
    | 'bad.address'
    | 'bad.many'
    | 'bad.empty'
    | 'bad.long'
    | 'bad.subject';
  at: 'to' | 'cc' | 'subject' | 'text';
  values?: Record<string, string | number>;
}

export function objection(draft: Draft, answer: AnswerTo): Objection | undefined {
  const to = readRecipients(toOf(draft, answer));
  const cc = readRecipients(ccOf(draft, answer));
  for (const [at, { bad }] of [['to', to], ['cc', cc]] as const) {
    if (bad[0] !== undefined) return { key: 'bad.address', at, values: { text: bad[0].slice(0, 60) } };
  }
  if (!to.addresses.length) return { key: 'bad.nobody', at: 'to' };
  if (to.addresses.length + cc.addresses.length > MOST_RECIPIENTS) {
    return { key: 'bad.many', at: 'to', values: { most: MOST_RECIPIENTS } };
  }
  if (subjectOf(draft, answer).length > LONGEST_SUBJECT) {
    return { key: 'bad.subject', at: 'subject', values: { most: LONGEST_SUBJECT } };
  }
  if (!draft.text.trim() && !draft.files.length) return { key: 'bad.empty', at: 'text' };
  if (draft.text.length > LONGEST_TEXT) {
    return { key: 'bad.long', at: 'text', values: { count: draft.text.length - LONGEST_TEXT } };
  }
  return undefined;
}

/** Which of the files still fit beside those that are there, and which do not. */
export function fitting<Given extends { size: number }>(
  there: { size: number }[],
  given: Given[],
): { fit: Given[]; over: Given[] } {
  let bytes = there.reduce((sum, file) => sum + file.size, 0);
  let count = there.length;
  const fit: Given[] = [];
  const over: Given[] = [];
  for (const file of given) {
    if (count + 1 > MOST_FILES || bytes + file.size > MOST_BYTES) {
      over.push(file);
      continue;
    }
    count += 1;
    bytes += file.size;
    fit.push(file);
  }
  return { fit, over };
}
