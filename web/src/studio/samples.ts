/** Documents for tests. */
import type { FlowDocument } from './document';

/** Hours, a menu with a way back to itself, a queue and a message; one node that nothing leads to. */
export const SAMPLE: FlowDocument = {
  flow: 'main_line',
  label: 'Main line',
  languages: ['en', 'zh'],
  safe_queue: 'support',
  start: 'open',
  nodes: {
    open: { kind: 'hours', hours: 'office', exits: { open: 'language', closed: 'closed' } },
    language: {
      kind: 'menu',
      label: 'Language',
      say: { en: 'Welcome.' },
      choices: { 1: { en: 'English' }, 2: { en: '中文' } },
      exits: { 1: 'support', 2: 'support', timeout: 'language', invalid: 'closed' },
    },
    support: { kind: 'queue', queue: 'support' },
    closed: { kind: 'hang_up', say: { en: 'We are closed.' } },
    alone: { kind: 'say', say: { en: 'Nobody hears me.' } },
  },
  tests: [{ name: 'Open', expect: { ends: 'waiting', at: 'language', path: ['open', 'language'] } }],
};
