import { texts } from '../../lib/i18n.svelte';
import type en from './texts.en.json';

/** Texts of the softphone, loaded by those who have one. */
export const words = texts<typeof en>({
  en: () => import('./texts.en.json'),
  zh: () => import('./texts.zh.json'),
});
