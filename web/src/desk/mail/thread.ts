/** The thread as it is shown: what is folded, what stands between mails, what is waited for. Pure. */
import type { Message } from '../../lib/protocol';
import type { Mail, MailIn, MailNote, MailOut, MailView, Person } from './protocol';

const IS_MAIL = /^(mail|re|ack)-[0-9a-f]{32}$/;

/** A mail, or something else that was said in the contact. */
export type Entry =
  | { kind: 'mail'; mail: Mail }
  | { kind: 'note'; line: Message }
  /** What a colleague noted; nobody outside sees it. */
  | { kind: 'internal'; note: MailNote };

export function entries(mails: Mail[], messages: Message[], notes: MailNote[] = []): Entry[] {
  const known = new Set(mails.map((mail) => mail.id));
  const others = messages.filter(({ id }) => !known.has(id) && !IS_MAIL.test(id));
  return [
    ...mails.map((mail) => ({ kind: 'mail' as const, mail })),
    ...others.map((line) => ({ kind: 'note' as const, line })),
    ...notes.map((note) => ({ kind: 'internal' as const, note })),
  ].sort((one, other) => timeOf(one) - timeOf(other));
}

/** A mail that was said in the contact and is not in the view: it has just come, or was just sent. */
export const lacks = (mails: Mail[], messages: Message[]): boolean =>
  messages.some(({ id }) => IS_MAIL.test(id) && !mails.some((mail) => mail.id === id));

const shownOf = (entry: Entry): Mail | Message | MailNote => {
  if (entry.kind === 'mail') return entry.mail;
  return entry.kind === 'note' ? entry.line : entry.note;
};

export const timeOf = (entry: Entry): number => shownOf(entry).at;

export const idOf = (entry: Entry): string => shownOf(entry).id;

/** Open at first: the newest from outside and all after it. */
export function openAtFirst(mails: Mail[]): Set<string> {
  const newest = mails.findLastIndex((mail) => mail.way === 'in');
  return new Set(mails.slice(Math.max(0, newest)).map((mail) => mail.id));
}

/** The first words of a text, in one line. */
export function beginning(text: string, most = 120): string {
  const line = text.slice(0, most * 4).replace(/\s+/g, ' ').trim();
  return line.length > most ? `${line.slice(0, most).trimEnd()}…` : line;
}

export const personName = (one: Person): string => one.name.trim() || one.address;
export const namedPerson = (one: Person): string =>
  one.name.trim() ? `${one.name.trim()} <${one.address}>` : one.address;

/** The text in two: what was written, and the earlier mail it carries along. */
export function folded(mail: MailIn): { own: string; quoted: string } {
  const at = Math.min(Math.max(0, mail.quoted_from), mail.text.length);
  return { own: mail.text.slice(0, at).trimEnd(), quoted: mail.text.slice(at).trim() };
}

/** There are pictures that only load when they are asked for. */
export const hasPictures = (mail: MailIn): boolean => /<img[^>]*\sdata-remote="/.test(mail.html);

/** The frame cannot say how high it is (nothing runs in it), so its height follows its text. */
export function frameHeight(mail: MailIn): number {
  const LINE = 22;
  const WIDTH = 90;
  const lines = mail.text
    .slice(0, 8_000)
    .split('\n')
    .reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / WIDTH)), 0);
  const blocks = Math.min(40, mail.html.split(/<(?:img|table|tr|hr|li)\b/).length - 1);
  return Math.min(520, Math.max(180, lines * LINE + blocks * 16 + 80));
}

/** Not at its end yet: somebody should look again. */
export const isUnderWay = (mail: Mail): mail is MailOut =>
  mail.way === 'out' && (mail.state === 'prepared' || mail.state === 'held' || mail.state === 'sending');

/** Asks for the agent: it did not arrive, or nobody knows. */
export const needsAgent = (mail: Mail): mail is MailOut =>
  mail.way === 'out' && (mail.state === 'failed' || mail.state === 'unknown');

/** What the bar above the editor is about: the agent's own mails that are not at their end. */
export const forBar = (view: MailView, agent: string): MailOut[] =>
  view.mails.filter(
    (mail): mail is MailOut =>
      mail.way === 'out' && mail.agent === agent && (isUnderWay(mail) || needsAgent(mail)),
  );

const SOON = 400;
const RARELY = 15_000;

/**
 * Milliseconds until it is worth asking how far mails are; nothing when none is under way.
 * While one can be taken back nothing happens to it; after that ever more rarely.
 */
export function askAgainIn(mails: Mail[], now: number, asked: number): number | undefined {
  const waits = mails
    .filter(isUnderWay)
    .map((mail) =>
      mail.state === 'held' && mail.due / 1000 > now
        ? mail.due / 1000 - now + SOON
        : Math.min(RARELY, SOON * 2 ** asked),
    );
  return waits.length ? Math.min(...waits) : undefined;
}

/** An earlier mail as a forwarded one carries it, below what the agent writes. */
export function forwarded(mail: MailIn, headings: [string, string][]): string {
  const head = headings.filter(([, value]) => value).map(([name, value]) => `${name}: ${value}`);
  return `\n\n---------- Forwarded message ----------\n${head.join('\n')}\n\n${mail.text.trim()}\n`;
}

/** `Fwd:` once, and no chain of `Re:` before it. */
export function forwardSubject(subject: string): string {
  const bare = subject.replace(/^(?:\s*(?:re|fwd?|aw|wg|sv|回复|转发)\s*[:\uff1a])+/iu, '').trim();
  return `Fwd: ${bare}`.trim();
}
