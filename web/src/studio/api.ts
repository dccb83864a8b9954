/** What the studio asks over HTTP. Times are microseconds UTC. */
import { api } from '../lib/api';
import type { FlowDocument } from './document';
import type { Problem } from './problems';

export interface DraftLine {
  revision: number;
  by: string;
  at: number;
}

export interface FlowLine {
  flow: string;
  /** 0 while there is only a draft. */
  newest: number;
  aliases: Record<string, number>;
  draft: DraftLine | null;
  /** Contacts that are in it now. */
  contacts: number;
  entry_points: string[];
}

export interface VersionLine {
  version: number;
  at: number;
  by: string;
  note: string;
}

export interface FlowState {
  flow: string;
  newest: number;
  aliases: Record<string, number>;
  versions: VersionLine[];
  draft: (DraftLine & { document: unknown }) | null;
}

export interface TestLine {
  name: string;
  passed: boolean;
  differs: string;
  path: unknown[];
}

export interface Coverage {
  nodes: number;
  nodes_walked: number;
  exits: number;
  exits_walked: number;
  missed_nodes: string[];
  missed_exits: [string, string][];
}

export interface Check {
  ok: boolean;
  problems: Problem[];
  tests: TestLine[];
  coverage: Coverage | null;
  changes: string[];
  in_progress: number;
}

/** The names a flow may use, with their labels. */
export type Known = Record<'queues' | 'skills' | 'hours' | 'agents' | 'boxes' | 'connectors' | 'flows', Record<string, string>>;

export interface Passed {
  flow: string;
  version: number;
  node: string;
  exit?: string;
  heard?: string;
  again?: boolean;
  depth?: number;
}

export interface Line {
  text: string;
  audio?: string;
  language?: string;
}

export interface Instruction {
  type: string;
  buttons?: { key: string; text: string }[];
  digits?: boolean;
  longest?: number;
  secret?: boolean;
  end_key?: string;
}

export interface Outcome {
  type: string;
  queue?: string;
  box?: string;
  number?: string;
  because?: string;
}

export interface TriedSession {
  attributes: Record<string, string>;
  language: string;
  customer: { id: string; name?: string; tier?: string } | null;
  frames: { flow: string; version: number; node: string }[];
  outcome: Outcome | null;
}

export interface Tried {
  path: Passed[];
  heard: Line[];
  /** What is asked now; nothing when it is over. */
  asks: Instruction | null;
  session: TriedSession;
}

export interface Change {
  what: 'added' | 'removed' | 'changed' | 'led' | 'moved';
  sentence: string;
  /** Empty when it is about the flow. */
  node: string;
}

export interface NodeFigures {
  now: number;
  passed: number;
  left: number;
}

const path = (part: string) => encodeURIComponent(part);
const at = (flow: string) => `/flows/${path(flow)}`;
const post = <Result>(address: string, body: unknown, version?: number) =>
  api<Result>(address, { method: 'POST', body, ...(version === undefined ? {} : { version }) });
const put = <Result>(address: string, body: unknown, version: number) =>
  api<Result>(address, { method: 'PUT', body, version });

export const flows = {
  list: async () => (await api<{ flows: FlowLine[] }>('/flows')).flows,
  known: () => api<Known>('/flows/known'),
  show: (flow: string) => api<FlowState>(at(flow)),
  version: (flow: string, version: number) =>
    api<{ version: number; document: unknown; source: string }>(`${at(flow)}/versions/${version}`),
  save: (flow: string, document: FlowDocument, revision: number) =>
    put<{ revision: number; check: Check }>(`${at(flow)}/draft`, { document }, revision),
  discard: (flow: string, revision: number) => api<undefined>(`${at(flow)}/draft`, { method: 'DELETE', version: revision }),
  check: (document: FlowDocument) => post<Check>('/flows/check', { document }),
  publish: (flow: string, document: FlowDocument, note: string, point: string, newest: number) =>
    post<{ version: number }>(`${at(flow)}/publish`, { document, note, point }, newest),
  point: (flow: string, alias: string, version: number, now: number) =>
    put<{ version: number }>(`${at(flow)}/aliases/${path(alias)}`, { version }, now),
  attempt: (document: FlowDocument, conversation: unknown) =>
    post<Tried>('/flows/try', { document, conversation }),
  compare: async (before: unknown, after: unknown) =>
    (await post<{ changes: Change[] }>('/flows/compare', { before, after })).changes,
  read: (source: string) => post<{ document: unknown; problems: string[] }>('/flows/import', { source }),
  write: async (document: FlowDocument) => (await post<{ source: string }>('/flows/export', { document })).source,
  live: async (flow: string) =>
    (await api<{ nodes: Record<string, NodeFigures> }>(`${at(flow)}/live`)).nodes,
};
export type Flows = typeof flows;
