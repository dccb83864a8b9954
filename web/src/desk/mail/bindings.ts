/** Keys of mails, there while one is on the stage. */
import type { Binding } from '../../lib/keys.svelte';
import type { MailBox } from './box.svelte';
import type { MailIn, MailOut } from './protocol';
import { words } from './texts';

export const KEYS = {
  send: 'Ctrl+Enter',
  finish: 'Ctrl+Shift+Enter',
  undo: 'Alt+U',
  forward: 'Shift+F',
  note: 'Shift+N',
} as const;

export interface Acts {
  note: () => void;
  forward: (mail: MailIn) => void;
}

/** The mail that can be taken back: the last that is still held. */
export const toUndo = (box: MailBox): MailOut | undefined =>
  box.underWay.findLast((mail) => mail.state === 'held');

export const newestIn = (box: MailBox): MailIn | undefined =>
  box.view?.mails.findLast((mail): mail is MailIn => mail.way === 'in');

export function mailBindings(box: MailBox, acts: Acts): Binding[] {
  const group = words.t('key.mail');
  const when = () => box.mayWrite;
  const send = { group, label: words.t('key.send'), when, inFields: true, run: () => void box.send() };
  const finish = {
    group,
    label: words.t('key.finish'),
    when,
    inFields: true,
    run: () => void box.send(true),
  };
  const undo = {
    group,
    label: words.t('key.undo'),
    when: () => toUndo(box) !== undefined,
    run: () => {
      const mail = toUndo(box);
      if (mail) void box.undo(mail);
    },
  };
  return [
    { ...send, keys: KEYS.send },
    { ...send, keys: 'Meta+Enter', label: words.t('key.send') },
    { ...finish, keys: KEYS.finish },
    { ...undo, keys: 'U' },
    { ...undo, keys: KEYS.undo, inFields: true },
    { group, keys: KEYS.note, label: words.t('key.note'), run: () => acts.note() },
    {
      group,
      keys: KEYS.forward,
      label: words.t('key.forward'),
      when: () => box.mayWrite && newestIn(box) !== undefined,
      run: () => {
        const mail = newestIn(box);
        if (mail) acts.forward(mail);
      },
    },
  ];
}
