/** How single values of a catalog are written, and what a new one says. */
import { isLines, lines, type Lines, type Plain } from './document';
import type { Field, Shape, Thing } from './schema';

const SPAN = /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/;
const DURATION = /^(\d{1,12}(d|h|ms|m|us|s) ?)+$|^0$/;
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];

const PATTERNS: Record<string, RegExp> = {
  share: /^((100|[1-9]?\d)(\.\d)?%|0(\.\d+)?|1(\.0+)?)$/,
  amount: /^(\d{1,6}|(\d{1,12}(d|h|ms|m|us|s) ?)+)$/,
  holidays: /^[A-Z]{2}(-[A-Z0-9]{1,5})?$/,
  weekdays: /^(daily|(mon|tue|wed|thu|fri|sat|sun)(-(mon|tue|wed|thu|fri|sat|sun))?)$/,
  date: /^\d{4}-\d{2}-\d{2}$/,
  duration: DURATION,
};

/** Whether `typed` is written as its kind asks; the server has the last word. */
export function fits(kind: string, typed: string): boolean {
  const text = typed.trim();
  if (kind !== 'openings' && kind !== 'override') return PATTERNS[kind]?.test(text) ?? true;
  if (['open', 'closed'].includes(text) || (kind === 'override' && text === 'usual')) return true;
  return text.split(',').every((span) => SPAN.test(span.trim()));
}

/** `09:00-12:00, 13:00-17:00` for a list of spans. */
export function openingsText(value: Plain | undefined): string {
  if (Array.isArray(value)) return value.filter((one) => typeof one === 'string').join(', ');
  return typeof value === 'string' ? value : '';
}

export function openingsValue(typed: string): Plain {
  const spans = typed.split(',').map((span) => span.trim()).filter(Boolean);
  return spans.length > 1 ? spans : (spans[0] ?? '');
}

export function isEmpty(value: Plain | undefined): boolean {
  if (value === undefined || value === null || value === '') return true;
  return Array.isArray(value) ? value.length === 0 : isLines(value) && Object.keys(value).length === 0;
}

/** What stands there when something is added. */
export function freshOf(shape: Shape): Plain {
  switch (shape.type) {
    case 'number':
      return String(Math.max(shape.least, 1));
    case 'duration':
      return '30s';
    case 'openings':
      return '09:00-17:00';
    case 'override':
      return 'closed';
    case 'list':
      return [];
    case 'map':
      return {};
    case 'object':
      return Object.fromEntries(shape.fields.filter((one) => one.required).map((one) => [one.name, freshField(one)]));
    default:
      return '';
  }
}

function freshField({ shape }: Field): Plain {
  if (shape.type === 'pick') return shape.options.includes('wait') ? 'wait' : (shape.options[0] ?? '');
  return shape.type === 'destination' ? 'callback' : freshOf(shape);
}

/** A key that is not there yet. */
export function freeKey(key: Shape, taken: Lines): string {
  const free = (one: string) => !Object.hasOwn(taken, one);
  if (key.type === 'weekdays') return ['mon-fri', 'sat', 'sun', ...DAYS].find(free) ?? 'daily';
  const first = key.type === 'date' ? new Date().toISOString().slice(0, 10) : 'new';
  if (free(first)) return first;
  for (let number = 2; ; number += 1) {
    const next = key.type === 'date' ? dayAfter(first, number - 1) : `${first}_${number}`;
    if (free(next)) return next;
  }
}

function dayAfter(date: string, days: number): string {
  return new Date(Date.parse(date) + days * 86_400_000).toISOString().slice(0, 10);
}

/** `billing` as the thing that it is short for. */
export function shortThing(thing: Thing, value: Plain | undefined): Lines {
  const first = thing.fields[0]?.name ?? 'queue';
  return typeof value === 'string' ? { [first]: value } : lines(value);
}

/** As short as it can be written. */
export function shortValue(thing: Thing, value: Lines | undefined): Plain {
  const first = thing.fields[0]?.name ?? 'queue';
  const own = Object.keys(value ?? {});
  return own.length === 1 && own[0] === first ? (value?.[first] ?? '') : (value ?? '');
}

/** What an admin looks for first comes first. */
const FIRST: Record<string, string[]> = {
  Queue: ['label', 'hours', 'steps', 'credit', 'strategy', 'service_within', 'service_target', 'overflow', 'callback'],
  Step: ['ask', 'for'],
  Overflow: ['when', 'at', 'to'],
  Catalog: ['time_zone', 'not_ready_reasons', 'queue_defaults'],
};

export function orderOf(thing: Thing): Field[] {
  const first = FIRST[thing.name] ?? [];
  const place = (field: Field) => (first.includes(field.name) ? first.indexOf(field.name) : first.length);
  return [...thing.fields].sort((one, other) => place(one) - place(other));
}
