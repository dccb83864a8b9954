/**
 * One flow that is being worked on: its versions, its draft, and how the draft is kept.
 *
 * A change is kept in this browser at once and on the server after a moment. Somebody else's change
 * is never overwritten: the server refuses, and the person decides.
 */
import { ApiError, sentence } from '../lib/api';
import { type Check, type FlowState, type Flows, flows as real } from './api';
import { emptyDocument, type FlowDocument, tidied } from './document';
import { Editor } from './editor.svelte';
import { NO_MARKS, marks } from './problems';

export interface Keeper {
  read(flow: string): string | null;
  keep(flow: string, text: string): void;
  forget(flow: string): void;
}

export type Saving = 'saved' | 'waiting' | 'saving' | 'offline' | 'refused' | 'conflict';

export interface Conflict {
  by: string;
  at: number;
}

const PAUSE = 900; // ms without a change before it is sent
const RETRY = 4_000; // ms after the server could not be reached

export class Draft {
  readonly editor = new Editor();
  state = $state.raw<FlowState | undefined>();
  check = $state.raw<Check | undefined>();
  saving = $state<Saving>('saved');
  /** When the draft was saved, microseconds UTC; 0: there is none. */
  savedAt = $state(0);
  /** One sentence: why it could not be opened, or saved. */
  problem = $state('');
  conflict = $state.raw<Conflict | undefined>();

  readonly problems = $derived(this.check?.problems ?? []);
  readonly marked = $derived(marks(this.problems));
  readonly failed = $derived(this.check?.tests.filter((test) => !test.passed).length ?? 0);
  readonly unsaved = $derived(this.saving !== 'saved');

  private saved: FlowDocument | undefined;
  private revision = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;

  constructor(
    readonly flow: string,
    private readonly keeper: Keeper,
    private readonly flows: Flows = real,
  ) {}

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
    clearTimeout(this.timer);
    this.state = state;
    this.revision = state.draft?.revision ?? 0;
    this.savedAt = state.draft?.at ?? 0;
    this.saved = doc;
    this.problem = '';
    this.conflict = undefined;
    this.saving = 'saved';
    this.editor.open(doc);
  }

  /** What this browser kept because it could not be sent. */
  private restore(): void {
    const kept = parsed(this.keeper.read(this.flow));
    if (!kept) return;
    const doc = tidied(kept.document, this.flow);
    if (kept.revision === this.revision) {
      this.editor.open(doc);
      this.changed();
      return;
    }
    this.editor.open(doc);
    this.refused();
  }

  /** The document may have changed: keep it, and send it after a moment. */
  changed(): void {
    if (!this.saved || this.conflict || this.editor.doc === this.saved) return;
    this.keeper.keep(this.flow, JSON.stringify({ revision: this.revision, document: this.editor.doc }));
    if (this.saving !== 'saving') this.saving = 'waiting';
    this.later(PAUSE);
  }

  private later(millis: number): void {
    clearTimeout(this.timer);
    if (this.stopped) return;
    this.timer = setTimeout(() => void this.save(), millis);
  }

  /** Sends what is not saved yet; true when all is saved. */
  async save(): Promise<boolean> {
    clearTimeout(this.timer);
    const doc = this.editor.doc;
    if (this.conflict || !this.saved) return false;
    if (doc === this.saved) {
      this.allSaved();
      return true;
    }
    if (this.saving === 'saving') return this.again();
    this.saving = 'saving';
    try {
      const { revision, check } = await this.flows.save(this.flow, doc, this.revision);
      this.sent(doc, revision, check);
    } catch (error) {
      this.notSent(error);
      return false;
    }
    return this.editor.doc === doc;
  }

  private again(): boolean {
    this.later(PAUSE);
    return false;
  }

  private sent(doc: FlowDocument, revision: number, check: Check): void {
    this.revision = revision;
    this.savedAt = Date.now() * 1000;
    this.saved = doc;
    this.check = check;
    this.problem = '';
    if (this.editor.doc === doc) this.allSaved();
    else {
      this.saving = 'waiting';
      this.changed();
    }
  }

  private allSaved(): void {
    this.saving = 'saved';
    this.keeper.forget(this.flow);
  }

  private notSent(error: unknown): void {
    if (error instanceof ApiError && (error.status === 409 || error.status === 412)) return this.refused();
    const away = !(error instanceof ApiError) || error.status === 0 || error.status >= 500;
    this.saving = away ? 'offline' : 'refused';
    this.problem = sentence(error);
    if (away) this.later(RETRY);
  }

  private refused(): void {
    this.saving = 'conflict';
    this.conflict = { by: '', at: 0 };
    void this.whoSaved();
  }

  private async whoSaved(): Promise<void> {
    const state = await this.flows.show(this.flow).catch(() => undefined);
    const line = state?.draft ?? state?.versions[0];
    if (line && this.conflict) this.conflict = { by: line.by, at: line.at };
  }

  /** Gives up what is here for what the server has. */
  async reload(): Promise<void> {
    this.keeper.forget(this.flow);
    await this.open();
  }

  /** Keeps what is here as the draft of another flow. */
  async keepAs(flow: string): Promise<void> {
    await this.flows.save(flow, { ...this.editor.doc, flow }, 0);
    this.keeper.forget(this.flow);
  }

  async recheck(): Promise<void> {
    this.check = await this.flows.check(this.editor.doc);
  }

  /** The new version's number. */
  async publish(note: string, point: string): Promise<number> {
    const newest = this.state?.newest ?? 0;
    const { version } = await this.flows.publish(this.flow, this.editor.doc, note, point, newest);
    // What was drawn is a version now. A draft that stays behind is the same, and does no harm.
    await this.flows.discard(this.flow).catch(() => undefined);
    await this.open();
    return version;
  }

  async point(alias: string, version: number): Promise<void> {
    await this.flows.point(this.flow, alias, version, this.state?.aliases[alias] ?? 0);
    this.state = await this.flows.show(this.flow);
  }

  async discard(): Promise<void> {
    await this.flows.discard(this.flow);
    await this.reload();
  }

  marksOf(node: string) {
    return this.marked.get(node) ?? NO_MARKS;
  }

  /** Sends what is left, and nothing after it. */
  stop(): void {
    this.stopped = true;
    void this.save();
  }
}

function parsed(text: string | null): { revision: number; document: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text ?? 'null');
    if (typeof value !== 'object' || value === null || !('revision' in value) || !('document' in value)) return undefined;
    return { revision: Number(value.revision), document: value.document };
  } catch {
    return undefined;
  }
}

const KEY = 'patchbay.studio.';

/** Keeps in this browser; storage may be full or forbidden, and then only the server keeps. */
export const inBrowser: Keeper = {
  read(flow) {
    try {
      return localStorage.getItem(KEY + flow);
    } catch {
      return null;
    }
  },
  keep(flow, text) {
    try {
      localStorage.setItem(KEY + flow, text);
    } catch {
      // The page asks before it is left.
    }
  },
  forget(flow) {
    try {
      localStorage.removeItem(KEY + flow);
    } catch {
      // Nothing was kept.
    }
  },
};
