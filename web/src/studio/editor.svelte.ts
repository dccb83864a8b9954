/** The one store of the document that is edited: canvas, outline and panels show the same. */
import { copied, onClipboard, pasted } from './clipboard';
import { emptyDocument, type FlowDocument, type Position } from './document';
import * as edits from './edits';
import { began, did, type History, redone, settled, undone } from './history';
import { layout } from './layout';

export class Editor {
  private history = $state.raw<History<FlowDocument>>(began(emptyDocument('')));
  /** Ids of the selected nodes. */
  selection = $state.raw<readonly string[]>([]);

  readonly doc = $derived(this.history.present);
  readonly canUndo = $derived(this.history.past.length > 0);
  readonly canRedo = $derived(this.history.future.length > 0);
  /** The one selected node; empty when there is none or several. */
  readonly node = $derived(this.selection.length === 1 ? (this.selection[0] ?? '') : '');

  /** Another document, from elsewhere: nothing before it can be undone. */
  open(doc: FlowDocument): void {
    this.history = began(doc);
    this.selection = this.selection.filter((id) => Object.hasOwn(doc.nodes, id));
  }

  /** Another document as a change that can be undone. */
  replace(doc: FlowDocument): void {
    this.change(doc);
  }

  select(ids: readonly string[]): void {
    const known = ids.filter((id) => Object.hasOwn(this.doc.nodes, id));
    if (known.join('\n') !== this.selection.join('\n')) this.selection = known;
  }

  /** `others`: where the nodes stand that it is put beside; they stay there. */
  add(kind: string, position?: Position, others: ReadonlyMap<string, Position> = new Map()): string {
    const id = edits.freeId(this.doc.nodes, kind);
    this.change(edits.addNode(edits.moveNodes(this.doc, others), id, kind, position));
    this.selection = [id];
    return id;
  }

  remove(ids: readonly string[] = this.selection): void {
    if (ids.length) this.change(edits.removeNodes(this.doc, ids));
  }

  /** Why it cannot be renamed so; empty when it was. */
  rename(from: string, to: string): '' | 'name' | 'taken' {
    const problem = edits.idProblem(this.doc, from, to);
    if (problem || from === to) return problem;
    const selected = this.selection.map((id) => (id === from ? to : id));
    this.change(edits.renameNode(this.doc, from, to));
    this.selection = selected;
    return '';
  }

  connect(id: string, exit: string, target: string): void {
    if ((this.doc.nodes[id]?.exits?.[exit] ?? '') === target) return;
    this.change(target ? edits.connect(this.doc, id, exit, target) : edits.disconnect(this.doc, id, exit));
  }

  disconnect(id: string, exit: string): void {
    this.connect(id, exit, '');
  }

  move(places: ReadonlyMap<string, Position>): void {
    const changed = [...places].some(([id, { x, y }]) => {
      const at = this.doc.nodes[id]?.position;
      return !at || Math.round(x) !== at.x || Math.round(y) !== at.y;
    });
    if (changed) this.change(edits.moveNodes(this.doc, places));
  }

  tidy(): void {
    this.move(layout(this.doc));
  }

  /** Typing in one field is undone in one step. */
  set(id: string, field: string, value: unknown): void {
    this.change(edits.setField(this.doc, id, field, value), `${id}\n${field}`);
  }

  setFlow(field: string, value: unknown): void {
    this.change(edits.setLine(this.doc, field, value), `\n${field}`);
  }

  /** A field was left. */
  settle(): void {
    this.history = settled(this.history);
  }

  copy(places: ReadonlyMap<string, Position> = new Map()): string {
    return copied(edits.moveNodes(this.doc, places), this.selection);
  }

  /** How many nodes were pasted; `others` as for `add`. */
  paste(text: string, others: ReadonlyMap<string, Position> = new Map()): number {
    const nodes = onClipboard(text);
    if (!nodes) return 0;
    const { doc, ids } = pasted(edits.moveNodes(this.doc, others), nodes);
    this.change(doc);
    this.selection = ids;
    return ids.length;
  }

  undo(): void {
    this.went(undone(this.history));
  }

  redo(): void {
    this.went(redone(this.history));
  }

  private change(doc: FlowDocument, about = ''): void {
    this.went(did(this.history, doc, about));
  }

  private went(history: History<FlowDocument>): void {
    this.history = history;
    this.select(this.selection);
  }
}
