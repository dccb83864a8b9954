/** What the board asks over HTTP. Times are microseconds UTC, durations microseconds. */
import { api } from '../lib/api';
import type { CustomerRef } from '../lib/protocol';

export interface Estimate {
  position: number;
  low: number | null;
  high: number | null;
}

export interface CreditPart {
  source: string;
  credit: number;
}

export interface WaitingContact {
  contact: string;
  channel: string;
  customer: CustomerRef | null;
  /** What people call them; empty when nothing is known. */
  called: string;
  address: string;
  arrived_at: number;
  queued_at: number;
  waiting_since: number;
  credit: CreditPart[];
  boost: number;
  position: number;
  estimate: Estimate | null;
  asks_for: string;
  state: string;
}

export interface WaitingContacts {
  at: number;
  total: number;
  contacts: WaitingContact[];
}

export interface Standing {
  agent: string;
  name: string;
  code: string;
  detail: string;
  until: number;
}

export interface Coming {
  what: string;
  at: number;
  detail: string;
  more: number;
}

export interface Explanation {
  contact: string;
  state: string;
  queue: string;
  customer: CustomerRef | null;
  called: string;
  arrived_at: number;
  queued_at: number;
  waiting_since: number;
  credit: CreditPart[];
  asks_for: string;
  step: number;
  steps: number;
  kept_for: string[];
  estimate: Estimate | null;
  ahead: { contact: string; customer: string; waiting_since: number }[];
  can_take: number;
  free: Standing[];
  busy: Standing[];
  not_ready: Standing[];
  unreachable: Standing[];
  later: Standing[];
  obstacles: { condition: string; count: number; agents: string[] }[];
  other_queues: number;
  signed_in: number;
  coming: Coming[];
}

export interface TimelineLine {
  at: number;
  code: string;
  values: Record<string, string | number>;
  by: string;
}

export interface Timeline {
  contact: string;
  lines: TimelineLine[];
  /** False when its beginning is no longer kept. */
  complete: boolean;
  left_out: number;
}

export interface Catalog {
  queues: Record<string, { id: string; label: string }>;
  skills: Record<string, string>;
  not_ready_reasons: string[];
}

export interface Took {
  mean: number | null;
  median: number | null;
  ninetieth: number | null;
  longest: number | null;
}

export interface SpanFigures {
  offered: number;
  answered: number;
  abandoned: number;
  overflowed: number;
  transferred_out: number;
  callbacks: number;
  offers_missed: number;
  offers_rejected: number;
  answered_after: Took;
  abandoned_after: Took;
  handling: Took;
}

export interface QueueReport {
  recent: SpanFigures;
  today: SpanFigures;
}

const path = (part: string) => encodeURIComponent(part);

export const read = {
  waiting: (queue: string) => api<WaitingContacts>(`/queues/${path(queue)}/contacts`),
  figures: (queue: string) => api<QueueReport>(`/queues/${path(queue)}/figures`),
  explanation: (contact: string) => api<Explanation>(`/contacts/${path(contact)}/explanation`),
  timeline: (contact: string) => api<Timeline>(`/contacts/${path(contact)}/timeline`),
  catalog: async () => (await api<{ catalog: Catalog }>('/catalog')).catalog,
};

const write = (address: string, body: unknown) => api<unknown>(address, { method: 'POST', body });

export const act = {
  reprioritise: (contact: string, boost_seconds: number) =>
    write(`/contacts/${path(contact)}/reprioritise`, { boost_seconds }),
  reassign: (contact: string, agent: string) =>
    write(`/contacts/${path(contact)}/reassign`, { agent }),
  pull: (contact: string, agent: string) => write(`/contacts/${path(contact)}/pull`, { agent }),
  move: (contact: string, queue: string) => write(`/contacts/${path(contact)}/move`, { queue }),
  /** Rings the supervisor's own phone. */
  listen: (contact: string, mode: 'listen' | 'whisper' | 'barge') =>
    write(`/contacts/${path(contact)}/listen`, { mode }),
  setState: (agent: string, state: string, reason: string) =>
    write(`/agents/${path(agent)}/state`, { state, reason }),
  lend: (agent: string, skills: Record<string, number>, for_seconds: number) =>
    write(`/agents/${path(agent)}/skills`, { skills, for_seconds }),
};
