import { texts } from '../lib/i18n.svelte';
import type en from './texts.en.json';

/** Texts of /login. */
export const login = texts<typeof en>({
  en: () => import('./texts.en.json'),
  zh: () => import('./texts.zh.json'),
});
