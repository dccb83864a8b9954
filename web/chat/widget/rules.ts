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

/** The first problem from top to bottom, or null. */
export function checkForm(form: StartForm, hasTopics: boolean): FormProblem | null {
  if (!form.name) return { field: 'name', text: 'needName' };
  if (hasTopics && !form.choice) return { field: 'choice', text: 'needTopic' };
  if (form.address && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(form.address)) {
    return { field: 'address', text: 'badAddress' };
  }
  if (!form.text) return { field: 'text', text: 'needMessage' };
  const over = lengthOf(form.text) - MAX_TEXT;
  if (over > 0) return { field: 'text', text: 'tooLong', values: { count: over } };
  return null;
}
