/** What the board knows and how it is looked at. Pure: no clock, no network. */
import type { AgentRow, QueueRow, ToBoard } from '../lib/protocol';

export type QueueColumn =
  | 'worst'
  | 'label'
  | 'waiting'
  | 'longest'
  | 'estimate'
  | 'service_now'
  | 'service_today'
  | 'abandoned'
  | 'ready';

export interface Sort {
  column: QueueColumn;
  descending: boolean;
}

/** Where the supervisor is: the overview, one queue, or one contact of it. */
export interface Place {
  queue: string;
  contact: string;
}

export interface BoardState {
  /** False until the first snapshot. */
  known: boolean;
  /** When the figures held, microseconds UTC. */
  at: number;
  queues: readonly QueueRow[];
  agents: readonly AgentRow[];
  sort: Sort;
  team: string;
  /** The queue the why panel is about; empty: the worst one. */
  selected: string;
  place: Place;
}

export type BoardAction =
  | { type: 'heard'; message: ToBoard }
  | { type: 'sorted'; column: QueueColumn }
  | { type: 'team_chosen'; team: string }
  | { type: 'selected'; queue: string }
  | { type: 'went'; place: Place };

export const WORST_FIRST: Sort = { column: 'worst', descending: true };
export const OVERVIEW: Place = { queue: '', contact: '' };

export const EMPTY: BoardState = {
  known: false,
  at: 0,
  queues: [],
  agents: [],
  sort: WORST_FIRST,
  team: '',
  selected: '',
  place: OVERVIEW,
};

export function reduce(state: BoardState, action: BoardAction): BoardState {
  switch (action.type) {
    case 'heard':
      return heard(state, action.message);
    case 'sorted':
      return { ...state, sort: nextSort(state.sort, action.column) };
    case 'team_chosen':
      return { ...state, team: action.team };
    case 'selected':
      return { ...state, selected: action.queue };
    case 'went':
      return {
        ...state,
        place: action.place,
        selected: action.place.queue || state.selected,
      };
  }
}

function heard(state: BoardState, message: ToBoard): BoardState {
  if (message.type === 'board_snapshot') {
    const { at, queues, agents } = message;
    return { ...state, known: true, at, queues, agents };
  }
  return {
    ...state,
    at: message.at,
    queues: merge(state.queues, message.queues, message.queues_gone, (row) => row.queue),
    agents: merge(state.agents, message.agents, message.agents_gone, (row) => row.agent),
  };
}

/** Rows keep their place; new ones come last; the same list when nothing changed. */
function merge<Row>(
  rows: readonly Row[],
  changed: readonly Row[],
  gone: readonly string[],
  id: (row: Row) => string,
): readonly Row[] {
  if (changed.length === 0 && gone.length === 0) return rows;
  const fresh = new Map(changed.map((row) => [id(row), row]));
  const out = new Set(gone);
  const kept = rows.filter((row) => !out.has(id(row))).map((row) => fresh.get(id(row)) ?? row);
  const here = new Set(kept.map(id));
  return [...kept, ...changed.filter((row) => !here.has(id(row)) && !out.has(id(row)))];
}

/** Names go from A, figures from the largest; asking again turns the order around. */
function nextSort(sort: Sort, column: QueueColumn): Sort {
  if (sort.column !== column) return { column, descending: column !== 'label' };
  return column === 'worst' ? sort : { column, descending: !sort.descending };
}
