/** What one works with on the page of the catalog: the draft, what is marked where, and where one is. */
import { inBrowser } from '../autosave.svelte';
import { type CatalogProblem, catalogs } from './api';
import { begins, isLines, lines, type Lines, type Path, type Plain } from './document';
import { CatalogDraft } from './draft.svelte';
import { type CatalogPlace, writeCatalogPlace } from './place';
import { hasItems, type Named, type Schema, type Section, sectionOf, sectionShape, type Thing } from './schema';

export type Panel = 'problems' | 'versions';

export interface Compared {
  title: string;
  changes: string[];
}

export interface Marked {
  errors: number;
  warnings: number;
}

const NAMED: Record<Named, Section> = { queue: 'queues', skill: 'skills', profile: 'profiles', hours: 'hours' };

export class CatalogBench {
  readonly draft = new CatalogDraft(inBrowser);
  readonly editor = this.draft.editor;
  schema = $state.raw<Schema | undefined>();
  panel = $state<Panel>('problems');
  compared = $state.raw<Compared | undefined>();
  /** The field to go to; a new object each time. */
  sought = $state.raw<{ path: Path } | undefined>();

  /** By section, and by section and item. */
  readonly marks = $derived.by(() => {
    const found = new Map<string, Marked>();
    for (const { path, severity } of this.draft.problems) {
      const section = sectionOf(path);
      for (const key of [section, `${section} ${path[1] ?? ''}`]) {
        const mark = found.get(key) ?? { errors: 0, warnings: 0 };
        found.set(key, { errors: mark.errors + Number(severity === 'error'), warnings: mark.warnings + Number(severity === 'warning') });
      }
    }
    return found;
  });

  async open(): Promise<void> {
    try {
      this.schema ??= await catalogs.schema();
    } finally {
      await this.draft.open();
    }
  }

  items(section: Section): Lines {
    return lines(this.editor.at([section]));
  }

  shape(section: Section) {
    return sectionShape(this.schema ?? {}, section);
  }

  /** Ids and labels of what can be named. */
  known(of: Named): Record<string, string> {
    const section = NAMED[of];
    return Object.fromEntries(Object.entries(this.items(section)).map(([id, one]) => [id, labelOf(section, one)]));
  }

  /** What holds when nothing is written, where that is in the catalog itself. */
  inherited(owner: Thing['name'], field: string): Plain | undefined {
    return owner === 'Queue' ? this.editor.at(['queue_defaults', field]) : undefined;
  }

  at(path: Path): CatalogProblem[] {
    return this.draft.problems.filter((one) => begins(one.path, path));
  }

  placeOf(problem: CatalogProblem): CatalogPlace | undefined {
    if (!problem.path.length) return undefined;
    const section = sectionOf(problem.path);
    const item = hasItems(section) ? String(problem.path[1] ?? '') : '';
    return { section, item };
  }

  go(problem: CatalogProblem): void {
    const place = this.placeOf(problem);
    if (!place) return;
    location.hash = writeCatalogPlace(place);
    this.sought = { path: problem.path };
  }
}

export function labelOf(section: Section, item: Plain | undefined): string {
  if (typeof item === 'string') return item;
  if (!isLines(item)) return '';
  const label = item[section === 'agents' ? 'name' : 'label'];
  return typeof label === 'string' ? label : '';
}
