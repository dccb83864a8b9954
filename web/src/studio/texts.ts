import { texts, type Values } from '../lib/i18n.svelte';
import type en from './texts.en.json';

/** Texts of /studio. */
export const studio = texts<typeof en>({
  en: () => import('./texts.en.json'),
  zh: () => import('./texts.zh.json'),
});

/** For what comes from tables and documents: the text with this key, else `otherwise`. */
export function words(key: string, otherwise: string, values: Values = {}): string {
  return studio.has(key) ? studio.t(key, values) : otherwise;
}

export function kindWords(kind: string): string {
  return words(`kind.${kind}`, kind);
}

/** What people call an exit: keys and names of cases are shown as they are. */
export function exitWords(exit: string): string {
  return words(`exit.${exit}`, exit);
}
