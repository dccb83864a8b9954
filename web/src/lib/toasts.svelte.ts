/** Short notices at the foot of the page: one sentence, perhaps one act. */
import { untrack } from 'svelte';

import { announce } from './announcer.svelte';

export interface Toast {
  id: number;
  text: string;
  kind: 'info' | 'error';
  action?: { label: string; run: () => void };
}

const SHOWN_FOR = 8000;
const MOST = 4;
let next = 1;

let list = $state.raw<Toast[]>([]);

export const toasts = {
  get list() {
    return list;
  },
  show(text: string, kind: Toast['kind'] = 'info', action?: Toast['action']): void {
    const toast: Toast = { id: next++, text, kind, ...(action ? { action } : {}) };
    const others = untrack(() => list).filter((other) => other.text !== text);
    list = [...others, toast].slice(-MOST);
    announce(text, kind === 'error' ? 'assertive' : 'polite');
    // Errors stay until they are read; a notice goes by itself.
    if (kind === 'info') setTimeout(() => toasts.dismiss(toast.id), SHOWN_FOR);
  },
  dismiss(id: number): void {
    list = list.filter((toast) => toast.id !== id);
  },
};
