/** What stands where the form was, once a question is kept. */

import type { ChatClient } from './client';
import { h, setText } from './dom';
import type { ChatState } from './state';
import type { Texts } from './texts';

export interface AskedView {
  readonly element: HTMLElement;
  update(state: ChatState): void;
  focus(): void;
}

export function askedView(t: Texts, client: ChatClient): AskedView {
  const text = h('p');
  const again = h('button', { type: 'button', click: () => client.askAgain() }, t('askAgain'));
  const words = h('div', { role: 'status' }, h('strong', {}, t('askedTitle')), text);
  return {
    element: h('div', { class: 'form' }, words, again),
    update: ({ asked }) => setText(text, asked && t('askedText', { address: asked })),
    focus: () => again.focus(),
  };
}
