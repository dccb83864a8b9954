/** Where the visitor writes. Enter sends, Shift+Enter makes a new line. */

import { h, icon, setText } from './dom';
import { leftText } from './form';
import { lengthOf, MAX_TEXT } from './protocol';
import type { Texts } from './texts';

export interface ComposerView {
  readonly element: HTMLElement;
  focus(): void;
  set(text: string): void;
}

export function composerView(
  t: Texts,
  write: (draft: string) => void,
  say: (text: string) => void,
): ComposerView {
  const input = h('textarea', { rows: 1, 'aria-label': t('write'), placeholder: t('write') });
  const button = h('button', { type: 'submit', class: 'send', 'aria-label': t('send') }, icon('send'));
  const left = h('span', { class: 'left', 'aria-live': 'polite' });
  const submit = (event: Event): void => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text || lengthOf(text) > MAX_TEXT) return;
    input.value = '';
    say(text);
    refresh();
  };
  const refresh = (): void => {
    const text = input.value.trim();
    button.disabled = !text || lengthOf(text) > MAX_TEXT;
    setText(left, leftText(text, t));
    input.style.height = 'auto';
    // Zero while the composer is not on the screen.
    const wanted = input.scrollHeight;
    if (wanted > 0) input.style.height = `${Math.min(wanted + 2, 120)}px`;
  };
  const changed = (): void => {
    refresh();
    write(input.value);
  };
  input.addEventListener('input', changed);
  input.addEventListener('keydown', (event) => {
    // While an input method is composing (Chinese), Enter chooses a word and must not send.
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) submit(event);
  });
  const row = h('div', { class: 'row' }, input, button);
  const element = h('form', { class: 'composer', submit }, left, row);
  return {
    element,
    focus: () => input.focus(),
    set(text) {
      input.value = text;
      refresh();
    },
  };
}
