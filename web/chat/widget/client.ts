/** The chat itself: turns what the visitor does into acts and what the server says into state. */

import { newId } from '../../src/lib/identifiers';
import { browser, ReconnectingSocket, type Environment, type Numbered } from '../../src/lib/socket';
import { loadFile, sendFile } from './files';
import type { ChatMemory } from './memory';
import { post, type Posted, type Question } from './post';
import { readMessage, type LastingAct, type Reply, type ServerMessage, type VisitorAct } from './protocol';
import {
  asked,
  INITIAL,
  isAnswering,
  isOver,
  isPassing,
  reduce,
  type Action,
  type ChatState,
  type Upload,
} from './state';
import type { TextKey } from './texts';

const RESEND_AFTER = 3_000;
const TYPING_STOPS_AFTER = 4_000;
const TYPING_EXPIRES_AFTER = 8_000;
const SILENCE_LIMIT = 35_000;
const REST = 20_000;
const MAX_FILES = 10; // at once

export interface StartForm {
  readonly name: string;
  readonly text: string;
  readonly choice: string;
  readonly address: string;
}

export interface ChatSettings {
  readonly socketUrl: string;
  readonly entryPoint: string;
  readonly language: string;
  /** What the site says about its visitor now, signed; empty when it says nothing. */
  readonly visitor: () => string;
  readonly page: () => Page;
  /** Where files, mails and questions are sent to: `…/files`, `…/transcript`, `…/questions`. */
  readonly chatUrl: string;
  /** Whether the page is out of sight. */
  readonly hidden: () => boolean;
}

export interface Page {
  readonly url: string;
  readonly title: string;
}

export class ChatClient {
  state: ChatState = INITIAL;
  draft = '';
  private readonly socket: ReconnectingSocket<Numbered>;
  private running = false;
  private resumeId = '';
  private page = '';
  private seen = '';
  private read = 0;
  private question = { id: '', words: '' };
  private typingSent = false;
  private typingTimer = 0;
  private agentTypingTimer = 0;

  constructor(
    private readonly settings: ChatSettings,
    private readonly memory: ChatMemory,
    private readonly changed: (state: ChatState) => void,
    private readonly world: Environment = browser,
  ) {
    this.socket = new ReconnectingSocket<Numbered>({
      url: settings.socketUrl,
      snapshot: 'session',
      silenceLimit: SILENCE_LIMIT,
      environment: world,
      hello: () => this.hello(),
      ping: () => ({ type: 'ping', id: newId() }),
      onStatus: (link) => this.apply({ type: 'link', link }),
      onMessage: (raw) => {
        const message = readMessage(raw);
        if (message) this.hear(message);
      },
    });
    memory.onOtherTab((token) => this.otherTab(token));
  }

  /** Take up what a reload interrupted. */
  wake(): void {
    const tab = this.memory.tab();
    const token = this.memory.token();
    this.draft = tab.draft;
    if (token) this.apply({ type: 'adopted', token });
    for (const act of tab.outbox) this.apply({ type: 'act', act });
    if (tab.open) this.open();
    if (token || tab.outbox.length > 0) this.connect();
  }

  open(): void {
    this.apply({ type: 'opened' });
  }

  minimise(): void {
    this.apply({ type: 'minimised' });
  }

  start(form: StartForm): void {
    const { entryPoint: entry_point, language } = this.settings;
    const visitor = this.settings.visitor();
    this.act({ type: 'start_chat', id: newId(), entry_point, language, visitor, ...form });
    this.connect();
  }

  /** What is said while a flow asks something answers it; false while an answer is on its way. */
  say(text: string): boolean {
    const prompt = asked(this.state);
    if (isAnswering(this.state)) return false;
    if (!prompt?.secret) this.draft = '';
    this.stopTyping();
    if (prompt) this.answer(text);
    else this.act({ type: 'say_line', id: newId(), text });
    return true;
  }

  /** `text`: a button's key, or what was typed. */
  answer(text: string): void {
    const prompt = asked(this.state);
    if (!prompt || isAnswering(this.state)) return;
    this.act({ type: 'answer_prompt', id: newId(), turn: prompt.turn, text });
  }

  retry(id: string): void {
    const pending = this.state.pending.find((one) => one.id === id);
    if (!pending) return;
    this.apply({ type: 'discarded', id });
    this.act({ type: 'say_line', id, text: pending.text });
  }

  discard(id: string): void {
    this.apply({ type: 'discarded', id });
  }

  leave(): void {
    this.act({ type: 'leave_chat', id: newId() });
  }

  restart(): void {
    this.disconnect();
    this.draft = '';
    this.apply({ type: 'restarted' });
    this.memory.keepToken('');
  }

  write(draft: string): void {
    this.draft = draft;
    this.keep();
    if (this.state.phase !== 'talking') return;
    this.world.clearTimeout(this.typingTimer);
    if (!draft) {
      this.stopTyping();
      return;
    }
    if (!this.typingSent) this.sendTyping(true);
    this.typingSent = true;
    this.typingTimer = this.world.setTimeout(() => this.stopTyping(), TYPING_STOPS_AFTER);
  }

  /** The network or the visitor is back: do not sit out a long pause. */
  hurry(): void {
    this.socket.retryNow();
  }

  /** Say where the visitor is, if they have moved. */
  look(): void {
    this.tellSeen();
    const { url, title } = this.settings.page();
    const page = `${url} ${title}`;
    if (!this.state.status || isOver(this.state.phase) || page === this.page) return;
    this.page = page;
    this.transmit({ type: 'visitor_page', id: newId(), url, title });
  }

  /** Files are sent one by one: a telephone on a train has not much room for them. */
  async attach(files: Iterable<File>): Promise<void> {
    for (const file of [...files].slice(0, MAX_FILES)) await this.upload(file);
  }

  /** The content of a file in the thread. Rejects when it cannot be had. */
  load(file: string): Promise<Blob> {
    return loadFile(`${this.settings.chatUrl}/files`, this.state.token, file);
  }

  mailTranscript(address: string): Promise<Posted> {
    return post(`${this.settings.chatUrl}/transcript`, this.state.token, { address });
  }

  /** Nobody can chat now: kept for an answer by mail. The same again is the same question. */
  async ask(form: StartForm): Promise<Posted> {
    const { entryPoint: entry_point, language, visitor, chatUrl } = this.settings;
    const words = JSON.stringify(form);
    if (words !== this.question.words) this.question = { id: newId(), words };
    const question: Question = {
      ...{ id: this.question.id, entry_point, language, visitor: visitor() },
      ...form,
    };
    const posted = await post(`${chatUrl}/questions`, '', question);
    if ('address' in posted) {
      this.question = { id: '', words: '' };
      this.apply({ type: 'question_taken', address: posted.address });
    }
    return posted;
  }

  askAgain(): void {
    this.apply({ type: 'question_taken', address: '' });
  }

  private async upload(file: File): Promise<void> {
    const { takes, token } = this.state;
    const upload = { id: newId(), name: file.name, done: 0, failed: '' as TextKey | '' };
    const show = (changes: Partial<Upload>): void =>
      this.apply({ type: 'upload', upload: { ...upload, ...changes } });
    if (takes && file.size > takes.size) return show({ failed: 'fileLarge' });
    show({});
    const url = `${this.settings.chatUrl}/files`;
    const failed = await sendFile(url, token, upload.id, file, (done) => show({ done }));
    show({ done: 1, failed });
  }

  private tellSeen(): void {
    const received = this.state.lines.at(-1)?.at ?? 0;
    const read = this.state.open && !this.settings.hidden() ? received : this.read;
    const seen = `${received} ${read}`;
    if (!this.state.status || isOver(this.state.phase) || seen === this.seen) return;
    this.seen = seen;
    this.read = read;
    this.transmit({ type: 'visitor_seen', id: newId(), received, read });
  }

  private act(act: LastingAct): void {
    this.apply({ type: 'act', act });
    this.send(act);
  }

  private send(act: LastingAct): void {
    if (act.type === 'start_chat' || this.state.status) this.transmit(act);
  }

  private stopTyping(): void {
    this.world.clearTimeout(this.typingTimer);
    if (this.typingSent) this.sendTyping(false);
    this.typingSent = false;
  }

  private sendTyping(typing: boolean): void {
    this.transmit({ type: 'visitor_typing', id: newId(), typing });
  }

  private transmit(act: VisitorAct): void {
    this.socket.hint(act);
  }

  private connect(): void {
    if (this.running) return;
    this.running = true;
    this.socket.start();
  }

  private disconnect(): void {
    this.running = false;
    this.socket.stop();
    this.apply({ type: 'link', link: 'idle' });
  }

  /** What a new connection begins with: who we are, or the chat we want to start. */
  private hello(): VisitorAct | undefined {
    this.typingSent = false;
    if (!this.state.token) return this.state.outbox.find((act) => act.type === 'start_chat');
    this.resumeId = newId();
    return { type: 'resume_chat', id: this.resumeId, token: this.state.token };
  }

  private sayHello(): void {
    const hello = this.hello();
    if (hello) this.transmit(hello);
  }

  private hear(message: ServerMessage): void {
    if (message.type === 'reply') this.replied(message);
    this.apply({ type: 'heard', message, at: Date.now() * 1000 });
    if (message.type === 'line_added') this.tellSeen();
    if (message.type === 'session') this.joined(message.token);
    if (message.type === 'agent_typing') this.expireTyping(message.typing);
    if (isOver(this.state.phase)) this.disconnect();
  }

  private joined(token: string): void {
    this.memory.keepToken(token);
    this.seen = '';
    this.page = ''; // told anew at the next look: the server may have forgotten
  }

  private replied({ to, ok, code }: Reply): void {
    if (to === '' && !ok) this.rest();
    else if (to === this.resumeId) this.resumed(ok, code);
    else if (!ok && isPassing(code)) this.world.setTimeout(() => this.resend(to), RESEND_AFTER);
  }

  /** Turned away at the door: come back later instead of knocking at once. */
  private rest(): void {
    this.disconnect();
    this.apply({ type: 'link', link: 'reconnecting' });
    this.world.setTimeout(() => this.connect(), REST);
  }

  /** Known again: now everything not yet answered. */
  private resumed(ok: boolean, code: string): void {
    if (ok) for (const act of this.state.outbox) this.transmit(act);
    else if (isPassing(code)) this.world.setTimeout(() => this.sayHello(), RESEND_AFTER);
    else this.refused(code);
  }

  private resend(id: string): void {
    const act = this.state.outbox.find((one) => one.id === id);
    if (act) this.send(act);
  }

  private refused(code: string): void {
    this.disconnect();
    if (code === 'unknown_chat') this.memory.keepToken('');
    this.apply({ type: 'resume_refused', code });
  }

  private expireTyping(typing: boolean): void {
    this.world.clearTimeout(this.agentTypingTimer);
    if (!typing) return;
    const expire = () => this.apply({ type: 'typing_expired' });
    this.agentTypingTimer = this.world.setTimeout(expire, TYPING_EXPIRES_AFTER);
  }

  private otherTab(token: string): void {
    if (token && !this.state.token) {
      this.apply({ type: 'adopted', token });
      this.connect();
      return;
    }
    if (!token && isOver(this.state.phase)) this.apply({ type: 'restarted' });
  }

  private apply(action: Action): void {
    const before = this.state;
    this.state = reduce(before, action);
    if (this.state === before) return;
    this.keep();
    this.changed(this.state);
  }

  /** Answers are not written down: some are secret, and what was asked will be asked again. */
  private keep(): void {
    const { open } = this.state;
    const outbox = this.state.outbox.filter((act) => act.type !== 'answer_prompt');
    this.memory.keepTab({ open, outbox, draft: this.draft });
  }
}
