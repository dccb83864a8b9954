/** Where the visitor writes. Enter sends, Shift+Enter makes a new line. */

import { h, icon, setText } from './dom';
import { leftText } from './form';
import { lengthOf, MAX_TEXT, type FilesTaken, type Prompt } from './protocol';
import type { TextKey, Texts } from './texts';

export interface ComposerView {
  readonly element: HTMLElement;
  focus(): void;
  set(text: string): void;
  /** Which files may be sent; null: none. */
  take(takes: FilesTaken | null): void;
  /** What is written answers this; null: it is a message. */
  ask(prompt: Prompt | null): void;
}

export function composerView(
  t: Texts,
  write: (draft: string) => void,
  say: (text: string) => boolean,
  attach: (files: Iterable<File>) => void,
): ComposerView {
  const input = h('textarea', { rows: 1 });
  const secret = h('input', { type: 'password', autocomplete: 'off' });
  const button = h('button', { type: 'submit', class: 'send', 'aria-label': t('send') }, icon('send'));
  const left = h('span', { class: 'left', 'aria-live': 'polite' });
  let asked: Prompt | null = null;

  const field = (): HTMLInputElement | HTMLTextAreaElement => (asked?.secret ? secret : input);
  const most = (): number => (asked?.kind === 'text' ? asked.longest : MAX_TEXT);
  const fits = (text: string): boolean => text !== '' && lengthOf(text) <= most();
  const submit = (event: Event): void => {
    event.preventDefault();
    const written = field();
    const text = written.value.trim();
    if (!fits(text) || !say(text)) return;
    written.value = '';
    refresh();
  };
  const refresh = (): void => {
    const text = field().value.trim();
    button.disabled = !fits(text);
    setText(left, leftText(text, t, most()));
    input.style.height = 'auto';
    // Zero while the composer is not on the screen.
    const wanted = input.scrollHeight;
    if (wanted > 0) input.style.height = `${Math.min(wanted + 2, 120)}px`;
  };
  input.addEventListener('input', () => {
    refresh();
    write(input.value);
  });
  secret.addEventListener('input', refresh); // and it is kept nowhere
  input.addEventListener('keydown', (event) => {
    // While an input method is composing (Chinese), Enter chooses a word and must not send.
    if (event.key === 'Enter' && !event.shiftKey && !event.isComposing) submit(event);
  });
  const chooser = h('input', { type: 'file', multiple: true, hidden: true, tabindex: -1 });
  const clip = h('button', { type: 'button', class: 'send', hidden: true }, icon('attach'));
  clip.setAttribute('aria-label', t('attach'));
  clip.addEventListener('click', () => chooser.click());
  chooser.addEventListener('change', () => {
    attach([...(chooser.files ?? [])]);
    chooser.value = '';
  });
  input.addEventListener('paste', (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (clip.hidden || !files.length) return;
    event.preventDefault();
    attach(files);
  });
  const row = h('div', { class: 'row' }, input, clip, button, chooser);
  const element = h('form', { class: 'composer', submit }, left, row);

  /** A secret is hidden as it is typed; who was writing goes on in the field that is there now. */
  const show = (): void => {
    const writing = element.querySelector('input:focus, textarea:focus') !== null;
    secret.value = '';
    if (row.firstChild !== field()) row.replaceChildren(field(), clip, button, chooser);
    field().inputMode = asked?.digits ? 'numeric' : 'text';
    field().placeholder = t(wordsFor(asked));
    field().setAttribute('aria-label', t(wordsFor(asked)));
    if (writing) field().focus();
    refresh();
  };
  show();
  return {
    element,
    focus: () => field().focus(),
    set(text) {
      input.value = text;
      refresh();
    },
    take(takes) {
      clip.hidden = !takes;
      chooser.accept = takes?.types.join(',') ?? '';
    },
    ask(prompt) {
      if (prompt?.turn === asked?.turn) return;
      asked = prompt;
      show();
    },
  };
}

function wordsFor(prompt: Prompt | null): TextKey {
  if (!prompt) return 'write';
  if (prompt.secret) return 'secret';
  return prompt.kind === 'choice' ? 'orType' : 'answer';
}
