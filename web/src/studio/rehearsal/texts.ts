import { texts } from '../../lib/i18n.svelte';
import type en from './texts.en.json';

/** Texts about trying a flow out on contacts of the past. */
export const past = texts<typeof en>({
  en: () => import('./texts.en.json'),
  zh: () => import('./texts.zh.json'),
});
