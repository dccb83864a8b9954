import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiError } from '../lib/api';
import type { Check, FlowState, Flows } from './api';
import type { FlowDocument } from './document';
import { Draft, type Keeper } from './draft.svelte';
import { SAMPLE } from './samples';

const CHECK: Check = { ok: true, problems: [], tests: [], coverage: null, changes: [], in_progress: 0 };

/** A server that keeps one draft, and refuses what was written against another revision. */
class Server {
  revision = 3;
  document: unknown = SAMPLE;
  saved: FlowDocument[] = [];
  error: ApiError | undefined;

  readonly flows = {
    show: () => Promise.resolve(this.state()),
    check: () => Promise.resolve(CHECK),
    save: (_: string, document: FlowDocument, revision: number) => this.save(document, revision),
  } as unknown as Flows;

  private state(): FlowState {
    const draft = { revision: this.revision, by: 'Ben', at: 7, document: this.document };
    return { flow: 'main_line', newest: 2, aliases: { live: 2 }, versions: [], draft };
  }

  private async save(document: FlowDocument, revision: number) {
    await Promise.resolve();
    if (this.error) throw this.error;
    if (revision !== this.revision) throw new ApiError(409, 'conflict', 'Somebody else saved.');
    this.saved.push(document);
    this.document = document;
    this.revision += 1;
    return { revision: this.revision, check: CHECK };
  }
}

class Browser implements Keeper {
  kept: string | null = null;
  read = () => this.kept;
  keep = (_: string, text: string) => void (this.kept = text);
  forget = () => void (this.kept = null);
}

let server: Server;
let browser: Browser;
let draft: Draft;

function change(note: string) {
  draft.editor.set('alone', 'note', note);
  draft.changed();
}

beforeEach(async () => {
  vi.useFakeTimers();
  server = new Server();
  browser = new Browser();
  draft = new Draft('main_line', browser, server.flows);
  await draft.open();
});

afterEach(() => {
  draft.stop();
  vi.useRealTimers();
});

describe('saving', () => {
  it('waits for a pause, then sends the last word once', async () => {
    change('a');
    change('ab');
    expect(draft.saving).toBe('waiting');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(server.saved.map((doc) => doc.nodes['alone']?.note)).toEqual(['ab']);
    expect([draft.saving, browser.kept]).toEqual(['saved', null]);
  });

  it('sends what changed while it was sending', async () => {
    change('a');
    const first = draft.save();
    change('b');
    await first;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(server.saved.map((doc) => doc.nodes['alone']?.note)).toEqual(['a', 'b']);
    expect(draft.saving).toBe('saved');
  });

  it('tries again until the server can be reached, and keeps the words here', async () => {
    server.error = new ApiError(0, 'network', 'Not reached.');
    change('a');
    await vi.advanceTimersByTimeAsync(1_000);
    expect([draft.saving, draft.problem]).toEqual(['offline', 'Not reached.']);
    expect(browser.kept).toContain('"note":"a"');
    server.error = undefined;
    await vi.advanceTimersByTimeAsync(5_000);
    expect([draft.saving, draft.problem, server.saved.length]).toEqual(['saved', '', 1]);
  });

  it('stops when the server will not have it', async () => {
    server.error = new ApiError(413, 'too_large', 'Too large.');
    change('a');
    await vi.advanceTimersByTimeAsync(60_000);
    expect([draft.saving, draft.problem]).toEqual(['refused', 'Too large.']);
  });
});

it('sends what is left when the page of the flow is closed', async () => {
  change('last');
  draft.stop();
  await vi.advanceTimersByTimeAsync(10_000);
  expect([server.saved.length, browser.kept]).toEqual([1, null]);
});

describe('two people at once', () => {
  beforeEach(async () => {
    server.revision = 9;
    change('mine');
    await vi.advanceTimersByTimeAsync(1_000);
  });

  it('nothing is overwritten, and it is said who was faster', async () => {
    expect([draft.saving, draft.conflict]).toEqual(['conflict', { by: 'Ben', at: 7 }]);
    change('mine again');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(server.saved).toEqual([]);
  });

  it('one can take theirs', async () => {
    await draft.reload();
    expect([draft.saving, draft.editor.doc, browser.kept]).toEqual(['saved', SAMPLE, null]);
  });

  it('or keep the own as another flow', async () => {
    server.revision = 0;
    await draft.keepAs('main_line_copy');
    expect(server.saved[0]?.flow).toBe('main_line_copy');
    expect(server.saved[0]?.nodes['alone']?.note).toBe('mine');
  });
});

describe('what this browser kept', () => {
  const kept = (revision: number) =>
    JSON.stringify({ revision, document: { ...SAMPLE, label: 'Kept' } });

  it('comes back and is sent', async () => {
    browser.kept = kept(3);
    await draft.open();
    expect(draft.editor.doc.label).toBe('Kept');
    await vi.advanceTimersByTimeAsync(1_000);
    expect(server.saved[0]?.label).toBe('Kept');
  });

  it('asks first when somebody else saved meanwhile', async () => {
    browser.kept = kept(2);
    await draft.open();
    expect([draft.editor.doc.label, draft.saving]).toEqual(['Kept', 'conflict']);
  });

  it.each([['nonsense'], ['[]'], ['{}'], ['null']])('is left alone when it is damaged: %s', async (text) => {
    browser.kept = text;
    await draft.open();
    expect([draft.editor.doc, draft.saving]).toEqual([SAMPLE, 'saved']);
  });
});
