/** The transcript by mail: a button, then where it goes, then that it has gone. */

import type { ChatClient } from './client';
import { h, setText } from './dom';
import { MAX_ADDRESS } from './protocol';
import { isAddress } from './rules';
import { isOver, type ChatState } from './state';
import type { TextKey, Texts } from './texts';

export interface MailingView {
  readonly button: HTMLButtonElement;
  readonly element: HTMLElement;
  update(state: ChatState): void;
}

export function mailingView(t: Texts, client: ChatClient): MailingView {
  const button = h('button', { type: 'button', 'aria-expanded': 'false' }, t('mailIt'));
  const address = h('input', { id: 'w', type: 'email', autocomplete: 'email' });
  address.maxLength = MAX_ADDRESS;
  const send = h('button', { type: 'submit', class: 'primary' }, t('send'));
  const cancel = h('button', { type: 'button', click: () => close(true) }, t('cancel'));
  const notice = h('p', { class: 'notice', role: 'alert' });
  const done = h('p', { class: 'done', role: 'status' });
  const form = h(
    'form',
    { novalidate: true, hidden: true, 'aria-label': t('mailIt') },
    ...[h('label', { for: 'w' }, t('mailTo')), address, notice, h('div', { class: 'row' }, send, cancel)],
  );
  const element = h('div', { class: 'mailing' }, form, done);
  let busy = false;

  function say(problem: TextKey | ''): void {
    setText(notice, problem ? t(problem) : '');
    if (problem === 'badMail') address.setAttribute('aria-invalid', 'true');
    else address.removeAttribute('aria-invalid');
    if (problem) address.focus();
  }

  function close(back: boolean): void {
    form.hidden = true;
    button.setAttribute('aria-expanded', 'false');
    say('');
    if (back) button.focus();
  }

  button.addEventListener('click', () => {
    const { mailing } = client.state;
    address.value ||= mailing?.address ?? '';
    address.readOnly = mailing?.fixed ?? false;
    setText(done, '');
    form.hidden = false;
    button.setAttribute('aria-expanded', 'true');
    address.focus();
  });
  form.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.isComposing) return;
    event.stopPropagation();
    close(true);
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (busy) return;
    const to = address.value.trim();
    if (!isAddress(to)) return say('badMail');
    busy = send.disabled = true;
    void client.mailTranscript(to).then((posted) => {
      busy = send.disabled = false;
      if ('problem' in posted) return say(posted.problem);
      close(true);
      setText(done, t('mailSent', posted));
    });
  });

  return {
    button,
    element,
    update(state) {
      const spoken = state.mailing?.fixed || state.lines.some((line) => line.author === 'agent');
      const shown = Boolean(state.mailing && spoken && (state.phase === 'talking' || isOver(state.phase)));
      button.hidden = !shown;
      element.hidden = !shown;
      if (!shown) {
        close(false);
        setText(done, '');
      }
    },
  };
}
