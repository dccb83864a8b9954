/** The screen of a running or finished chat: where one stands, the thread, what one can do. */

import type { ChatClient } from './client';
import { composerView } from './composer';
import { h, setText } from './dom';
import { mailingView } from './mailing';
import { promptView } from './prompt';
import { asked, isOver, type ChatState } from './state';
import type { Texts } from './texts';
import { threadView } from './thread';
import { saveText, transcript } from './transcript';
import { inWords } from './wait';

export interface TalkView {
  readonly element: HTMLElement;
  update(state: ChatState): void;
  tick(state: ChatState): void;
  focus(): void;
}

export function talkView(t: Texts, language: string, client: ChatClient): TalkView {
  const title = h('strong');
  const detail = h('p', { class: 'wait' });
  const hint = h('p', { class: 'hint' }, t('addDetails'));
  const mailing = mailingView(t, client);
  const status = h('div', { class: 'status' }, title, detail, hint);
  const thread = threadView(t, language, {
    retry: (id) => client.retry(id),
    discard: (id) => client.discard(id),
    load: (id) => client.load(id),
  });
  const composer = composerView(
    t,
    (draft) => client.write(draft),
    (text) => client.say(text),
    (files) => void client.attach(files),
  );
  composer.set(client.draft);
  const prompt = promptView(t, (key) => client.answer(key));
  const save = h('button', { type: 'button', click: saved }, t('save'));
  const restart = h('button', { type: 'button', class: 'primary' }, t('restart'));
  restart.addEventListener('click', () => client.restart());
  const ended = h('div', { class: 'ended' }, save, restart);
  const element = h(
    'div',
    { class: 'talk' },
    ...[status, thread.element, prompt.element, mailing.element, composer.element, ended],
  );
  let choosing = false;

  function saved(): void {
    const day = new Date().toISOString().slice(0, 10);
    saveText(`chat-${day}.txt`, transcript(client.state.lines, t, language));
  }

  const tick = (state: ChatState): void => {
    setText(detail, statusDetail(state, t));
  };

  return {
    element,
    tick,
    update(state) {
      const over = isOver(state.phase);
      element.dataset['phase'] = state.phase;
      setText(title, statusTitle(state, t));
      tick(state);
      if (state.phase === 'form') composer.set(client.draft);
      hint.hidden = state.phase !== 'waiting';
      composer.element.hidden = over;
      ended.hidden = !over;
      const place = over ? ended : status; // appending anew would lose the focus
      if (mailing.button.parentElement !== place) place[over ? 'append' : 'prepend'](mailing.button);
      mailing.update(state);
      composer.take(state.takes);
      composer.ask(asked(state));
      const chosen = prompt.hasFocus();
      prompt.update(state);
      thread.update(state);
      followFocus(chosen, state);
    },
    focus() {
      if (isOver(client.state.phase)) restart.focus();
      else if (!prompt.focus()) composer.focus();
    },
  };

  /**
   * Who chooses with the keyboard is taken along: to the thread while nothing is asked, from there
   * to the next question. The composer would bring up a telephone's keyboard over the buttons.
   */
  function followFocus(chosen: boolean, state: ChatState): void {
    choosing = (choosing && thread.hasFocus()) || (chosen && !prompt.hasFocus());
    if (!choosing) return;
    if (prompt.focus()) choosing = false;
    else if (asked(state)) composer.focus();
    else if (!isOver(state.phase)) thread.element.focus();
  }
}

export function statusTitle(state: ChatState, t: Texts): string {
  switch (state.phase) {
    case 'in_flow':
      return t('flowTitle');
    case 'waiting':
      return t('waitingTitle');
    case 'talking':
      return t('talkingTo', { name: state.status?.agentName || t('someone') });
    case 'ended':
      return t('endedTitle');
    case 'message_taken':
      return t('takenTitle');
    default:
      return t('connecting');
  }
}

export function statusDetail(state: ChatState, t: Texts): string {
  if (state.phase === 'waiting') return `${positionText(state, t)} ${waitText(state, t)}`.trim();
  if (state.phase === 'in_flow') return state.status?.prompt?.kind === 'wait' ? t('looking') : '';
  const closing = state.status?.text ?? '';
  if (state.phase === 'message_taken') return closing || t('takenText');
  return state.phase === 'ended' ? closing : '';
}

export function positionText(state: ChatState, t: Texts): string {
  const position = state.status?.position ?? 0;
  if (position < 1) return '';
  return position === 1 ? t('next') : t('position', { count: position });
}

function waitText(state: ChatState, t: Texts): string {
  const words = inWords(state.wait, Date.now() * 1000);
  switch (words.kind) {
    case 'unknown':
      return t('waitUnknown');
    case 'soon':
      return t('waitSoon');
    case 'longer':
      return t('waitLonger');
    case 'upTo':
      return t('waitUpTo', words);
    case 'about':
      return t('waitAbout', words);
    case 'range':
      return t('waitRange', words);
  }
}
