/** What screen readers hear: `polite` waits for a pause, `assertive` speaks at once. */

export const spoken = $state({ polite: '', assertive: '' });

/** The same words twice must sound twice, so a repeated text differs by a trailing space. */
export function announce(text: string, how: 'polite' | 'assertive' = 'polite'): void {
  spoken[how] = spoken[how] === text ? `${text}\u00a0` : text;
}
