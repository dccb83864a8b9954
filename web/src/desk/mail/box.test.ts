import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { ApiError } from '../../lib/api';
import { card, line } from '../samples';
import * as calls from './api';
import { MailBox } from './box.svelte';
import { EMPTY } from './draft';
import type { Post } from './post.svelte';
import type { MailOut, MailView } from './protocol';
import { answer, mailIn, mailOut } from './samples';
import { NOTHING } from './shelf';
import { words } from './texts';

vi.mock('./api');
const api = vi.mocked(calls);
const MICROS = 1000;
const OFFLINE = new ApiError(0, 'network', 'offline');

const view = (changes: Partial<MailView> = {}): MailView => ({
  contact: 'k1',
  thread: 't1',
  mailbox: 'help',
  mails: [mailIn()],
  answer: answer(),
  draft: null,
  answered_by: '',
  answered_at: 0,
  ...changes,
});

/** A desk with one mail contact; what ends is noted. */
function desk() {
  const shown = card({ contact: 'k1', channel: 'email', messages: [line('mail-1', 'customer', 1)] });
  const post = {
    kept: NOTHING,
    agent: 'ann',
    live: true,
    ended: [] as string[],
    t: words.t,
    shown,
    card: () => post.shown,
    now: () => Date.now(),
    end: (contact: string, seen: string) => post.ended.push(`${contact} ${seen}`),
    keepDraft: vi.fn(),
    keepAttempt: (contact: string, attempt: unknown) => {
      post.kept = { ...post.kept, attempts: attempt ? { [contact]: attempt } : {} } as typeof NOTHING;
    },
    finishing: (contact: string, mail: string) => {
      post.kept = { ...post.kept, finishing: mail ? { [contact]: mail } : {} };
    },
    keepNote: (contact: string, text: string) => {
      post.kept = { ...post.kept, notes: text ? { [contact]: text } : {} };
    },
    keepSent: (contact: string, mail: string, draft: typeof EMPTY) => {
      post.kept = { ...post.kept, sent: { [contact]: { [mail]: draft } } };
    },
  };
  return post;
}

async function open(post: ReturnType<typeof desk>): Promise<MailBox> {
  const box = new MailBox(post as unknown as Post, 'k1');
  await box.load();
  return box;
}

const held = (): MailOut => mailOut({ state: 'held', at: Date.now() * MICROS, due: (Date.now() + 8000) * MICROS });

beforeAll(() => words.load('en'));

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('window', globalThis);
  vi.resetAllMocks();
  api.showMail.mockResolvedValue(view());
  api.saveDraft.mockResolvedValue(undefined);
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('writing', () => {
  it('goes to the server when the agent pauses, once', async () => {
    const box = await open(desk());
    box.write({ text: 'H' });
    box.write({ text: 'Hi' });
    await vi.advanceTimersByTimeAsync(1_100);
    expect(api.saveDraft.mock.calls.map(([, draft]) => draft?.text)).toEqual(['Hi']);
    expect(box.saved).toBe('saved');
  });

  it('is tried again while the server does not take it', async () => {
    api.saveDraft.mockRejectedValueOnce(OFFLINE);
    const box = await open(desk());
    box.write({ text: 'Hi' });
    await vi.advanceTimersByTimeAsync(1_100);
    expect(box.saved).toBe('here');
    await vi.advanceTimersByTimeAsync(5_100);
    expect(box.saved).toBe('saved');
  });

  it('continues what was changed last, here or elsewhere', async () => {
    api.showMail.mockResolvedValue(view({ draft: { ...EMPTY, text: 'elsewhere', at: 5 } }));
    const post = desk();
    expect((await open(post)).draft.text).toBe('elsewhere');
    post.kept = { ...NOTHING, drafts: { k1: { ...EMPTY, text: 'here', at: 6 } } };
    expect((await open(post)).draft.text).toBe('here');
  });
});

describe('sending', () => {
  it('keeps the text, and the key for the same text, while the server cannot be reached', async () => {
    const box = await open(desk());
    box.write({ text: 'Hi' });
    api.sendReply.mockRejectedValueOnce(OFFLINE).mockResolvedValueOnce(held());
    await box.send();
    expect([box.draft.text, box.failure?.at]).toEqual(['Hi', 'send']);
    await box.send();
    const [first, second] = api.sendReply.mock.calls.map(([, , key]) => key);
    expect(first).toBe(second);
    expect(box.draft).toEqual(EMPTY);
  });

  it('takes a new key for what was refused', async () => {
    const box = await open(desk());
    box.write({ text: 'Hi' });
    api.sendReply.mockRejectedValueOnce(new ApiError(422, 'mail_unusable', 'No.'));
    await box.send();
    expect([box.draft.text, box.failure?.text]).toEqual(['Hi', 'No.']);
    api.sendReply.mockResolvedValueOnce(held());
    await box.send();
    const [first, second] = api.sendReply.mock.calls.map(([, , key]) => key);
    expect(first).not.toBe(second);
  });

  it('does not send a changed text when the first had arrived unheard', async () => {
    const post = desk();
    const box = await open(post);
    box.write({ text: 'Hi' });
    api.sendReply.mockRejectedValueOnce(OFFLINE);
    await box.send();
    box.write({ text: 'Hi there' });
    post.shown = { ...post.shown, messages: [{ ...line('re-1', 'agent', 2), text: 'Hi' }] };
    api.showMail.mockResolvedValue(view({ mails: [mailIn(), held()] }));
    await box.send();
    expect(api.sendReply).toHaveBeenCalledTimes(1);
    expect([box.draft.text, box.failure?.text]).toEqual(['Hi there', words.t('failed.other_version')]);
  });

  it('ends the contact only after the mail has left', async () => {
    const post = desk();
    const box = await open(post);
    box.write({ text: 'Hi' });
    const mail = held();
    api.sendReply.mockResolvedValueOnce(mail);
    api.showMail.mockResolvedValue(view({ mails: [mailIn(), { ...mail, state: 'sent' }] }));
    await box.send(true);
    await vi.advanceTimersByTimeAsync(7_900);
    expect(post.ended).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(post.ended).toEqual(['k1 mail-1']);
  });

  it('does not take for read what the customer wrote while it was sent', async () => {
    const post = desk();
    const box = await open(post);
    box.write({ text: 'Hi' });
    const mail = held();
    api.sendReply.mockImplementationOnce(() => {
      const lines = [...post.shown.messages, line('mail-2', 'customer', 2), line(mail.id, 'agent', 3)];
      post.shown = { ...post.shown, messages: lines };
      return Promise.resolve(mail);
    });
    api.showMail.mockResolvedValue(view({ mails: [mailIn(), { ...mail, state: 'sent' }] }));
    await box.send(true);
    await vi.advanceTimersByTimeAsync(9_000);
    expect(post.ended).toEqual(['k1 mail-1']);
  });

  it('that was taken back has its words in the editor, in front of newer ones, and ends nothing', async () => {
    const post = desk();
    const box = await open(post);
    box.write({ text: 'Hi', to: 'a@x.org' });
    const mail = held();
    api.sendReply.mockResolvedValueOnce(mail);
    await box.send(true);
    box.write({ text: 'more' });
    api.takeBack.mockResolvedValueOnce({ taken_back: true });
    api.showMail.mockResolvedValue(view({ mails: [mailIn(), { ...mail, state: 'undone' }] }));
    await box.undo(mail);
    expect([box.draft.text, box.draft.to]).toEqual(['Hi\n\nmore', 'a@x.org']);
    expect([post.ended, box.finishing]).toEqual([[], '']);
  });

  it('asks how far it is only while it is under way', async () => {
    const box = await open(desk());
    await vi.advanceTimersByTimeAsync(60_000);
    expect(api.showMail).toHaveBeenCalledTimes(1);
    box.stop();
  });
});

describe('a note for colleagues', () => {
  const note = { id: 'note-1', at: 5, agent: 'ann', text: 'Ask Ben' };

  it('is kept while it is written, and stands in the thread once it is saved', async () => {
    const post = desk();
    const box = await open(post);
    api.addNote.mockResolvedValue(note);
    box.writeNote('Ask Ben ');
    expect(post.kept.notes).toEqual({ k1: 'Ask Ben ' });
    expect(await box.saveNote()).toBe(true);
    expect(api.addNote.mock.calls[0]?.slice(0, 2)).toEqual(['k1', 'Ask Ben']);
    expect([box.note, box.view?.notes]).toEqual(['', [note]]);
    expect(api.sendReply).not.toHaveBeenCalled();
  });

  it('of a colleague is fetched when its contact tells of it, once', async () => {
    const box = await open(desk());
    api.showMail.mockResolvedValue({ ...view(), notes: [note] });
    box.lookForNote('note-1');
    await vi.advanceTimersByTimeAsync(0);
    expect(box.view?.notes).toEqual([note]);
    box.lookForNote('note-1');
    expect(api.showMail).toHaveBeenCalledTimes(2);
    box.stop();
  });

  it('keeps its words when the line is down, and is the same note when it is tried again', async () => {
    const box = await open(desk());
    api.addNote.mockRejectedValue(OFFLINE);
    box.writeNote('Ask Ben');
    expect(await box.saveNote()).toBe(false);
    expect([box.note, box.noteFailure]).toEqual(['Ask Ben', words.t('failed.note.offline')]);
    await box.saveNote();
    box.writeNote('Ask Ben, or Ann');
    await box.saveNote();
    const keys = api.addNote.mock.calls.map(([, , key]) => key);
    expect([keys[0] === keys[1], keys[0] === keys[2]]).toEqual([true, false]);
  });

  it('is nothing when there are no words: a mail can be passed on without', async () => {
    const box = await open(desk());
    expect(await box.saveNote()).toBe(true);
    expect(api.addNote).not.toHaveBeenCalled();
  });
});
