import { texts } from '../../lib/i18n.svelte';
import type en from './texts.en.json';

/** Texts about recordings of prompts. */
export const recordings = texts<typeof en>({
  en: () => import('./texts.en.json'),
  zh: () => import('./texts.zh.json'),
});
