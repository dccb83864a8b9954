/** Why a letter did not leave, by the code of the server's answer. */
import { ApiError } from '../../lib/api';
import { preferences } from '../../lib/preferences.svelte';
import { words } from './texts';

/** Nobody knows whether the server did it: the same may be asked again with the same key. */
export const isUncertain = (error: unknown): boolean =>
  !(error instanceof ApiError) || error.status === 0 || error.status >= 500;

/** The server explains in English; other languages know it by its code. */
export function failureOf(error: unknown): string {
  if (!(error instanceof ApiError)) return words.t('failed.send');
  if (error.status === 0) return words.t('failed.send.offline');
  const known = `failed.code.${error.code}`;
  if (preferences.language === 'en' && error.message && error.status < 500) return error.message;
  return words.has(known) ? words.t(known) : words.t('failed.send');
}

/** What mail servers say is English as well, so other languages leave it out. */
export const reasonOf = (reason: string): string => (preferences.language === 'en' ? reason : '');
