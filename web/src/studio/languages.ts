/** What languages are called in the language of the page. */
import { locale } from '../lib/i18n.svelte';

export function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames([locale()], { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
