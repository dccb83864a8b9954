/** Adding, copying, renaming and removing items of a section. */
import type { CatalogBench } from './bench.svelte';
import { type Edit, isLines, type Plain } from './document';
import type { Named, Section } from './schema';
import { MOST_USES, renamed, type Use, usesOf } from './uses';
import { freshOf } from './values';

export const ID = /^[a-z0-9][a-z0-9_.-]{0,63}$/;

const NAMED: Partial<Record<Section, Named>> = { queues: 'queue', skills: 'skill', profiles: 'profile', hours: 'hours' };

export function idOf(label: string): string {
  return label.toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '').slice(0, 64);
}

/** Where the item is named; empty for sections whose items nothing names. */
export function usesIn(bench: CatalogBench, section: Section, id: string): Use[] {
  const of = NAMED[section];
  return of && bench.schema && bench.editor.document ? usesOf(bench.schema, bench.editor.document, of, id) : [];
}

/** `queues › billing › steps`, each place once. */
export function placesOf(uses: readonly Use[]): string[] {
  return [...new Set(uses.map(({ path }) => path.filter((part) => typeof part === 'string').slice(0, 3).join(' › ')))];
}

/** A new item as its section needs it. */
export function freshItem(bench: CatalogBench, section: Section, label: string): Plain {
  const shape = bench.shape(section);
  if (shape.type !== 'object') return label || null;
  const fresh = freshOf(shape);
  if (!isLines(fresh)) return fresh;
  const named = section === 'agents' ? 'name' : 'label';
  const known = shape.fields.some((field) => field.name === named);
  return { ...fresh, ...(label && known ? { [named]: label } : {}), ...firstChoices(bench, section) };
}

/** What a new item cannot do without, when there is only one to choose. */
function firstChoices(bench: CatalogBench, section: Section): Record<string, Plain> {
  const only = (of: Named) => Object.keys(bench.known(of)).slice(0, 1);
  if (section === 'profiles') return { capacity: { voice: '1' } };
  if (section === 'hours') return { open: { 'mon-fri': '09:00-17:00' } };
  if (section === 'agents') return { profile: only('profile')[0] ?? '' };
  return section === 'entry_points' ? { queue: only('queue')[0] ?? '' } : {};
}

export function add(bench: CatalogBench, section: Section, id: string, item: Plain): void {
  bench.editor.edit([{ path: [section, id], value: item }]);
}

/** Everywhere it is named, up to a number of places; whether it was named in more. */
export function rename(bench: CatalogBench, section: Section, from: string, to: string): boolean {
  const uses = usesIn(bench, section, from);
  const few = uses.length <= MOST_USES;
  const edits: Edit[] = few ? renamed(uses, to, (path) => bench.editor.at(path)) : [];
  bench.editor.edit([...edits, { path: [section, from], rename: to }]);
  return !few;
}

export function remove(bench: CatalogBench, section: Section, id: string): void {
  bench.editor.edit([{ path: [section, id], remove: true }]);
}
