/** Rows for tests. */
import type { AgentContact, AgentRow, BoardSnapshot, QueueRow } from '../lib/protocol';

export function queueRow(queue: string, change: Partial<QueueRow> = {}): QueueRow {
  return {
    queue,
    label: queue.toUpperCase(),
    status: 'ok',
    waiting: 0,
    longest_since: 0,
    late_at: 0,
    estimate_50: null,
    estimate_90: null,
    service_within: 60_000_000,
    service_target: 0.8,
    objective_hours: '',
    service_now: null,
    service_today: null,
    offered_today: 0,
    answered_today: 0,
    abandoned_today: 0,
    abandoned_share: null,
    ready: 0,
    busy: 0,
    wrapping: 0,
    not_ready: 0,
    open: true,
    trend: [],
    why: [],
    ...change,
  };
}

export function agentRow(agent: string, change: Partial<AgentRow> = {}): AgentRow {
  return {
    agent,
    name: agent,
    team: '',
    state: 'ready',
    reason: '',
    since: 5,
    next_state: '',
    skills: [],
    contacts: [],
    handled: 0,
    missed: 0,
    occupancy: 0,
    unreachable: {},
    ...change,
  };
}

export function contactOf(doing: AgentContact['doing'], since = 9): AgentContact {
  return { contact: doing, channel: 'voice', doing, since, queue: 'a', customer: '' };
}

export function snapshot(queues: QueueRow[], agents: AgentRow[]): BoardSnapshot {
  return { type: 'board_snapshot', n: 1, at: 1_000_000, queues, agents };
}
