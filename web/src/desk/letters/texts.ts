import { texts } from '../../lib/i18n.svelte';
import type en from './texts.en.json';

/** Texts of chats that go on by mail, loaded with the first visitor who leaves. */
export const words = texts<typeof en>({
  en: () => import('./texts.en.json'),
  zh: () => import('./texts.zh.json'),
});
