/** The start form: who, what about, where to answer, and the first words. */

import type { StartForm } from './client';
import type { Posted } from './post';
import { h, setText } from './dom';
import { lengthOf, MAX_ADDRESS, MAX_NAME, MAX_TEXT } from './protocol';
import { checkForm, type FormField, type FormProblem } from './rules';
import type { ChatState, Notice } from './state';
import type { TextKey, Texts } from './texts';
import { ANY, isOpen, type Entry } from './topics';

const NOTICES: Record<Exclude<Notice, ''>, TextKey> = {
  lost: 'lost',
  busy: 'refusedBusy',
  tabs: 'refusedTabs',
  long: 'refusedLong',
  entry: 'refusedEntry',
  other: 'refusedOther',
};

export function noticeText(notice: Notice, t: Texts): string {
  return notice ? t(NOTICES[notice]) : '';
}

export interface FormView {
  readonly element: HTMLFormElement;
  update(state: ChatState): void;
  focus(): void;
  showEntry(entry: Entry): void;
  showVisitor(name: string): void;
}

/** `ask` leaves a question where nobody can chat. */
export function formView(
  t: Texts,
  start: (form: StartForm) => void,
  ask: (form: StartForm) => Promise<Posted>,
): FormView {
  const notice = h('p', { class: 'notice', role: 'alert' });
  const hours = h('p', { class: 'hours', role: 'status' });
  const name = h('input', { id: 'n', autocomplete: 'name', maxlength: MAX_NAME });
  name.placeholder = t('namePlaceholder');
  const topic = h('select', { id: 't' });
  const address = h('input', { id: 'a', type: 'email', autocomplete: 'email' });
  address.maxLength = MAX_ADDRESS;
  const message = h('textarea', { id: 'm', rows: 4 });
  message.placeholder = t('messagePlaceholder');
  const left = h('span', { class: 'left' });
  const button = h('button', { type: 'submit', class: 'primary' }, t('start'));
  const topicField = field(topic, t('topic'));
  const addressField = field(address, '', ' ');
  const messageField = field(message, '');
  topicField.hidden = true;
  const fields: Record<FormField, HTMLElement> = { name, choice: topic, address, text: message };

  const element = h(
    'form',
    { class: 'form', novalidate: true },
    hours,
    notice,
    field(name, t('name')),
    topicField,
    addressField,
    messageField,
    left,
    button,
  );
  let entry = ANY;
  let closed = false;
  let busy = false;

  const values = (): StartForm => ({
    name: name.value.trim(),
    text: message.value.trim(),
    choice: topicField.hidden ? '' : topic.value,
    address: address.value.trim(),
  });
  const showProblem = (problem: FormProblem | null): void => {
    for (const [key, input] of Object.entries(fields)) {
      const wrong = problem?.field === key;
      input.toggleAttribute('aria-invalid', wrong);
      if (wrong) input.setAttribute('aria-invalid', 'true');
    }
    setText(notice, problem ? t(problem.text, problem.values) : '');
    if (problem) fields[problem.field].focus();
  };
  message.addEventListener('input', () => setText(left, leftText(message.value, t)));
  element.addEventListener('submit', (event) => {
    event.preventDefault();
    const form = values();
    const problem = checkForm(form, !topicField.hidden, closed);
    showProblem(problem);
    if (problem || busy) return;
    if (closed) leave(form);
    else start(form);
  });
  topic.addEventListener('change', () => showHours());
  showWords();

  function leave(form: StartForm): void {
    setBusy(true);
    void ask(form).then((posted) => {
      setBusy(false);
      if ('problem' in posted) setText(notice, t(posted.problem));
      else message.value = '';
    });
  }

  function setBusy(now: boolean): void {
    busy = now;
    button.disabled = now;
    const words: [TextKey, TextKey] = closed ? ['ask', 'asking'] : ['start', 'starting'];
    setText(button, t(words[Number(now)] ?? 'start'));
  }

  /** The same form for a chat and for a question: nothing that was typed is lost in between. */
  function showHours(): void {
    const now = !isOpen(entry, topic.value);
    if (now === closed) return;
    closed = now;
    setText(hours, t(closed ? 'closed' : 'reopened'));
    showWords();
  }

  function showWords(): void {
    label(addressField, closed ? t('address') : `${t('address')} (${t('optional')})`);
    label(messageField, t(closed ? 'question' : 'message'));
    const help = addressField.querySelector('small');
    if (help) setText(help, t(closed ? 'answerHelp' : 'addressHelp'));
    setBusy(busy);
  }

  return {
    element,
    update(state) {
      if (!closed) setBusy(state.phase === 'starting');
      if (state.notice) setText(notice, noticeText(state.notice, t));
    },
    focus: () => name.focus(),
    showVisitor: (known) => {
      if (!name.value) name.value = known.slice(0, MAX_NAME);
    },
    showEntry(shown) {
      const { topics } = (entry = shown);
      topicField.hidden = topics.length === 0;
      const names = ['', ...topics.map(({ id }) => id)];
      if (names.join() !== [...topic.options].map(({ value }) => value).join()) {
        const choices = topics.map((one) => h('option', { value: one.id }, one.label));
        topic.replaceChildren(h('option', { value: '' }, '—'), ...choices);
      }
      showHours();
    },
  };
}

function field(input: HTMLElement, label: string, help = ''): HTMLDivElement {
  const words = h('label', { for: input.id }, label);
  if (!help) return h('div', { class: 'field' }, words, input);
  const hint = h('small', { id: `${input.id}h` }, help);
  input.setAttribute('aria-describedby', hint.id);
  return h('div', { class: 'field' }, words, input, hint);
}

function label(field: HTMLElement, words: string): void {
  const element = field.querySelector('label');
  if (element) setText(element, words);
}

/** Silent while there is plenty of room. */
export function leftText(text: string, t: Texts, most = MAX_TEXT): string {
  const left = most - lengthOf(text);
  if (left > most / 10) return '';
  return left >= 0 ? t('left', { count: left }) : t('tooLong', { count: -left });
}
