/** The start form: who, what about, where to answer, and the first words. */

import type { StartForm } from './client';
import { h, setText } from './dom';
import { lengthOf, MAX_ADDRESS, MAX_NAME, MAX_TEXT } from './protocol';
import { checkForm, type FormField, type FormProblem } from './rules';
import type { ChatState, Notice } from './state';
import type { TextKey, Texts } from './texts';
import type { Topic } from './topics';

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
  showTopics(topics: readonly Topic[]): void;
}

export function formView(t: Texts, start: (form: StartForm) => void): FormView {
  const notice = h('p', { class: 'notice', role: 'alert' });
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
  topicField.hidden = true;
  const fields: Record<FormField, HTMLElement> = { name, choice: topic, address, text: message };

  const element = h(
    'form',
    { class: 'form', novalidate: true },
    notice,
    field(name, t('name')),
    topicField,
    field(address, `${t('address')} (${t('optional')})`, t('addressHelp')),
    field(message, t('message')),
    left,
    button,
  );

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
    const problem = checkForm(form, !topicField.hidden);
    showProblem(problem);
    if (!problem) start(form);
  });

  return {
    element,
    update(state) {
      const busy = state.phase === 'starting';
      button.disabled = busy;
      setText(button, busy ? t('starting') : t('start'));
      if (state.notice) setText(notice, noticeText(state.notice, t));
    },
    focus: () => name.focus(),
    showTopics(topics) {
      topicField.hidden = topics.length === 0;
      const choices = topics.map((one) => h('option', { value: one.id }, one.label));
      topic.replaceChildren(h('option', { value: '' }, '—'), ...choices);
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

/** Silent while there is plenty of room. */
export function leftText(text: string, t: Texts, most = MAX_TEXT): string {
  const left = most - lengthOf(text);
  if (left > most / 10) return '';
  return left >= 0 ? t('left', { count: left }) : t('tooLong', { count: -left });
}
