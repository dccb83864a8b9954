/** Mails for tests: the usual ones, changed where a test needs it. */
import type { AnswerTo, MailIn, MailOut } from './protocol';

export const mailIn = (changes: Partial<MailIn> = {}): MailIn => ({
  way: 'in',
  id: 'mail-1',
  at: 1,
  sender: { address: 'maria@outside.test', name: 'María Díaz' },
  to: [{ address: 'help@centre.test', name: '' }],
  cc: [],
  subject: 'My order',
  text: 'Where is it?',
  quoted_from: 12,
  html: '',
  files: [],
  cut: [],
  stranger: false,
  sent_at: null,
  ...changes,
});

export const mailOut = (changes: Partial<MailOut> = {}): MailOut => ({
  way: 'out',
  id: 're-1',
  at: 2,
  to: ['maria@outside.test'],
  subject: 'Re: My order',
  agent: 'ann',
  state: 'sent',
  due: 0,
  reason: '',
  ...changes,
});

export const answer = (changes: Partial<AnswerTo> = {}): AnswerTo => ({
  sender: 'help@centre.test',
  to: [{ address: 'maria@outside.test', name: 'María Díaz' }],
  cc: [],
  subject: 'Re: My order',
  signature: 'Kind regards',
  undo: 8_000_000,
  ...changes,
});
