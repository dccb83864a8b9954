import { texts } from '../../lib/i18n.svelte';
import type en from './texts.en.json';

/** Texts about messages and documents that customers leave. */
export const documents = texts<typeof en>({
  en: () => import('./texts.en.json'),
  zh: () => import('./texts.zh.json'),
});
