/** What a start form must hold before it is sent; the server checks again. */

import type { StartForm } from './client';
import { lengthOf, MAX_TEXT } from './protocol';
import type { TextKey } from './texts';

export type FormField = keyof StartForm;

export interface FormProblem {
  readonly field: FormField;
  readonly text: TextKey;
  readonly values?: Record<string, number>;
}

export const isAddress = (text: string): boolean => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text);

/** The first problem from top to bottom, or null. `mailed`: the answer comes by mail. */
export function checkForm(form: StartForm, hasTopics: boolean, mailed = false): FormProblem | null {
  if (!form.name) return { field: 'name', text: 'needName' };
  if (hasTopics && !form.choice) return { field: 'choice', text: 'needTopic' };
  if (form.address && !isAddress(form.address)) {
    return { field: 'address', text: mailed ? 'badMail' : 'badAddress' };
  }
  if (mailed && !form.address) return { field: 'address', text: 'needAddress' };
  if (!form.text) return { field: 'text', text: 'needMessage' };
  const over = lengthOf(form.text) - MAX_TEXT;
  if (over > 0) return { field: 'text', text: 'tooLong', values: { count: over } };
  return null;
}
