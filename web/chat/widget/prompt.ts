/** What a flow offers to choose from, as buttons between the thread and the composer. */

import { h } from './dom';
import type { Prompt } from './protocol';
import { asked, isAnswering, type ChatState } from './state';
import type { Texts } from './texts';

export interface PromptView {
  readonly element: HTMLElement;
  update(state: ChatState): void;
  /** Whether there was something to focus. */
  focus(): boolean;
  hasFocus(): boolean;
}

export function promptView(t: Texts, answer: (key: string) => void): PromptView {
  const element = h('div', { class: 'prompt', role: 'group', 'aria-label': t('choose') });
  element.hidden = true;
  let shown: Prompt | null = null;

  const draw = (prompt: Prompt | null): void => {
    const buttons = (prompt?.buttons ?? []).map(({ key, text }) =>
      h('button', { type: 'button', click: () => answer(key) }, text),
    );
    element.replaceChildren(...buttons);
    element.hidden = buttons.length === 0;
  };

  return {
    element,
    update(state) {
      const prompt = asked(state);
      if (prompt?.turn !== shown?.turn) draw(prompt);
      shown = prompt;
      // Not `disabled`: that would take the focus from the button that was pressed.
      const answering = String(isAnswering(state));
      for (const button of element.children) button.setAttribute('aria-disabled', answering);
    },
    focus() {
      const first = element.querySelector('button');
      first?.focus();
      return first !== null;
    },
    hasFocus: () => element.querySelector(':focus') !== null,
  };
}
