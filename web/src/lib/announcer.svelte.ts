/** What screen readers hear: `polite` waits for a pause, `assertive` speaks at once. */
import { untrack } from 'svelte';

export const spoken = $state({ polite: '', assertive: '' });

/** The same words twice must sound twice, so a repeated text differs by a trailing space. */
export function announce(text: string, how: 'polite' | 'assertive' = 'polite'): void {
  // Called from effects, which must not run again because of what was said.
  const before = untrack(() => spoken[how]);
  spoken[how] = before === text ? `${text}\u00a0` : text;
}
