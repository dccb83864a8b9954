import { texts } from '../../lib/i18n.svelte';
import type en from './texts.en.json';

/** Texts of mails, loaded with the first of them. */
export const words = texts<typeof en>({
  en: () => import('./texts.en.json'),
  zh: () => import('./texts.zh.json'),
});
