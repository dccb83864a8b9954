/** Why something with mails did not work, in one sentence that says what to do. */
import { ApiError } from '../../lib/api';
import { preferences } from '../../lib/preferences.svelte';
import { words } from './texts';

export interface Failure {
  text: string;
  /** Beside which part of the editor it is said. */
  at: 'to' | 'cc' | 'subject' | 'text' | 'files' | 'send';
}

export type Doing = 'load' | 'send' | 'undo' | 'again' | 'note';

/** Nobody knows whether the server did it: the same may be asked again with the same key. */
export const isUncertain = (error: ApiError): boolean => error.status === 0 || error.status >= 500;

/** The server explains in English; other languages know it by its code. */
export function failureOf(error: unknown, doing: Doing): Failure {
  return { text: textOf(error, doing), at: 'send' };
}

function textOf(error: unknown, doing: Doing): string {
  if (!(error instanceof ApiError)) return words.t(`failed.${doing}`);
  if (error.status === 0) return words.t(`failed.${doing}.offline`);
  const known = `failed.code.${error.code}`;
  if (preferences.language === 'en' && error.message && error.status < 500) return error.message;
  return words.has(known) ? words.t(known) : words.t(`failed.${doing}`);
}
