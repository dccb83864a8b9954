/** The launcher and the panel: which screen shows, the connection bar, keys and focus. */

import { askedView } from './asked';
import type { ChatClient } from './client';
import { focusable, h, icon, setText } from './dom';
import { formView } from './form';
import { leaveQuestion } from './leave';
import { asked, isOver, type ChatState } from './state';
import { positionText, talkView } from './talk';
import type { Texts } from './texts';
import type { Entry } from './topics';

const SMALL = '(max-width: 480px), (max-height: 480px)';

export interface Panel {
  update(state: ChatState): void;
  showEntry(entry: Entry): void;
  showVisitor(name: string): void;
}

export function buildPanel(
  root: ShadowRoot,
  t: Texts,
  language: string,
  client: ChatClient,
): Panel {
  const small = matchMedia(SMALL);
  const badge = h('span', { class: 'badge' });
  const launcher = h('button', { type: 'button', class: 'launcher' }, icon('chat'), badge);
  const minimise = h('button', { type: 'button', 'aria-label': t('minimise') }, icon('minimise'));
  const leave = h('button', { type: 'button', class: 'leave' }, t('leave'));
  const bar = h('p', { class: 'bar', role: 'status' });
  const announcer = h('p', { class: 'unseen', role: 'status' });
  const form = formView(t, (values) => client.start(values), (values) => client.ask(values));
  const taken = askedView(t, client);
  const talk = talkView(t, language, client);
  const question = leaveQuestion(t, () => client.leave(), () => talk.focus());
  const title = h('h2', { id: 'title' }, t('title'));
  const head = h('div', { class: 'head' }, title, leave, minimise);
  const screens = h('div', { class: 'screens' }, form.element, taken.element, talk.element);
  const panel = h(
    'section',
    { class: 'panel', role: 'dialog', 'aria-labelledby': 'title' },
    ...[head, bar, screens, question.element, announcer],
  );
  root.append(launcher, panel);

  const views = { form, taken, talk };
  const focusScreen = (): void => views[screenOf(client.state)].focus();
  launcher.addEventListener('click', () => client.open());
  minimise.addEventListener('click', () => client.minimise());
  leave.addEventListener('click', () => question.ask(client.state.phase === 'waiting'));
  const beModal = (): void => panel.setAttribute('aria-modal', String(small.matches));
  small.addEventListener('change', beModal);
  beModal();

  panel.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && !event.isComposing) {
      event.stopPropagation();
      if (question.isOpen()) question.close();
      else client.minimise();
    }
    if (event.key === 'Tab' && small.matches) keepFocusInside(event, panel, root);
  });

  window.setInterval(() => {
    if (client.state.open && client.state.phase === 'waiting') talk.tick(client.state);
  }, 5_000);

  let before: ChatState | null = null;
  return {
    showEntry: (entry) => form.showEntry(entry),
    showVisitor: (name) => form.showVisitor(name),
    update(state) {
      const last = before;
      before = state;
      panel.hidden = !state.open;
      launcher.hidden = state.open;
      launcher.setAttribute('aria-label', launcherText(state, t));
      setText(badge, state.unread > 0 ? String(Math.min(state.unread, 99)) : '');
      setText(bar, barText(state, t));
      const screen = screenOf(state);
      for (const [name, view] of Object.entries(views)) view.element.hidden = screen !== name;
      leave.hidden = screen !== 'talk' || isOver(state.phase) || !state.status;
      if (leave.hidden) question.close();
      form.update(state);
      taken.update(state);
      talk.update(state);
      setText(announcer, announcement(last, state, t) ?? announcer.textContent);
      moveFocus(last, state);
    },
  };

  /** Opening moves focus in, minimising gives it back; a new screen takes it when it was inside. */
  function moveFocus(last: ChatState | null, state: ChatState): void {
    if (!last) return;
    if (state.open && (!last.open || screenChanged(last, state))) focusScreen();
    if (!state.open && last.open) launcher.focus();
  }
}

function screenOf(state: ChatState): 'form' | 'taken' | 'talk' {
  const starting = state.phase === 'starting' && !state.token;
  if (state.phase === 'form' && state.asked) return 'taken';
  return state.phase === 'form' || starting ? 'form' : 'talk';
}

function screenChanged(last: ChatState, state: ChatState): boolean {
  return screenOf(last) !== screenOf(state) || isOver(last.phase) !== isOver(state.phase);
}

function launcherText(state: ChatState, t: Texts): string {
  return state.unread > 0 ? t('openUnread', { count: state.unread }) : t('open');
}

function barText(state: ChatState, t: Texts): string {
  return state.link === 'reconnecting' ? t('reconnecting') : '';
}

/** What a screen reader should hear beyond the thread; null leaves the last words standing. */
function announcement(last: ChatState | null, state: ChatState, t: Texts): string | null {
  if (state.phase === 'waiting' && last?.status?.position !== state.status?.position) {
    return positionText(state, t);
  }
  const prompt = state.status?.prompt;
  if (state.phase === 'in_flow' && prompt && last?.status?.prompt?.turn !== prompt.turn) {
    return promptText(state, t);
  }
  if (last?.phase === state.phase) return null;
  if (state.phase === 'talking') {
    return t('joined', { name: state.status?.agentName || t('someone') });
  }
  return isOver(state.phase) ? t(state.phase === 'ended' ? 'endedTitle' : 'takenTitle') : null;
}

/** The thread reads the question itself; this says how to answer it. */
function promptText(state: ChatState, t: Texts): string | null {
  const buttons = asked(state)?.buttons ?? [];
  if (state.status?.prompt?.kind === 'wait') return t('looking');
  return buttons.length ? t('options', { words: buttons.map((one) => one.text).join(', ') }) : null;
}

function keepFocusInside(event: KeyboardEvent, panel: HTMLElement, root: ShadowRoot): void {
  const inside = focusable(panel);
  const [first, last] = [inside[0], inside[inside.length - 1]];
  if (!first || !last) return;
  if (event.shiftKey && root.activeElement === first) {
    event.preventDefault();
    last.focus();
  } else if (!event.shiftKey && root.activeElement === last) {
    event.preventDefault();
    first.focus();
  }
}
