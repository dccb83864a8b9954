/** Asks once before a chat is ended. */

import { h, setText } from './dom';
import type { Texts } from './texts';

export interface LeaveQuestion {
  readonly element: HTMLElement;
  ask(losesPlace: boolean): void;
  close(): void;
  isOpen(): boolean;
}

export function leaveQuestion(t: Texts, leave: () => void, stay: () => void): LeaveQuestion {
  const warning = h('p');
  const no = h('button', { type: 'button' }, t('leaveNo'));
  const yes = h('button', { type: 'button', class: 'danger' }, t('leaveYes'));
  const words = h('div', {}, h('strong', { id: 'ask' }, t('leaveAsk')), warning);
  const element = h(
    'div',
    { class: 'question', role: 'alertdialog', 'aria-labelledby': 'ask', hidden: true },
    words,
    no,
    yes,
  );
  const close = (): void => {
    if (element.hidden) return;
    element.hidden = true;
    stay();
  };
  no.addEventListener('click', close);
  yes.addEventListener('click', () => {
    element.hidden = true;
    leave();
  });
  return {
    element,
    close,
    ask(losesPlace) {
      setText(warning, losesPlace ? t('leaveWarn') : '');
      element.hidden = false;
      no.focus();
    },
    isOpen: () => !element.hidden,
  };
}
