/**
 * How a draft is kept: in this browser at once, on the server after a moment.
 *
 * Somebody else's change is never overwritten: the server refuses, and the person decides.
 */
import { ApiError, sentence } from '../lib/api';

export interface Keeper {
  read(name: string): string | null;
  keep(name: string, text: string): void;
  forget(name: string): void;
}

export type Saving = 'saved' | 'waiting' | 'saving' | 'offline' | 'refused' | 'conflict';

export interface Conflict {
  by: string;
  at: number;
}

/** What the server has now: its revision, and the value as it was kept. */
export interface Sent<Value> {
  revision: number;
  value: Value;
}

const PAUSE = 900; // ms without a change before it is sent
const RETRY = 4_000; // ms after the server could not be reached

/** Values never change: another object is another state of the draft. */
export abstract class Autosave<Value> {
  saving = $state<Saving>('saved');
  /** When the draft was saved, microseconds UTC; 0: there is none. */
  savedAt = $state(0);
  /** One sentence: why it could not be opened, or saved. */
  problem = $state('');
  conflict = $state.raw<Conflict | undefined>();

  readonly unsaved = $derived(this.saving !== 'saved');

  protected revision = 0;
  private saved: Value | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private stopped = false;

  constructor(
    private readonly keptAs: string,
    protected readonly keeper: Keeper,
  ) {}

  /** The draft as it is on the page. */
  protected abstract present(): Value;
  /** What this browser keeps of it, as JSON. */
  protected abstract asKept(value: Value): unknown;
  protected abstract send(value: Value, revision: number): Promise<Sent<Value>>;
  /** Who wrote last. */
  protected abstract lastBy(): Promise<Conflict | undefined>;

  /** Begin with what the server has. */
  protected began(value: Value, revision: number, at: number): void {
    clearTimeout(this.timer);
    this.revision = revision;
    this.savedAt = at;
    this.saved = value;
    this.problem = '';
    this.conflict = undefined;
    this.saving = 'saved';
  }

  /** What this browser kept because it could not be sent, and the revision it was made from. */
  protected kept(): { revision: number; document: unknown } | undefined {
    return parsed(this.keeper.read(this.keptAs));
  }

  protected forget(): void {
    this.keeper.forget(this.keptAs);
  }

  /** The draft may have changed: keep it, and send it after a moment. */
  changed(): void {
    if (!this.saved || this.conflict || this.present() === this.saved) return;
    this.keeper.keep(this.keptAs, JSON.stringify({ revision: this.revision, document: this.asKept(this.present()) }));
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
    const value = this.present();
    if (this.conflict || !this.saved) return false;
    if (value === this.saved) {
      this.allSaved();
      return true;
    }
    if (this.saving === 'saving') return this.again();
    this.saving = 'saving';
    try {
      this.sent(await this.send(value, this.revision));
    } catch (error) {
      this.notSent(error);
      return false;
    }
    return this.present() === this.saved;
  }

  private again(): boolean {
    this.later(PAUSE);
    return false;
  }

  private sent({ revision, value }: Sent<Value>): void {
    this.revision = revision;
    this.savedAt = Date.now() * 1000;
    this.saved = value;
    this.problem = '';
    if (this.present() === value) this.allSaved();
    else {
      this.saving = 'waiting';
      this.changed();
    }
  }

  private allSaved(): void {
    this.saving = 'saved';
    this.forget();
  }

  private notSent(error: unknown): void {
    if (error instanceof ApiError && (error.status === 409 || error.status === 412)) return this.refused();
    const away = !(error instanceof ApiError) || error.status === 0 || error.status >= 500;
    this.saving = away ? 'offline' : 'refused';
    this.problem = sentence(error);
    if (away) this.later(RETRY);
  }

  protected refused(): void {
    this.saving = 'conflict';
    this.conflict = { by: '', at: 0 };
    void this.whoSaved();
  }

  private async whoSaved(): Promise<void> {
    const last = await this.lastBy().catch(() => undefined);
    if (last && this.conflict) this.conflict = last;
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
