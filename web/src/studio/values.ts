/** How values of a flow are written, and what people see of them. */
import { isRecord, list, record, text } from './document';

const DURATION = /^(\d{1,12}d)? ?(\d{1,12}h)? ?(\d{1,12}m)? ?(\d{1,12}s)? ?(\d{1,12}ms)?$/;

/** `30s`, `1m30s`, `0`; with a minus only for a credit. */
export function isDuration(written: string, negative = false): boolean {
  const bare = negative ? written.replace(/^-/, '') : written;
  return bare === '0' || (bare.trim() !== '' && DURATION.test(bare.trim()));
}

export interface Spoken {
  text: string;
  audio: string;
}

/** A prompt by language: a text alone is in the flow's first language. */
export function promptOf(value: unknown, first: string): Record<string, Spoken> {
  const lines = typeof value === 'string' ? { [first]: value } : record(value);
  return Object.fromEntries(Object.entries(lines).map(([language, one]) => [language, spokenOf(one)]));
}

function spokenOf(value: unknown): Spoken {
  if (!isRecord(value)) return { text: text(value), audio: '' };
  return { text: text(value['text']), audio: text(value['audio']) };
}

/** As it is written; nothing when nothing is said in any language. */
export function writtenPrompt(prompt: Record<string, Spoken>): Record<string, unknown> | undefined {
  const said = Object.entries(prompt).filter(([, one]) => one.text || one.audio);
  if (!said.length) return undefined;
  return Object.fromEntries(
    said.map(([language, { text: words, audio }]) => [language, audio ? { audio, ...(words ? { text: words } : {}) } : words]),
  );
}

/** The words of a button by language. */
export function wordsOf(value: unknown, first: string): Record<string, string> {
  const lines = typeof value === 'string' ? { [first]: value } : record(value);
  return Object.fromEntries(Object.entries(lines).map(([language, one]) => [language, text(one)]));
}

/** The flow's languages, and those in which something is written all the same. */
export function languagesOf(languages: readonly string[], written: Record<string, unknown>): string[] {
  return [...new Set([...languages, ...Object.keys(written)])];
}

/** One line about what a node says or does, for its card. */
export function gist(node: Record<string, unknown>, first: string): string {
  const named = ['queue', 'hours', 'box', 'number', 'flow', 'connector', 'into', 'by'];
  const said = Object.values(promptOf(node['say'], first)).find((one) => one.text)?.text;
  const name = named.map((field) => node[field]).find((one) => typeof one === 'string' && one !== '');
  return (['queue', 'callback', 'voicemail', 'transfer', 'flow'].includes(text(node['kind'])) ? text(name) : '') || said || text(name);
}

/** The attributes that a flow writes, and those every contact has. */
export function attributesOf(nodes: Record<string, Record<string, unknown>>): string[] {
  const own = Object.values(nodes).flatMap((node) => {
    if (node['kind'] === 'collect') return [text(node['into']) || 'answer'];
    if (node['kind'] === 'set') return Object.keys(record(node['attributes']));
    return node['kind'] === 'look_up' ? Object.keys(record(node['take'])) : [];
  });
  const built = ['address', 'channel', 'language', 'customer.id', 'customer.name', 'customer.tier'];
  return [...new Set([...own, ...built])].filter(Boolean);
}

/** `items` with the one at `from` moved by `step`. */
export function moved<Item>(items: readonly Item[], from: number, step: number): Item[] {
  const result = [...items];
  const [item] = result.splice(from, 1);
  if (item !== undefined) result.splice(Math.max(0, from + step), 0, item);
  return result;
}

/** `lines` with one key under another name, in its place. */
export function rekeyed(lines: Record<string, unknown>, from: string, to: string): Record<string, unknown> {
  if (to === from || !to || Object.hasOwn(lines, to)) return lines;
  return Object.fromEntries(Object.entries(lines).map(([key, value]) => [key === from ? to : key, value]));
}

// -- conditions, as `{tier: gold, any: [{known: true}]}` ---------------------------------------

export type Line = 'word' | 'number' | 'flag' | 'words' | 'numbers' | 'durations' | 'group' | 'one' | 'time' | 'level'
  | 'phrases' | 'phrase_rows';

export const CONDITION: Record<string, Line> = {
  attributes: 'words', at_least: 'numbers', has: 'word', tier: 'word', value: 'number', known: 'flag',
  language: 'word', channel: 'word', open: 'word', staffed: 'word', length: 'numbers', wait: 'durations',
  time: 'time', says: 'phrases', subject: 'phrases', text: 'phrases', sender: 'phrases', contains: 'phrase_rows',
  all: 'group', any: 'group', not: 'one',
};

export const DEMAND: Record<string, Line> = {
  team: 'word', site: 'word', attributes: 'words', all: 'group', any: 'group', not: 'one',
};

const EMPTY: Record<Line, unknown> = {
  word: '', number: 0, flag: true, words: {}, numbers: {}, durations: {}, group: [], one: {},
  time: 'mon-fri 09:00-17:00', level: 1, phrases: [], phrase_rows: {},
};

export function emptyLine(line: Line): unknown {
  return EMPTY[line];
}

const MOST_PHRASES = 50;

/** Words and phrases, one or a list of them, as they are typed: between commas. */
export function typedPhrases(value: unknown): string {
  return (Array.isArray(value) ? value : [value]).map(text).filter(Boolean).join(', ');
}

export function writtenPhrases(typed: string): string[] {
  return typed.split(/[,;，；、\n]/).map((one) => one.trim()).filter(Boolean).slice(0, MOST_PHRASES);
}

/** A demand as its lines: `anyone` asks nothing, a word alone is a skill. */
export function demandLines(value: unknown): Record<string, unknown> {
  if (typeof value === 'string') return value === 'anyone' || !value ? {} : { [value]: 1 };
  return record(value);
}

export { isRecord, list, record, text };
