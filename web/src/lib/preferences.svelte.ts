/** What a person chose for this browser: language, theme, sound, single-letter keys. */

export const LANGUAGES = ['en', 'zh'] as const;
export type Language = (typeof LANGUAGES)[number];
export type Theme = 'system' | 'light' | 'dark';

interface Stored {
  language: Language;
  theme: Theme;
  sound: boolean;
  letterKeys: boolean;
}

const KEY = 'patchbay.preferences';

/** The first language the browser asks for that we speak, else English. */
export function preferredLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const base = tag.toLowerCase().split('-')[0];
    const known = LANGUAGES.find((language) => language === base);
    if (known) return known;
  }
  return 'en';
}

/** Reads what is stored, keeping only values we know; storage may be empty, broken or forbidden. */
export function parseStored(text: string | null, wanted: readonly string[]): Stored {
  let raw: Partial<Record<keyof Stored, unknown>> = {};
  try {
    const parsed: unknown = JSON.parse(text ?? '{}');
    if (parsed && typeof parsed === 'object') raw = parsed;
  } catch {
    // A damaged entry is as good as none.
  }
  return {
    language: LANGUAGES.find((known) => known === raw.language) ?? preferredLanguage(wanted),
    theme: raw.theme === 'light' || raw.theme === 'dark' ? raw.theme : 'system',
    sound: raw.sound !== false,
    letterKeys: raw.letterKeys !== false,
  };
}

function load(): Stored {
  try {
    return parseStored(localStorage.getItem(KEY), navigator.languages);
  } catch {
    return parseStored(null, ['en']);
  }
}

export const preferences = $state<Stored>(load());

export function setPreference<K extends keyof Stored>(key: K, value: Stored[K]): void {
  preferences[key] = value;
  try {
    localStorage.setItem(KEY, JSON.stringify(preferences));
  } catch {
    // The choice still holds until the page is closed.
  }
  applyPreferences();
}

/** Puts language and theme on the document, where CSS and screen readers look. */
export function applyPreferences(): void {
  if (typeof document === 'undefined') return;
  const root = document.documentElement;
  root.lang = preferences.language === 'zh' ? 'zh-CN' : preferences.language;
  if (preferences.theme === 'system') delete root.dataset['theme'];
  else root.dataset['theme'] = preferences.theme;
}
