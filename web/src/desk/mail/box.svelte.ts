/** One contact's mails: what the server has, what is being written, and what is on its way. */
import { announce } from '../../lib/announcer.svelte';
import { ApiError } from '../../lib/api';
import { newId } from '../../lib/identifiers';
import type { ContactCard } from '../../lib/protocol';
import * as calls from './api';
import {
  type Draft,
  EMPTY,
  fitting,
  isEmpty,
  LONGEST_SUBJECT,
  newer,
  objection,
  readDraft,
  replyOf,
  sameReply,
} from './draft';
import { type Failure, failureOf, isUncertain } from './failures';
import type { Post } from './post.svelte';
import type { Enclosed, MailIn, MailOut, MailSaid, MailView } from './protocol';
import { askAgainIn, forBar, forwarded, forwardSubject, lacks, openAtFirst } from './thread';
import { Uploads } from './uploads.svelte';

const SAVE_AFTER = 1_000;
const TRY_AGAIN_AFTER = 5_000;
const LOOKS_FOR_ONE = 8;
/** Clocks differ: an answer may look this much older than its attempt, in microseconds. */
const TOLERANCE = 60_000_000;

export type Saved = '' | 'saving' | 'saved' | 'here';

export class MailBox {
  view = $state.raw<MailView>();
  /** Why there is no view yet. */
  problem = $state('');
  draft = $state.raw<Draft>(EMPTY);
  saved = $state<Saved>('');
  failure = $state.raw<Failure>();
  sending = $state(false);
  /** The editor is unfolded. */
  writing = $state(false);
  /** Mails that are shown whole. */
  opened = $state.raw<ReadonlySet<string>>(new Set());
  /** What mails of ours say, by id, as far as it was asked. */
  said = $state.raw<Record<string, MailSaid>>({});
  readonly uploads: Uploads;
  /** The field for a note is unfolded. */
  noteOpen = $state(false);
  noting = $state(false);
  noteFailure = $state('');

  /** The same words again are the same note. */
  private noted = { text: '', key: '' };
  private saveTimer = 0;
  private lookTimer = 0;
  private looks = 0;
  private saving: Promise<void> = Promise.resolve();
  private loading: Promise<boolean> | undefined;

  constructor(
    private readonly post: Post,
    readonly contact: string,
  ) {
    this.draft = post.kept.drafts[contact] ?? EMPTY;
    this.writing = !isEmpty(this.draft);
    this.uploads = new Uploads(
      (file) => this.attach(file),
      () => this.post.live,
    );
    void this.load();
  }

  /** The last line that was on the page when its answer was sent; a page loaded since knows none. */
  private read = '';

  get card(): ContactCard | undefined {
    return this.post.card(this.contact);
  }

  /** The server takes answers from the one who holds the contact. */
  get mayWrite(): boolean {
    const { card } = this;
    return card?.role === 'holder' && card.doing !== 'wrapping' && this.view !== undefined;
  }

  /** The agent's own mails that are on their way or need a word. */
  get underWay(): MailOut[] {
    return this.view ? forBar(this.view, this.post.agent) : [];
  }

  get finishing(): string {
    return this.post.kept.finishing[this.contact] ?? '';
  }

  stop(): void {
    clearTimeout(this.saveTimer);
    clearTimeout(this.lookTimer);
    this.uploads.stop();
  }

  // -- what the server has ----------------------------------------------------------------------

  /** Whether the server answered. */
  load(): Promise<boolean> {
    this.loading ??= this.fetch().finally(() => {
      this.loading = undefined;
    });
    return this.loading;
  }

  private async fetch(): Promise<boolean> {
    clearTimeout(this.lookTimer);
    try {
      this.arrived(await calls.showMail(this.contact));
    } catch (error) {
      this.problem = failureOf(error, 'load').text;
      if (!(error instanceof ApiError) || isUncertain(error)) this.lookIn(TRY_AGAIN_AFTER);
      return false;
    }
    return true;
  }

  private arrived(view: MailView): void {
    const before = this.view;
    this.view = view;
    this.problem = '';
    if (!before) this.begin(view);
    else this.open(view.mails.filter((mail) => !before.mails.some(({ id }) => id === mail.id)).map(({ id }) => id));
    this.settleAttempt();
    this.settleSent(before, view);
    this.lookAgain();
  }

  private begin(view: MailView): void {
    this.opened = openAtFirst(view.mails);
    const local = isEmpty(this.draft) ? undefined : this.draft;
    const draft = newer(local, readDraft(view.draft));
    if (!draft) return;
    this.draft = draft;
    this.writing = true;
    if (draft === local) this.saveSoon();
    else this.saved = 'saved';
  }

  private lookAgain(): void {
    const wait = askAgainIn(this.view?.mails ?? [], this.post.now(), this.looks) ?? this.missing();
    if (wait === undefined) this.looks = 0;
    else this.lookIn(wait);
  }

  /** The message may be here before its mail can be read; some mails never can. */
  private missing(): number | undefined {
    const lacking = lacks(this.view?.mails ?? [], this.card?.messages ?? []);
    return lacking && this.looks < LOOKS_FOR_ONE ? 250 * 2 ** this.looks : undefined;
  }

  lookForNew(): void {
    if (!this.view || !lacks(this.view.mails, this.card?.messages ?? [])) return;
    this.looks = 0;
    void this.load();
  }

  /** A colleague has noted something: `note` is its id. */
  lookForNote(note: string): void {
    if (!this.view || this.noting || this.view.notes?.some(({ id }) => id === note)) return;
    void this.load();
  }

  private lookIn(milliseconds: number): void {
    clearTimeout(this.lookTimer);
    this.lookTimer = window.setTimeout(() => {
      this.looks += 1;
      void this.load();
    }, milliseconds);
  }

  /** Says how mails of ours ended, and ends the contact after the one that was its last. */
  private settleSent(before: MailView | undefined, view: MailView): void {
    for (const mail of view.mails) {
      if (mail.way !== 'out') continue;
      const was = before?.mails.find((one) => one.id === mail.id);
      if (was?.way === 'out' && was.state !== mail.state) this.tell(mail);
      if (mail.id === this.finishing) this.finishAfter(mail);
    }
  }

  private tell(mail: MailOut): void {
    if (mail.state === 'sent') announce(this.post.t('state.sent'));
    if (mail.state === 'failed') announce(this.post.t('bar.failed', { reason: mail.reason }), 'assertive');
    if (mail.state === 'unknown') announce(this.post.t('bar.unknown', { reason: mail.reason }), 'assertive');
  }

  private finishAfter(mail: MailOut): void {
    if (mail.state === 'held' || mail.state === 'sending' || mail.state === 'prepared') return;
    this.post.finishing(this.contact, '');
    if (mail.state === 'sent') this.post.end(this.contact, this.read || mail.id);
  }

  // -- reading ----------------------------------------------------------------------------------

  toggle(mail: string): void {
    const opened = new Set(this.opened);
    if (!opened.delete(mail)) opened.add(mail);
    this.opened = opened;
  }

  private open(mails: string[]): void {
    if (mails.length) this.opened = new Set([...this.opened, ...mails]);
  }

  /** Asks once what a mail of ours says. */
  async ask(mail: string): Promise<void> {
    if (this.said[mail]) return;
    try {
      const said = await calls.saidBy(this.contact, mail);
      this.said = { ...this.said, [mail]: said };
    } catch {
      // The words in the contact's thread are shown meanwhile; opening it again asks again.
    }
  }

  // -- writing ----------------------------------------------------------------------------------

  write(changes: Partial<Omit<Draft, 'at'>>): void {
    this.failure = undefined;
    this.writing = true;
    this.put({ ...this.draft, ...changes, at: this.post.now() });
  }

  private put(draft: Draft): void {
    this.draft = draft;
    this.post.keepDraft(this.contact, isEmpty(draft) ? undefined : draft);
    this.saveSoon();
  }

  private saveSoon(): void {
    this.saved = this.post.live ? 'saving' : 'here';
    clearTimeout(this.saveTimer);
    this.saveTimer = window.setTimeout(() => this.save(), SAVE_AFTER);
  }

  /** One at a time, so that an older draft never lands on a newer one. */
  save(): void {
    clearTimeout(this.saveTimer);
    this.saving = this.saving.then(() => this.saveNow());
  }

  private async saveNow(): Promise<void> {
    const { draft } = this;
    if (this.saved !== 'saving' && this.saved !== 'here') return;
    try {
      await calls.saveDraft(this.contact, isEmpty(draft) ? null : draft);
      if (this.draft === draft) this.saved = isEmpty(draft) ? '' : 'saved';
    } catch (error) {
      this.saved = 'here';
      if (error instanceof ApiError && !isUncertain(error)) return;
      clearTimeout(this.saveTimer);
      this.saveTimer = window.setTimeout(() => this.save(), TRY_AGAIN_AFTER);
    }
  }

  /** The line is back: what was kept here goes to the server, and what came meanwhile is fetched. */
  reconnected(): void {
    if (this.saved === 'here') this.save();
    void this.load();
  }

  discard(): Draft {
    const thrown = this.draft;
    this.uploads.stop();
    this.clear();
    this.saveSoon();
    return thrown;
  }

  restore(draft: Draft): void {
    const here = this.draft;
    const text = here.text.trim() ? `${draft.text}\n\n${here.text}` : draft.text;
    const files = [...draft.files, ...here.files.filter(({ sha256 }) => !has(draft.files, sha256))];
    this.writing = true;
    this.write({ ...draft, text, files });
  }

  private clear(): void {
    clearTimeout(this.saveTimer);
    this.draft = EMPTY;
    this.failure = undefined;
    this.writing = false;
    this.saved = '';
    this.post.keepDraft(this.contact, undefined);
  }

  forward(mail: MailIn, headings: [string, string][]): void {
    const { fit, over } = fitting([...this.draft.files, ...this.uploads.list], mail.files);
    const files = fit.filter(({ sha256 }) => !has(this.draft.files, sha256)).map(enclosed);
    this.writing = true;
    this.write({
      text: this.draft.text.trimEnd() + forwarded(mail, headings),
      to: '',
      cc: '',
      subject: forwardSubject(mail.subject).slice(0, LONGEST_SUBJECT),
      files: [...this.draft.files, ...files],
    });
    if (over.length) this.tooBig(over);
  }

  // -- files ------------------------------------------------------------------------------------

  upload(files: File[]): void {
    if (!files.length) return;
    this.failure = undefined;
    this.writing = true;
    const { fit, over } = fitting([...this.draft.files, ...this.uploads.list], files);
    for (const file of fit) this.uploads.add(file);
    if (over.length) this.tooBig(over);
  }

  private tooBig(files: { name: string }[]): void {
    const names = files.map((file) => file.name).join(', ').slice(0, 200);
    this.failure = { text: this.post.t('bad.files', { names }), at: 'files' };
  }

  private attach(file: Enclosed): void {
    this.write({ files: [...this.draft.files, file] });
    announce(this.post.t('file.attached', { name: file.name }));
  }

  detach(place: number): void {
    this.write({ files: this.draft.files.filter((_, index) => index !== place) });
  }

  // -- sending ----------------------------------------------------------------------------------

  async send(finish = false): Promise<void> {
    if (this.sending || !this.view || !this.mayWrite) return;
    this.failure = this.objection();
    if (this.failure) {
      announce(this.failure.text, 'assertive');
      return;
    }
    this.sending = true;
    this.read = this.card?.messages.at(-1)?.id ?? '';
    try {
      await this.sendNow(finish);
    } catch (error) {
      this.failed(error);
    } finally {
      this.sending = false;
    }
  }

  private objection(): Failure | undefined {
    if (!this.view) return undefined;
    if (this.uploads.list.length) {
      const going = this.uploads.list.some((one) => !one.problem);
      return { text: this.post.t(going ? 'bad.uploading' : 'bad.not_uploaded'), at: 'files' };
    }
    const found = objection(this.draft, this.view.answer);
    return found && { text: this.post.t(found.key, found.values), at: found.at };
  }

  private async sendNow(finish: boolean): Promise<void> {
    if (!this.view) return;
    const { draft } = this;
    const reply = replyOf(draft, this.view.answer);
    const tried = this.post.kept.attempts[this.contact];
    if (tried && !sameReply(tried.reply, reply)) {
      // Another version may have arrived without our hearing of it.
      if (!(await this.load())) throw new ApiError(0, 'network', '');
      if (!this.post.kept.attempts[this.contact]) {
        this.failure = { text: this.post.t('failed.other_version'), at: 'send' };
        return;
      }
    }
    const key = tried && sameReply(tried.reply, reply) ? tried.key : newId();
    this.post.keepAttempt(this.contact, { key, reply, at: this.post.now() * 1000 });
    clearTimeout(this.saveTimer);
    await this.saving;
    const mail = await calls.sendReply(this.contact, reply, key);
    this.post.keepAttempt(this.contact, undefined);
    this.left(mail, draft, finish);
  }

  private left(mail: MailOut, draft: Draft, finish: boolean): void {
    this.post.keepSent(this.contact, mail.id, draft);
    this.clear();
    if (finish) this.post.finishing(this.contact, mail.id);
    if (this.view) {
      const others = this.view.mails.filter(({ id }) => id !== mail.id);
      this.view = { ...this.view, draft: null, mails: [...others, mail] };
    }
    this.open([mail.id]);
    this.looks = 0;
    const seconds = Math.max(0, Math.round(mail.due / 1_000_000 - this.post.now() / 1000));
    announce(this.post.t('bar.held', { seconds }));
    this.lookAgain();
  }

  private failed(error: unknown): void {
    this.failure = failureOf(error, 'send');
    announce(this.failure.text, 'assertive');
    if (error instanceof ApiError && !isUncertain(error)) this.post.keepAttempt(this.contact, undefined);
    if (this.saved === 'saving') this.saveSoon();
  }

  /** An attempt of which nothing was heard may turn out to have arrived. */
  private settleAttempt(): void {
    const tried = this.post.kept.attempts[this.contact];
    const words = tried?.reply.text.trim().slice(0, 8_000);
    if (!tried || !this.view) return;
    const mail = this.view.mails.find(
      (one): one is MailOut =>
        one.way === 'out' &&
        one.agent === this.post.agent &&
        one.at >= tried.at - TOLERANCE &&
        this.card?.messages.find(({ id }) => id === one.id)?.text === words,
    );
    if (!mail) return;
    this.post.keepAttempt(this.contact, undefined);
    if (sameReply(replyOf(this.draft, this.view.answer), tried.reply)) this.left(mail, this.draft, false);
  }

  // -- notes for colleagues ----------------------------------------------------------------------

  get note(): string {
    return this.post.kept.notes[this.contact] ?? '';
  }

  writeNote(text: string): void {
    this.noteFailure = '';
    this.post.keepNote(this.contact, text);
  }

  /** Whether the note is kept: on the thread, for colleagues alone. */
  async saveNote(): Promise<boolean> {
    const text = this.note.trim();
    if (!text || this.noting) return !text;
    if (text !== this.noted.text) this.noted = { text, key: newId() };
    this.noting = true;
    try {
      const note = await calls.addNote(this.contact, text, this.noted.key);
      this.noted = { text: '', key: '' };
      this.post.keepNote(this.contact, '');
      const others = (this.view?.notes ?? []).filter(({ id }) => id !== note.id);
      if (this.view) this.view = { ...this.view, notes: [...others, note] };
      announce(this.post.t('note.saved'));
      return true;
    } catch (error) {
      this.noteFailure = failureOf(error, 'note').text;
      announce(this.noteFailure, 'assertive');
      return false;
    } finally {
      this.noting = false;
    }
  }

  async undo(mail: MailOut): Promise<void> {
    try {
      const { taken_back: taken } = await calls.takeBack(mail.id);
      if (taken) await this.bringBack(mail);
      else this.failure = { text: this.post.t('failed.had_left'), at: 'send' };
    } catch (error) {
      this.failure = failureOf(error, 'undo');
    }
    if (this.failure) announce(this.failure.text, 'assertive');
    await this.load();
  }

  /** Its words stand in the editor again, in front of newer ones. */
  async bringBack(mail: MailOut): Promise<void> {
    this.post.finishing(this.contact, '');
    this.restore(this.post.kept.sent[this.contact]?.[mail.id] ?? (await this.remade(mail)));
    announce(this.post.t('bar.undone'));
  }

  /** Sent from another browser: all but its files can be had again. */
  private async remade(mail: MailOut): Promise<Draft> {
    const text = this.card?.messages.find(({ id }) => id === mail.id)?.text ?? '';
    await this.ask(mail.id);
    const said = this.said[mail.id];
    return {
      ...EMPTY,
      text,
      to: (said?.to ?? mail.to).join(', '),
      cc: (said?.cc ?? []).join(', '),
      subject: mail.subject,
    };
  }

  async again(mail: MailOut): Promise<void> {
    try {
      await calls.sendAgain(mail.id);
      this.looks = 0;
    } catch (error) {
      this.failure = failureOf(error, 'again');
    }
    await this.load();
  }
}

const has = (files: Enclosed[], sha256: string) => files.some((file) => file.sha256 === sha256);

const enclosed = ({ sha256, name, content_type, size }: Enclosed): Enclosed => ({
  sha256,
  name: name || 'file',
  content_type,
  size,
});
