/** A chat that goes on by mail: what can be written to whom, and how far what was written is. */
import { newId } from '../../lib/identifiers';
import type { Calls, Continuation, Letter, Written } from './api';
import { failureOf, isUncertain } from './failures';

export type Problem = '' | 'bad.empty' | 'failed.load' | 'failed.send' | 'failed.undo';

const SOON = 400;
const RARELY = 15_000;
const AGAIN = 2_000;

export class LetterBox {
  offer = $state.raw<Continuation>();
  writing = $state(false);
  sending = $state(false);
  problem = $state<Problem>('');
  /** Why it was not sent, in a sentence. */
  reason = $state('');
  /** The server is being asked, after it did not answer. */
  retrying = $state(false);
  to = $state('');
  subject = $state('');
  private key = newId();
  private tried = '';
  private looks = 0;
  private misses = 0;
  private stopped = false;
  private timer = 0;

  /** `text`: where what is being written is kept. `now`: milliseconds by the server's clock. */
  constructor(
    private readonly contact: string,
    private readonly agent: string,
    private readonly text: { get: () => string; set: (text: string) => void },
    private readonly now: () => number,
    private readonly calls: Calls,
  ) {}

  get possible(): boolean {
    return Boolean(this.offer?.sender && this.offer.to.length);
  }

  /** The agent's own letters that still stand. */
  get letters(): Letter[] {
    return (this.offer?.letters ?? []).filter(({ state, agent }) => agent === this.agent && state !== 'undone');
  }

  /** Whether the server answered; when it does not, it is asked again by itself. */
  async load(): Promise<boolean> {
    clearTimeout(this.timer);
    this.retrying = this.misses > 0;
    try {
      this.offer = await this.calls.show(this.contact);
      this.misses = 0;
      if (this.problem === 'failed.load') this.problem = '';
    } catch (error) {
      if (isUncertain(error)) this.missed();
      return false;
    } finally {
      this.retrying = false;
    }
    if (this.stopped) return true;
    this.to ||= this.offer.to[0] ?? '';
    this.subject ||= this.offer.subject;
    this.lookAgain();
    return true;
  }

  private missed(): void {
    if (!this.offer && !this.problem) this.problem = 'failed.load';
    this.lookIn(Math.min(RARELY, AGAIN * 2 ** this.misses++));
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  open(): void {
    this.problem = '';
    this.writing = true;
  }

  async send(): Promise<Letter | undefined> {
    const text = this.text.get();
    this.reason = '';
    this.problem = text.trim() ? '' : 'bad.empty';
    if (this.problem || this.sending) return undefined;
    const written: Written = { to: this.to, subject: this.subject.trim(), text };
    this.sending = true;
    try {
      return this.left(await this.calls.write(this.contact, written, this.keyOf(written)));
    } catch (error) {
      return await this.failed(error);
    } finally {
      this.sending = false;
    }
  }

  /** The same words again are the same letter. */
  private keyOf(written: Written): string {
    const now = JSON.stringify(written);
    if (this.tried && this.tried !== now) this.key = newId();
    this.tried = now;
    return this.key;
  }

  private left(letter: Letter): Letter {
    this.text.set('');
    this.key = newId();
    this.tried = '';
    this.writing = false;
    this.looks = 0;
    if (this.offer) {
      const others = this.offer.letters.filter(({ id }) => id !== letter.id);
      this.offer = { ...this.offer, letters: [...others, letter] };
    }
    this.lookAgain();
    return letter;
  }

  /** When nothing was heard it may have arrived all the same: then it is there. */
  private async failed(error: unknown): Promise<Letter | undefined> {
    const known = this.letters.length;
    if (isUncertain(error) && (await this.load()) && this.letters.length > known) {
      const letter = this.letters.at(-1);
      if (letter) return this.left(letter);
    }
    this.problem = 'failed.send';
    this.reason = failureOf(error);
    return undefined;
  }

  /** Whether its words are back in the editor. `words` are those it was sent with. */
  async undo(letter: Letter, words: string): Promise<boolean> {
    const { taken_back: taken } = await this.calls
      .takeBack(letter.id)
      .catch(() => ({ taken_back: false }));
    if (taken) {
      const newer = this.text.get();
      this.text.set(newer ? `${words}\n${newer}` : words);
      this.writing = true;
    } else this.problem = 'failed.undo';
    await this.load();
    return taken;
  }

  private lookAgain(): void {
    const under = this.letters.filter(({ state }) => state === 'held' || state === 'sending');
    if (!under.length) return;
    const due = Math.min(...under.map((one) => one.due / 1000 - this.now()));
    const wait = due > 0 ? due + SOON : Math.min(RARELY, SOON * 2 ** this.looks++);
    this.lookIn(wait);
  }

  private lookIn(milliseconds: number): void {
    clearTimeout(this.timer);
    if (!this.stopped) this.timer = window.setTimeout(() => void this.load(), milliseconds);
  }
}
