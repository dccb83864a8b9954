/** The one store of the catalog that is edited: forms and text show the same. */
import { began, did, type History, redone, settled, undone } from '../history';
import { at, done, type Edit, joined, type Lines, type Path, type Plain, written } from './document';

/**
 * A state is a text, what shall be changed in it, and what it says then. Going back to an earlier
 * state brings back its very text, comments included.
 */
export interface Stand {
  source: string;
  edits: readonly Edit[];
  /** Nothing when the text cannot be read. */
  document: Lines | null;
}

const MOST_KEPT = 32_000_000; // characters of text in the history

export class CatalogEditor {
  private history = $state.raw<History<Stand>>(began({ source: '', edits: [], document: {} }));

  readonly stand = $derived(this.history.present);
  readonly document = $derived(this.history.present.document);
  readonly canUndo = $derived(this.history.past.length > 0);
  readonly canRedo = $derived(this.history.future.length > 0);

  open(stand: Stand): void {
    this.history = began(stand);
  }

  at(path: Path): Plain | undefined {
    return at(this.document ?? {}, path);
  }

  /** Typing in one field is undone in one step. Nothing as the value: the line goes. */
  set(path: Path, value: unknown): void {
    const edit: Edit = value === undefined ? { path, remove: true } : { path, value: written(value) };
    this.edit([edit], JSON.stringify(path));
  }

  edit(edits: readonly Edit[], about = ''): void {
    const { source, document } = this.stand;
    if (!document) return;
    const next = edits.reduce<Lines>(done, document);
    if (JSON.stringify(at(next, edits[0]?.path ?? [])) === JSON.stringify(this.at(edits[0]?.path ?? [])) && edits.length === 1 && !edits[0]?.rename) return;
    this.went(did(this.history, { source, edits: edits.reduce<Edit[]>(joined, [...this.stand.edits]), document: next }, about));
  }

  /** Another text, as a change that can be undone. */
  write(source: string, document: Lines | null, about = ''): void {
    if (source === this.stand.source && !this.stand.edits.length) return;
    this.went(did(this.history, { source, edits: [], document }, about));
  }

  /** The server made the edits of `sent`, and `source` is the text that came of it. */
  rebase(sent: Stand, source: string): Stand {
    const { present } = this.history;
    const kept: Stand = { source, edits: [], document: sent.document };
    if (present === sent) this.history = { ...this.history, present: kept };
    else if (present.source === sent.source && sent.edits.every((edit, index) => edit === present.edits[index])) {
      this.history = { ...this.history, present: { ...present, source, edits: present.edits.slice(sent.edits.length) } };
    }
    return kept;
  }

  /** A field was left. */
  settle(): void {
    this.history = settled(this.history);
  }

  undo(): void {
    this.history = undone(this.history);
  }

  redo(): void {
    this.history = redone(this.history);
  }

  /** Large texts are not kept as often: a browser has only so much room. */
  private went(history: History<Stand>): void {
    const most = Math.max(10, Math.floor(MOST_KEPT / (history.present.source.length + 1)));
    this.history = { ...history, past: history.past.slice(-most) };
  }
}
