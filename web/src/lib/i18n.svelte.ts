/**
 * Texts of a page in the chosen language.
 *
 * A catalogue is a flat JSON file. A text is a string with `{name}` places, or one string for each
 * plural category of the language (`{"one": …, "other": …}`), chosen by the value `count`.
 */
import { LANGUAGES, type Language, preferences, setPreference } from './preferences.svelte';

export type Text = string | Partial<Record<Intl.LDMLPluralRule, string>>;
export type Values = Record<string, string | number>;
type Catalogue = Record<string, Text>;
type Loader = () => Promise<{ default: Catalogue }>;
export type Translate<Key extends string> = (key: Key, values?: Values) => string;

export interface Texts<Key extends string> {
  t: Translate<Key>;
  /** True when the catalogue has this key: for codes that come from the server. */
  has: (key: string) => key is Key;
  load: (language?: Language) => Promise<void>;
}

/** The person's own region of the language when the browser names one: `en-GB`, `zh-TW`. */
export function locale(language: Language = preferences.language): string {
  const own = globalThis.navigator?.languages?.find((tag) => tag.split('-')[0] === language);
  return own ?? (language === 'zh' ? 'zh-CN' : 'en');
}

function pattern(text: Text, values: Values, language: Language): string {
  if (typeof text === 'string') return text;
  const count = Number(values['count'] ?? 0);
  const category = new Intl.PluralRules(locale(language)).select(count);
  return text[category] ?? text.other ?? '';
}

/** Fills the places of a text; numbers are written the language's way. */
export function fill(text: Text, values: Values, language: Language): string {
  return pattern(text, values, language).replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name];
    if (value === undefined) return place;
    return typeof value === 'number'
      ? new Intl.NumberFormat(locale(language)).format(value)
      : value;
  });
}

const loaded: ((language: Language) => Promise<void>)[] = [];

/** The texts of one part of the pages; call `load` before mounting, and `switchLanguage` later. */
export function texts<C extends Record<string, Text>>(
  loaders: Record<Language, Loader>,
): Texts<keyof C & string> {
  let catalogue = $state.raw<Catalogue>({});
  let language = $state.raw<Language>('en');
  const load = async (wanted: Language = preferences.language) => {
    catalogue = (await loaders[wanted]()).default;
    language = wanted;
  };
  loaded.push(load);
  return {
    t: (key, values = {}) => {
      const text = catalogue[key];
      return text === undefined ? key : fill(text, values, language);
    },
    has: (key): key is keyof C & string => Object.hasOwn(catalogue, key),
    load,
  };
}

/** Loads every part in the new language first, so that the page changes in one step. */
export async function switchLanguage(language: Language): Promise<void> {
  if (!LANGUAGES.includes(language)) return;
  await Promise.all(loaded.map((load) => load(language)));
  setPreference('language', language);
}

export function formatNumber(value: number, options?: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat(locale(), options).format(value);
}

/** `micros` is microseconds UTC, as everywhere in the protocol. */
export function formatDateTime(micros: number, options?: Intl.DateTimeFormatOptions): string {
  const style = options ?? { dateStyle: 'medium', timeStyle: 'short' };
  return new Intl.DateTimeFormat(locale(), style).format(micros / 1000);
}

const SPANS: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** How long ago, coarse: "9 days ago", "yesterday", "2 months ago". */
export function formatAgo(micros: number, nowMillis: number): string {
  const seconds = (micros / 1000 - nowMillis) / 1000;
  const format = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' });
  for (const [unit, length] of SPANS) {
    if (Math.abs(seconds) >= length) return format.format(Math.round(seconds / length), unit);
  }
  return format.format(0, 'minute');
}
