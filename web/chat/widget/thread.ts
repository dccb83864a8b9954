/** The conversation: what was said, what is on its way, who is typing. */

import { h, setText } from './dom';
import { fileView } from './fileview';
import { noticeText } from './form';
import { isAsked, type Line } from './protocol';
import { isOver, type ChatState, type Pending, type Upload } from './state';
import type { Texts } from './texts';

export interface ThreadActs {
  readonly retry: (id: string) => void;
  readonly discard: (id: string) => void;
  readonly load: (file: string) => Promise<Blob>;
}

export interface ThreadView {
  readonly element: HTMLElement;
  update(state: ChatState): void;
  hasFocus(): boolean;
}

export function speaker(line: Line, t: Texts): string {
  if (line.author === 'customer') return t('you');
  return line.author === 'agent' ? line.name || t('agent') : '';
}

export function timeOf(microseconds: number, language: string): string {
  const format = new Intl.DateTimeFormat(language, { hour: '2-digit', minute: '2-digit' });
  return format.format(microseconds / 1000);
}

export function threadView(t: Texts, language: string, acts: ThreadActs): ThreadView {
  const log = h('div', { class: 'log', role: 'log', 'aria-live': 'polite', 'aria-label': t('log') });
  const sending = h('div', { class: 'sending' });
  const files = h('div', { class: 'sending' });
  const mark = h('p', { class: 'mark' });
  const typing = h('p', { class: 'typing' });
  const element = h('div', { class: 'thread', tabindex: 0 }, log, files, sending, mark, typing);
  let shown: readonly Line[] = [];
  let shownPending: readonly Pending[] = [];
  let shownUploads: readonly Upload[] = [];

  const pendingLine = (pending: Pending, over: boolean): HTMLElement => {
    const state = h('small', {}, sendState(pending, t));
    const again = h('button', { type: 'button', click: () => acts.retry(pending.id) }, t('again'));
    const drop = h('button', { type: 'button', click: () => acts.discard(pending.id) }, t('discard'));
    const ways = pending.answer ? [drop] : [again, drop];
    const foot = pending.failed && !over ? [state, ...ways] : [state];
    const kind = pending.failed ? 'line mine failed' : 'line mine pending';
    return h('div', { class: kind }, h('p', {}, pending.text), h('div', { class: 'foot' }, ...foot));
  };

  const uploadLine = ({ id, name, done, failed }: Upload): HTMLElement => {
    const percent = Math.round(done * 100);
    const drop = h('button', { type: 'button', click: () => acts.discard(id) }, t('discard'));
    const words = failed ? t(failed) : t('uploading', { name, percent });
    const bar = h('progress', { value: done, 'aria-label': name });
    const foot = h('div', { class: 'foot' }, h('small', {}, words), failed ? drop : bar);
    return h('div', { class: failed ? 'line mine failed' : 'line mine pending' }, h('p', {}, name), foot);
  };

  return {
    element,
    hasFocus: () => element.matches(':focus'),
    update(state) {
      const atEnd = element.scrollHeight - element.scrollTop - element.clientHeight < 60;
      if (state.lines !== shown) {
        drawLines(log, shown, state.lines, (line, before) =>
          lineOf(line, before, t, language, acts.load),
        );
        shown = state.lines;
      }
      if (state.pending !== shownPending) {
        const over = isOver(state.phase);
        sending.replaceChildren(...state.pending.map((one) => pendingLine(one, over)));
        shownPending = state.pending;
      }
      if (state.uploads !== shownUploads) {
        files.replaceChildren(...state.uploads.map(uploadLine));
        shownUploads = state.uploads;
      }
      setText(mark, isRead(state) ? t('read') : '');
      const name = state.status?.agentName || t('someone');
      setText(typing, state.agentTyping ? t('typing', { name }) : '');
      if (atEnd) element.scrollTop = element.scrollHeight;
    },
  };
}

/** Whether the agent has read the visitor's last words. */
function isRead(state: ChatState): boolean {
  const last = state.lines.at(-1);
  return last?.author === 'customer' && last.at <= state.readUntil && !state.pending.length;
}

function sendState(pending: Pending, t: Texts): string {
  if (!pending.failed) return t('sending');
  return pending.failed === 'other' ? t('unsent') : noticeText(pending.failed, t);
}

/** Only new lines are added, so that a screen reader reads those and not the whole thread. */
function drawLines(
  log: HTMLElement,
  before: readonly Line[],
  after: readonly Line[],
  draw: (line: Line, previous: Line | undefined) => HTMLElement,
): void {
  const grown = before.every((line, index) => after[index]?.id === line.id);
  if (!grown) log.replaceChildren();
  const first = grown ? before.length : 0;
  for (const [offset, line] of after.slice(first).entries()) {
    log.append(draw(line, after[first + offset - 1]));
  }
}

const CLASSES = { customer: 'line mine', agent: 'line theirs', system: 'line note' } as const;

function lineOf(
  line: Line,
  previous: Line | undefined,
  t: Texts,
  language: string,
  load: ThreadActs['load'],
): HTMLElement {
  const time = h('time', {}, timeOf(line.at, language));
  time.dateTime = new Date(line.at / 1000).toISOString();
  const who = speaker(line, t);
  const repeated = previous?.author === line.author && previous.name === line.name;
  const name = who ? h('b', repeated ? { class: 'again' } : {}, who) : null;
  const sent = line.files?.map((file) => fileView(file, t, load));
  const words = h('p', {}, ...(sent ?? [line.text]));
  const kind = isAsked(line) ? CLASSES.agent : CLASSES[line.author];
  return h('div', { class: kind }, name, words, h('div', { class: 'foot' }, time));
}
