/** Cards for tests: the usual ones, changed where a test needs it. */
import type { ContactCard, DeskSnapshot, Message, MyState, OfferCard } from '../lib/protocol';
import { EMPTY } from './state';

export const SECOND = 1_000_000;

export const me = (changes: Partial<MyState> = {}): MyState => ({
  agent: 'ann',
  name: 'Ann Lee',
  state: 'ready',
  reason: '',
  since: 0,
  next_state: '',
  next_reason: '',
  skills: [],
  unreachable: {},
  ...changes,
});

export const card = (changes: Partial<ContactCard> = {}): ContactCard => ({
  contact: 'k1',
  channel: 'voice',
  direction: 'inbound',
  state: 'connected',
  doing: 'active',
  role: 'holder',
  queue: 'billing',
  queue_label: 'Billing',
  address: '+34911234567',
  arrived_at: 0,
  started_at: 0,
  since: 0,
  attributes: {},
  customer: null,
  pop: { case: 'none', customer: null, candidates: [] },
  messages: [],
  dispositions: [],
  wrap_until: 0,
  wrap_limit: 0,
  consult: '',
  consult_state: '',
  consult_agent: '',
  consult_of: '',
  participants: [],
  draft: '',
  callback_address: '',
  interrupted_by: '',
  away: 0,
  ...changes,
});

export const offer = (changes: Partial<OfferCard> = {}): OfferCard => ({
  offer: 'o1',
  contact: 'k1',
  channel: 'voice',
  direction: 'inbound',
  queue: 'billing',
  queue_label: 'Billing',
  address: '+34911234567',
  arrived_at: 0,
  offered_at: 0,
  expires_at: 20 * SECOND,
  attributes: {},
  customer: null,
  asks_for: '',
  why: {
    reason: 'strategy',
    strategy: 'longest_idle',
    free_agents: 1,
    idle_for: 0,
    load: 0,
    runner_up: '',
    band: 0,
    waiting_contacts: 0,
  },
  pop: { case: 'none', customer: null, candidates: [] },
  callback: false,
  consult_of: '',
  said: '',
  ...changes,
});

export const line = (id: string, author: Message['author'], at: number): Message => ({
  id,
  author,
  text: id,
  at,
  agent: author === 'agent' ? 'ann' : '',
});

export const snapshot = (changes: Partial<DeskSnapshot> = {}): DeskSnapshot => ({
  type: 'desk_snapshot',
  n: 1,
  at: 0,
  me: me(),
  offers: [],
  contacts: [],
  directory: EMPTY.directory,
  waiting: [],
  figures: EMPTY.figures,
  ...changes,
});
