/** What the board shows, from what it knows. Pure. */
import type { AgentRow, QueueRow } from '../lib/protocol';
import type { BoardState, QueueColumn, Sort } from './state';

const SEVERITY = { bad: 2, warn: 1, ok: 0 } as const;

type Figure = string | number | null;

const FIGURES: Record<Exclude<QueueColumn, 'worst'>, (row: QueueRow) => Figure> = {
  label: (row) => row.label,
  waiting: (row) => row.waiting,
  // An early start is a long wait.
  longest: (row) => (row.longest_since ? -row.longest_since : null),
  estimate: (row) => row.estimate_50,
  service_now: (row) => row.service_now,
  service_today: (row) => row.service_today,
  abandoned: (row) => row.abandoned_share,
  ready: (row) => row.ready,
};

/** Rows in the order asked for; what has no figure comes last either way. */
export function sortQueues(
  rows: readonly QueueRow[],
  sort: Sort,
  locale: string,
): readonly QueueRow[] {
  const { column } = sort;
  if (column === 'worst') return [...rows].sort((a, b) => worse(a, b) || byName(a, b, locale));
  const figure = FIGURES[column];
  return [...rows].sort(
    (a, b) => compare(figure(a), figure(b), sort.descending, locale) || byName(a, b, locale),
  );
}

function worse(a: QueueRow, b: QueueRow): number {
  return (
    SEVERITY[b.status] - SEVERITY[a.status] ||
    b.waiting - a.waiting ||
    (a.longest_since || Infinity) - (b.longest_since || Infinity) ||
    0
  );
}

function byName(a: QueueRow, b: QueueRow, locale: string): number {
  return a.label.localeCompare(b.label, locale);
}

function compare(a: Figure, b: Figure, descending: boolean, locale: string): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  const order =
    typeof a === 'string' || typeof b === 'string'
      ? String(a).localeCompare(String(b), locale)
      : a - b;
  return descending ? -order : order;
}

export function alerts(rows: readonly QueueRow[]): number {
  return rows.filter((row) => row.status === 'bad').length;
}

/** The queue the why panel is about: the one chosen while it exists, else the worst. */
export function selectedQueue(state: BoardState, sorted: readonly QueueRow[]): QueueRow | undefined {
  return sorted.find((row) => row.queue === state.selected) ?? sorted[0];
}

export function teamsOf(agents: readonly AgentRow[], locale: string): string[] {
  const teams = new Set(agents.map((row) => row.team).filter(Boolean));
  return [...teams].sort((a, b) => a.localeCompare(b, locale));
}

export type Doing = 'reserved' | 'busy' | 'held' | 'wrapping' | 'ready' | 'not_ready' | 'signed_out';

/** What an agent does, in one word: their work before the state they asked for. */
export function doing(row: AgentRow): Doing {
  const at = (what: string) => row.contacts.some((contact) => contact.doing === what);
  if (at('active')) return 'busy';
  if (at('held')) return 'held';
  if (at('wrapping')) return 'wrapping';
  if (at('reserved')) return 'reserved';
  return row.state;
}

/** Since when they do it, microseconds UTC. */
export function doingSince(row: AgentRow): number {
  const now = doing(row);
  const does = now === 'busy' ? 'active' : now;
  const starts = row.contacts.filter((one) => one.doing === does).map((one) => one.since);
  return starts.length ? Math.min(...starts) : row.since;
}

const ORDER: Doing[] = ['busy', 'reserved', 'held', 'wrapping', 'ready', 'not_ready', 'signed_out'];

/** The team's agents: those at work first, those signed out last, by name within. */
export function shownAgents(
  agents: readonly AgentRow[],
  team: string,
  locale: string,
): readonly AgentRow[] {
  const rank = (row: AgentRow) => ORDER.indexOf(doing(row));
  return agents
    .filter((row) => !team || row.team === team)
    .sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name, locale));
}

export function countDoing(agents: readonly AgentRow[]): Record<Doing, number> {
  const counts = Object.fromEntries(ORDER.map((what) => [what, 0])) as Record<Doing, number>;
  for (const row of agents) counts[doing(row)] += 1;
  return counts;
}

/** The service speaks at least every 5 s; figures older than this (ms) are not to be relied on. */
export const STALE_AFTER = 8_000;

/** How old the figures are in ms when they are too old to act on, else 0. */
export function staleness(state: BoardState, now: number): number {
  const age = now - state.at / 1000;
  return state.known && age >= STALE_AFTER ? age : 0;
}
