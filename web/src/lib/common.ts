import type en from './common.en.json';
import { texts } from './i18n.svelte';

/** Texts of the shared components. */
export const common = texts<typeof en>({
  en: () => import('./common.en.json'),
  zh: () => import('./common.zh.json'),
});
