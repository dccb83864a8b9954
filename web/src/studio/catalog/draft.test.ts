import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { ApiError } from '../../lib/api';
import type { Keeper } from '../autosave.svelte';
import type { CatalogCheck, Catalogs } from './api';
import { at, done, type Edit, type Lines } from './document';
import { CatalogDraft } from './draft.svelte';
import { DOCUMENT } from './sample';

const CHECK: CatalogCheck = { ok: true, problems: [], changes: [], version: 4, waiting: 0 };

/** A server whose text is the document as JSON: it makes edits, and refuses old revisions. */
class Server {
  revision = 2;
  content = JSON.stringify(DOCUMENT);
  asked: (readonly Edit[])[] = [];
  error: ApiError | undefined;

  readonly catalogs = {
    draft: () => Promise.resolve({ version: 4, draft: { revision: this.revision, by: 'ben', at: 7, content: this.content } }),
    versions: () => Promise.resolve({ current: 4, versions: [] }),
    read: (source: string) => Promise.resolve({ document: read(source) }),
    check: () => Promise.resolve(CHECK),
    edit: (source: string, edits: readonly Edit[]) => Promise.resolve({ source: made(source, edits), problems: [] }),
    save: (source: string, edits: readonly Edit[], revision: number) => this.save(source, edits, revision),
  } as unknown as Catalogs;

  private async save(source: string, edits: readonly Edit[], revision: number) {
    await Promise.resolve();
    if (this.error) throw this.error;
    if (revision !== this.revision) throw new ApiError(412, 'conflict', 'Somebody else saved.');
    this.asked.push(edits);
    this.content = made(source, edits);
    this.revision += 1;
    return { revision: this.revision, source: this.content, check: CHECK };
  }
}

function read(source: string): Lines | null {
  try {
    return JSON.parse(source) as Lines;
  } catch {
    return null;
  }
}

const made = (source: string, edits: readonly Edit[]) => JSON.stringify(edits.reduce(done, read(source) ?? {}));

class Browser implements Keeper {
  kept: string | null = null;
  read = () => this.kept;
  keep = (_: string, text: string) => void (this.kept = text);
  forget = () => void (this.kept = null);
}

const LABEL = ['queues', 'help', 'label'];
let server: Server;
let browser: Browser;
let draft: CatalogDraft;

function type(value: string) {
  draft.editor.set(LABEL, value);
  draft.changed();
}

beforeEach(async () => {
  vi.useFakeTimers();
  server = new Server();
  browser = new Browser();
  draft = new CatalogDraft(browser, server.catalogs);
  await draft.open();
});

afterEach(() => vi.useRealTimers());

it('sends what was typed in one field as one change, after a pause', async () => {
  type('H');
  type('Hi');
  expect(draft.saving).toBe('waiting');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(server.asked).toEqual([[{ path: LABEL, value: 'Hi' }]]);
  expect(draft.saving).toBe('saved');
  expect(draft.editor.stand.edits).toEqual([]);
});

it('goes back to the very text that was there', async () => {
  const before = draft.editor.stand.source;
  type('Hi');
  draft.editor.settle();
  await vi.advanceTimersByTimeAsync(1_000);
  draft.editor.undo();
  draft.changed();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(server.content).toBe(before);
});

it('keeps what was typed while it was sending', async () => {
  type('Hi');
  draft.editor.settle();
  const sending = draft.save();
  draft.editor.set(['queues', 'help', 'credit'], '30s');
  await sending;
  await vi.advanceTimersByTimeAsync(1_000);
  expect(at(read(server.content) ?? {}, ['queues', 'help'])).toMatchObject({ label: 'Hi', credit: '30s' });
});

it('keeps in the browser only what the server does not have', () => {
  type('Hi');
  expect(JSON.parse(browser.kept ?? '')).toEqual({ revision: 2, document: { source: null, edits: [{ path: LABEL, value: 'Hi' }] } });
});

it('takes up what the browser kept', async () => {
  type('Hi');
  draft = new CatalogDraft(browser, server.catalogs);
  await draft.open();
  expect(draft.editor.at(LABEL)).toBe('Hi');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(browser.kept).toBeNull();
});

it('overwrites nobody, and then only when it is told to', async () => {
  server.revision = 9;
  type('Mine');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(draft.saving).toBe('conflict');
  expect(draft.conflict).toEqual({ by: 'ben', at: 7 });
  expect(server.asked).toEqual([]);
  await draft.overwrite();
  expect(at(read(server.content) ?? {}, LABEL)).toBe('Mine');
  expect(draft.saving).toBe('saved');
});

it('sends many changes in several parts', async () => {
  draft.editor.edit(Array.from({ length: 250 }, (_, n) => ({ path: ['skills', `s${n}`], value: 'x' })));
  await draft.save();
  expect(Object.keys(read(server.content)?.['skills'] ?? {}).length).toBe(252);
  expect(server.asked[0]?.length).toBeLessThanOrEqual(90);
});

it('keeps a text that cannot be read, and offers no forms for it', async () => {
  draft.editor.write('[', null);
  draft.changed();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(draft.editor.document).toBeNull();
  draft.editor.undo();
  expect(draft.editor.at(LABEL)).toBe('Help');
});
