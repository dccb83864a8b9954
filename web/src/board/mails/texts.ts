import { texts } from '../../lib/i18n.svelte';
import type en from './texts.en.json';

/** Texts about mailboxes and what was kept apart. */
export const mails = texts<typeof en>({
  en: () => import('./texts.en.json'),
  zh: () => import('./texts.zh.json'),
});
