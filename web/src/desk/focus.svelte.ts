import { untrack } from 'svelte';
import type { Attachment } from 'svelte/attachments';

import type { Controls } from './controls.svelte';

/** Puts the cursor into the field when a key asks for this place. */
export function focusable(controls: Controls, place: string): Attachment<HTMLElement> {
  return (field) => {
    let seen = untrack(() => controls.focus.count);
    $effect(() => {
      const { place: wanted, count } = controls.focus;
      if (count === seen) return;
      seen = count;
      if (wanted === place) field.focus();
    });
  };
}
