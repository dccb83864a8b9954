/** What the page of the catalog asks over HTTP. Times are microseconds UTC. */
import { api } from '../../lib/api';
import type { DraftLine, VersionLine } from '../api';
import type { Problem } from '../problems';
import type { Edit, Lines } from './document';
import type { Schema } from './schema';

interface Found {
  severity: 'error' | 'warning';
  parts: (string | number)[];
  what: string;
  fix: string;
  line: number;
}

export interface CatalogProblem extends Problem {
  line: number;
}

interface RawCheck {
  ok: boolean;
  problems: Found[];
  changes: string[];
  version: number;
  waiting: number;
}

export interface CatalogCheck extends Omit<RawCheck, 'problems'> {
  problems: CatalogProblem[];
}

export interface Reading {
  document: Lines | null;
}

const problemOf = ({ severity, parts, what, fix, line }: Found): CatalogProblem => ({ severity, path: parts, node: '', what, fix, line });
const checkOf = (raw: RawCheck): CatalogCheck => ({ ...raw, problems: raw.problems.map(problemOf) });

const post = <Result>(address: string, body: unknown, version?: number) =>
  api<Result>(address, { method: 'POST', body, ...(version === undefined ? {} : { version }) });

export const catalogs = {
  inForce: () => api<{ version: number; source: string }>('/catalog'),
  draft: () => api<{ version: number; draft: (DraftLine & { content: string }) | null }>('/catalog/draft'),
  schema: () => api<Schema>('/catalog/schema'),
  versions: () => api<{ current: number; versions: VersionLine[] }>('/catalog/versions'),
  source: async (version: number) => (await api<{ source: string }>(`/catalog/versions/${version}`)).source,
  read: (source: string) => post<Reading>('/catalog/read', { source }),
  edit: (source: string, edits: readonly Edit[]) =>
    post<{ source: string; problems: Found[] }>('/catalog/edit', { source, edits }),
  save: async (source: string, edits: readonly Edit[], revision: number) => {
    const body = { source, edits };
    const saved = await api<{ revision: number; source: string; check: RawCheck }>('/catalog/draft', { method: 'PUT', body, version: revision });
    return { ...saved, check: checkOf(saved.check) };
  },
  discard: (revision?: number) =>
    api<undefined>('/catalog/draft', { method: 'DELETE', ...(revision === undefined ? {} : { version: revision }) }),
  check: async (source: string) => checkOf(await post<RawCheck>('/catalog/check', { source })),
  compare: async (before: string, after: string) =>
    (await post<{ changes: string[] }>('/catalog/compare', { before, after })).changes,
  publish: (source: string, note: string, version: number) => post<{ version: number }>('/catalog', { source, note }, version),
  revert: (to: number, version: number) => post<{ version: number }>('/catalog/revert', { version: to }, version),
};
export type Catalogs = typeof catalogs;
