import { texts } from '../../lib/i18n.svelte';
import type en from './texts.en.json';

/** Texts of the catalog's page. */
export const catalog = texts<typeof en>({
  en: () => import('./texts.en.json'),
  zh: () => import('./texts.zh.json'),
});

const words = (key: string, otherwise: string) => (catalog.has(key) ? catalog.t(key) : otherwise);

/** What a field of `owner` (as the schema calls it) is called. */
export const fieldWords = (owner: string, name: string) => words(`field.${owner}.${name}`, words(`field.${name}`, name));
export const hintWords = (owner: string, name: string, otherwise: string) => words(`hint.${owner}.${name}`, words(`hint.${name}`, otherwise));
export const optionWords = (option: string) => words(`option.${option}`, option);
/** What to write instead, for a value of this kind. */
export const wrongWords = (kind: string) => words(`wrong.${kind}`, kind);
/** One row of the list in `field`: `Step 2`. */
export const rowWords = (field: string, label: string, number: number) =>
  catalog.t('list.row', { name: words(`row.${field}`, label), number });
