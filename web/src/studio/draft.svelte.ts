/** One flow that is being worked on: its versions, its draft, and how the draft is kept. */
import { sentence } from '../lib/api';
import { type Check, type FlowState, type Flows, flows as real } from './api';
import { Autosave, type Conflict, type Keeper, type Sent } from './autosave.svelte';
import { emptyDocument, type FlowDocument, tidied } from './document';
import { Editor } from './editor.svelte';
import { NO_MARKS, marks } from './problems';

export { inBrowser, type Keeper } from './autosave.svelte';

export class Draft extends Autosave<FlowDocument> {
  readonly editor = new Editor();
  state = $state.raw<FlowState | undefined>();
  check = $state.raw<Check | undefined>();

  readonly problems = $derived(this.check?.problems ?? []);
  readonly marked = $derived(marks(this.problems));
  readonly failed = $derived(this.check?.tests.filter((test) => !test.passed).length ?? 0);

  constructor(
    readonly flow: string,
    keeper: Keeper,
    private readonly flows: Flows = real,
  ) {
    super(flow, keeper);
  }

  /** The draft if there is one, else the newest version. */
  async open(): Promise<void> {
    try {
      const state = await this.flows.show(this.flow);
      const raw = state.draft?.document ?? (await this.newest(state));
      this.took(state, tidied(raw, this.flow));
      this.restore();
      await this.recheck();
    } catch (error) {
      this.problem = sentence(error);
    }
  }

  private async newest(state: FlowState): Promise<unknown> {
    if (!state.newest) return emptyDocument(this.flow);
    return (await this.flows.version(this.flow, state.newest)).document;
  }

  private took(state: FlowState, doc: FlowDocument): void {
    this.state = state;
    this.began(doc, state.draft?.revision ?? 0, state.draft?.at ?? 0);
    this.editor.open(doc);
  }

  private restore(): void {
    const kept = this.kept();
    if (!kept) return;
    this.editor.open(tidied(kept.document, this.flow));
    if (kept.revision === this.revision) this.changed();
    else this.refused();
  }

  protected present(): FlowDocument {
    return this.editor.doc;
  }

  protected asKept(doc: FlowDocument): unknown {
    return doc;
  }

  protected async send(doc: FlowDocument, revision: number): Promise<Sent<FlowDocument>> {
    const saved = await this.flows.save(this.flow, doc, revision);
    this.check = saved.check;
    return { revision: saved.revision, value: doc };
  }

  protected async lastBy(): Promise<Conflict | undefined> {
    const state = await this.flows.show(this.flow);
    const line = state.draft ?? state.versions[0];
    return line && { by: line.by, at: line.at };
  }

  /** Gives up what is here for what the server has. */
  async reload(): Promise<void> {
    this.forget();
    await this.open();
  }

  /** Keeps what is here as the draft of another flow. */
  async keepAs(flow: string): Promise<void> {
    await this.flows.save(flow, { ...this.editor.doc, flow }, 0);
    this.forget();
  }

  async recheck(): Promise<void> {
    this.check = await this.flows.check(this.editor.doc);
  }

  /** The new version's number. */
  async publish(note: string, point: string): Promise<number> {
    const newest = this.state?.newest ?? 0;
    const { version } = await this.flows.publish(this.flow, this.editor.doc, note, point, newest);
    // What was drawn is a version now. What somebody else has saved meanwhile stays.
    await this.flows.discard(this.flow, this.revision).catch(() => undefined);
    await this.open();
    return version;
  }

  async point(alias: string, version: number): Promise<void> {
    await this.flows.point(this.flow, alias, version, this.state?.aliases[alias] ?? 0);
    this.state = await this.flows.show(this.flow);
  }

  async discard(): Promise<void> {
    await this.flows.discard(this.flow, this.revision);
    await this.reload();
  }

  marksOf(node: string) {
    return this.marked.get(node) ?? NO_MARKS;
  }
}
