/** The catalog that is being worked on: its versions, its draft, and how the draft is kept. */
import { sentence } from '../../lib/api';
import type { VersionLine } from '../api';
import { Autosave, type Conflict, type Keeper, type Sent } from '../autosave.svelte';
import { type CatalogCheck, type Catalogs, catalogs as real } from './api';
import { done, type Edit, isLines, type Lines } from './document';
import { CatalogEditor, type Stand } from './editor.svelte';

const AT_ONCE = 90; // edits in one request
const LOOKS = 10; // for a new version in the list, which follows the log
const BETWEEN = 200; // ms

export class CatalogDraft extends Autosave<Stand> {
  readonly editor = new CatalogEditor();
  ready = $state(false);
  /** In force. */
  version = $state(0);
  versions = $state.raw<VersionLine[]>([]);
  check = $state.raw<CatalogCheck | undefined>();
  /** There is a draft on the server. */
  exists = $state(false);

  readonly problems = $derived(this.check?.problems ?? []);
  /** The text that the browser's copy is made from. */
  private base = '';

  constructor(
    keeper: Keeper,
    private readonly catalogs: Catalogs = real,
  ) {
    super('~catalog', keeper);
  }

  /** The draft if there is one, else what is in force. */
  async open(): Promise<void> {
    try {
      const { version, draft } = await this.catalogs.draft();
      const source = draft ? draft.content : (await this.catalogs.inForce()).source;
      const { document } = await this.catalogs.read(source);
      const stand: Stand = { source, edits: [], document };
      this.version = version;
      this.exists = draft !== null;
      this.base = source;
      this.began(stand, draft?.revision ?? 0, draft?.at ?? 0);
      this.editor.open(stand);
      await this.restore();
      await Promise.all([this.recheck(), this.look()]);
      this.ready = true;
    } catch (error) {
      this.problem = sentence(error);
    }
  }

  /** What this browser kept because it could not be sent. */
  private async restore(): Promise<void> {
    const kept = this.kept();
    if (!kept || !isLines(kept.document)) return;
    const { source, edits } = kept.document as { source?: unknown; edits?: unknown };
    const listed = Array.isArray(edits) ? (edits as Edit[]) : [];
    if (typeof source === 'string') {
      const { document } = await this.catalogs.read(source);
      this.editor.write(source, document && listed.reduce<Lines>(done, document));
    } else if (listed.length) this.editor.edit(listed);
    if (kept.revision === this.revision) this.changed();
    else this.refused();
  }

  protected present(): Stand {
    return this.editor.stand;
  }

  /** The text itself only when it is another than the server's: it may be large. */
  protected asKept({ source, edits }: Stand): unknown {
    return { source: source === this.base ? null : source, edits };
  }

  protected async send(stand: Stand, revision: number): Promise<Sent<Stand>> {
    const { source, edits } = await this.shortened(stand);
    const saved = await this.catalogs.save(source, edits, revision);
    this.check = saved.check;
    this.version = saved.check.version;
    this.exists = true;
    this.base = saved.source;
    return { revision: saved.revision, value: this.editor.rebase(stand, saved.source) };
  }

  private async shortened({ source, edits }: Stand): Promise<{ source: string; edits: readonly Edit[] }> {
    let text = source;
    let left = edits;
    while (left.length > AT_ONCE) {
      text = (await this.catalogs.edit(text, left.slice(0, AT_ONCE))).source;
      left = left.slice(AT_ONCE);
    }
    return { source: text, edits: left };
  }

  protected async lastBy(): Promise<Conflict | undefined> {
    const { draft } = await this.catalogs.draft();
    const line = draft ?? (await this.catalogs.versions()).versions[0];
    return line && { by: line.by, at: line.at };
  }

  /** Gives up what is here for what the server has. */
  async reload(): Promise<void> {
    this.forget();
    await this.open();
  }

  /** Puts what is here over what somebody else saved. */
  async overwrite(): Promise<void> {
    const { draft } = await this.catalogs.draft();
    const { source, edits, document } = this.editor.stand;
    this.began({ source: '', edits: [], document: null }, draft?.revision ?? 0, draft?.at ?? 0);
    this.editor.open({ source, edits, document });
    this.changed();
    await this.save();
  }

  async recheck(): Promise<void> {
    const { source, edits } = this.editor.stand;
    if (edits.length) await this.save();
    else this.check = await this.catalogs.check(source);
    if (this.check) this.version = this.check.version;
  }

  async look(): Promise<void> {
    const { current, versions } = await this.catalogs.versions();
    this.version = current;
    this.versions = versions;
  }

  /** The text with every edit made; nothing when it cannot be sent now. */
  async text(): Promise<string | undefined> {
    for (let attempt = 0; attempt < 3 && this.editor.stand.edits.length; attempt += 1) await this.save();
    return this.editor.stand.edits.length ? undefined : this.editor.stand.source;
  }

  /** The new version's number. */
  async publish(note: string): Promise<number> {
    const { version } = await this.catalogs.publish(this.editor.stand.source, note, this.check?.version ?? this.version);
    // What was drafted is in force now. A draft that stays behind is the same, and does no harm.
    await this.catalogs.discard(this.revision).catch(() => undefined);
    await this.open();
    await this.lookFor(version);
    return version;
  }

  /** Puts an earlier version in force again; the draft stays. */
  async revert(to: number): Promise<number> {
    const { version } = await this.catalogs.revert(to, this.version);
    if (this.exists || this.unsaved) await this.recheck();
    else await this.open();
    await this.lookFor(version);
    return version;
  }

  private async lookFor(version: number): Promise<void> {
    for (let look = 0; look < LOOKS; look += 1) {
      await this.look();
      if (this.versions[0]?.version === version) return;
      await new Promise((resolve) => setTimeout(resolve, BETWEEN));
    }
  }

  async discard(): Promise<void> {
    await this.catalogs.discard(this.revision);
    await this.reload();
  }
}
