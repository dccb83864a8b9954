/** The desk's one store: the server's state, what was sent and not yet answered, and the place. */
import { announce } from '../lib/announcer.svelte';
import { ApiError, session, signInAddress } from '../lib/api';
import { newId } from '../lib/identifiers';
import type { CustomerRecord, DeskAct, Message, Reply, ToDesk } from '../lib/protocol';
import { without } from '../lib/records';
import { type ConnectionStatus, ReconnectingSocket, socketAddress } from '../lib/socket';
import { createClock } from '../lib/time.svelte';
import { toasts } from '../lib/toasts.svelte';
import {
  activeContact,
  NOWHERE,
  opened,
  type Place,
  prune,
  recall,
  remember,
  type UnsentLine,
} from './place';
import { type DeskState, EMPTY, reduce, withRecord } from './state';
import { desk } from './texts';
import { refusal, who } from './words';

const SILENCE_LIMIT = 25_000;
const SAVE_NOTE_AFTER = 800;
const TYPING_EVERY = 3_000;
/** Characters; nobody wants to hear a whole mail. */
const LONGEST_SPOKEN = 300;

type ActWithId = DeskAct & { id: string };

export class DeskStore {
  state = $state.raw<DeskState>(EMPTY);
  status = $state<ConnectionStatus>('connecting');
  /** Acts sent and not answered yet, by id. */
  acts = $state.raw<Record<string, ActWithId>>({});
  place = $state.raw<Place>(NOWHERE);
  /** The contact whose agent was told, instead of ending it, that the customer has just written. */
  warned = '';

  readonly clock = createClock();
  readonly active = $derived(activeContact(this.state.contacts, this.place));
  readonly pending = $derived(this.pendingLines());

  private readonly noteTimers = new Map<string, number>();
  private typingSent = 0;
  private readonly socket = new ReconnectingSocket<ToDesk>({
    url: socketAddress('/ws/desk'),
    snapshot: 'desk_snapshot',
    silenceLimit: SILENCE_LIMIT,
    onMessage: (message) => this.receive(message),
    onStatus: (status) => this.statusChanged(status),
    onLost: (failures) => void this.lost(failures),
    resync: () => ({ type: 'resync', id: newId() }),
    ping: () => ({ type: 'ping', id: newId() }),
    onUnknown: () => {
      toasts.show(desk.t('error.asking_again'), 'error');
    },
    lasting: (act) => act.type === 'say',
  });

  constructor(private readonly agent: string) {
    this.place = recall(localStorage, agent);
    for (const line of this.place.unsent) this.send({ type: 'say', ...line });
  }

  start(): () => void {
    const retry = () => this.socket.retryNow();
    this.socket.start();
    window.addEventListener('online', retry);
    document.addEventListener('visibilitychange', retry);
    const stopClock = this.clock.start();
    return () => {
      this.socket.stop();
      window.removeEventListener('online', retry);
      document.removeEventListener('visibilitychange', retry);
      stopClock();
    };
  }

  // -- acts -------------------------------------------------------------------------------------

  act(act: DeskAct): string {
    const id = newId();
    return this.send({ ...act, id }) ? id : '';
  }

  private send(act: ActWithId): boolean {
    if (!this.socket.act(act)) {
      toasts.show(desk.t('error.outbox_full'), 'error');
      return false;
    }
    this.acts = { ...this.acts, [act.id]: act };
    return true;
  }

  /** True while an act of this type about this thing waits for its answer. */
  waitingFor(type: DeskAct['type'], about: string): boolean {
    return Object.values(this.acts).some(
      (act) =>
        act.type === type &&
        (('offer' in act && act.offer === about) || ('contact' in act && act.contact === about)),
    );
  }

  say(contact: string, text: string): boolean {
    const words = text.trim();
    if (!words) return false;
    const id = this.act({ type: 'say', contact, text: words });
    if (!id) return false;
    this.keep({ ...this.place, unsent: [...this.place.unsent, { id, contact, text: words }] });
    this.writeReply(contact, '');
    this.typingSent = 0;
    return true;
  }

  /** Tells the customer's page that somebody writes, at most every few seconds. */
  hintTyping(contact: string, typing: boolean): void {
    const now = this.clock.exact();
    if (typing && now - this.typingSent < TYPING_EVERY) return;
    this.typingSent = typing ? now : 0;
    this.socket.hint({ type: 'typing', id: newId(), contact, typing } as DeskAct & { id: string });
  }

  // -- the place --------------------------------------------------------------------------------

  show(contact: string): void {
    this.keep(opened(this.place, contact, this.active?.contact));
    this.markRead(contact);
  }

  /** The contact `step` places further in the list, around its ends. */
  showNext(step: number): void {
    const { contacts } = this.state;
    if (!contacts.length) return;
    const at = contacts.findIndex((card) => card.contact === this.active?.contact);
    const next = contacts[(at + step + contacts.length) % contacts.length];
    if (next) this.show(next.contact);
  }

  markRead(contact: string): void {
    const card = this.state.contacts.find((other) => other.contact === contact);
    const last = card?.messages.at(-1)?.at ?? 0;
    if (last > (this.place.read[contact] ?? 0)) {
      this.keep({ ...this.place, read: { ...this.place.read, [contact]: last } });
      if (card?.channel === 'chat') {
        this.socket.hint({ type: 'mark_read', id: newId(), contact, until: last } as DeskAct & { id: string });
      }
    }
  }

  writeReply(contact: string, text: string): void {
    this.keep({ ...this.place, replies: { ...this.place.replies, [contact]: text } });
  }

  /** The note as it stands: words not yet confirmed by the server come first. */
  note(contact: string): string {
    const card = this.state.contacts.find((other) => other.contact === contact);
    return this.place.notes[contact] ?? card?.draft ?? '';
  }

  writeNote(contact: string, text: string): void {
    this.keep({ ...this.place, notes: { ...this.place.notes, [contact]: text } });
    clearTimeout(this.noteTimers.get(contact));
    this.noteTimers.set(
      contact,
      window.setTimeout(() => this.saveNote(contact), SAVE_NOTE_AFTER),
    );
  }

  finishWrap(contact: string, disposition: string): void {
    clearTimeout(this.noteTimers.get(contact));
    this.act({ type: 'finish_wrap', contact, disposition, note: this.note(contact) });
  }

  showRecord(contact: string, record: CustomerRecord): void {
    this.state = withRecord(this.state, contact, record);
  }

  private saveNote(contact: string): void {
    const text = this.place.notes[contact];
    // While the line is down the words stay here and go with the next snapshot.
    if (text === undefined || this.status !== 'live' || this.waitingFor('save_draft', contact)) return;
    this.act({ type: 'save_draft', contact, text });
  }

  private keep(place: Place): void {
    this.place = place;
    remember(localStorage, this.agent, place);
  }

  // -- what arrives -----------------------------------------------------------------------------

  private receive(message: ToDesk): void {
    if ('at' in message) this.clock.observe(message.at);
    if (message.type === 'reply') this.answered(message);
    this.state = reduce(this.state, message);
    if (message.type === 'desk_snapshot' || message.type === 'contact_gone') this.tidy();
    if (message.type === 'desk_snapshot') this.flushNotes();
    if (message.type === 'message_added') this.lineAdded(message.contact, message.message);
  }

  private tidy(): void {
    const here = this.state.contacts.map((card) => card.contact);
    this.keep(prune(this.place, here));
  }

  private flushNotes(): void {
    for (const contact of Object.keys(this.place.notes)) this.saveNote(contact);
  }

  private lineAdded(contact: string, line: Message): void {
    const active = contact === this.active?.contact;
    if (active && document.visibilityState === 'visible') this.markRead(contact);
    // The open thread is a live log of its own; the others would stay unheard.
    const card = this.state.contacts.find((other) => other.contact === contact);
    if (!active && card && line.author === 'customer') {
      announce(desk.t('thread.new', { who: who(card), text: line.text.slice(0, LONGEST_SPOKEN) }));
    }
  }

  private answered(reply: Reply): void {
    const act = this.acts[reply.to];
    this.acts = without(this.acts, reply.to);
    if (!act) return;
    if (act.type === 'say') this.settled(act.id);
    if (act.type === 'save_draft') this.noteSaved(act.contact, act.text, reply.ok);
    if (reply.ok) return;
    if (act.type === 'say') this.returnWords(act.contact, act.text);
    if (reply.code === 'unread_message' && act.type === 'end_contact_now') this.warned = act.contact;
    toasts.show(refusal(reply), 'error');
  }

  private noteSaved(contact: string, text: string, ok: boolean): void {
    if (!ok) return;
    if (this.place.notes[contact] !== text) {
      this.saveNote(contact);
      return;
    }
    this.keep({ ...this.place, notes: without(this.place.notes, contact) });
    this.state = {
      ...this.state,
      contacts: this.state.contacts.map((card) =>
        card.contact === contact ? { ...card, draft: text } : card,
      ),
    };
  }

  private settled(line: string): void {
    this.keep({ ...this.place, unsent: this.place.unsent.filter(({ id }) => id !== line) });
  }

  /** What could not be sent goes back into the composer, in front of newer words. */
  private returnWords(contact: string, text: string): void {
    const newer = this.place.replies[contact] ?? '';
    this.writeReply(contact, newer ? `${text}\n${newer}` : text);
  }

  /** Lines written here that the thread does not show yet. */
  private pendingLines(): UnsentLine[] {
    const shown = new Set(this.state.contacts.flatMap((card) => card.messages.map((line) => line.id)));
    return Object.values(this.acts).flatMap((act) =>
      act.type === 'say' && !shown.has(`${this.agent}:${act.id}`)
        ? [{ id: act.id, contact: act.contact, text: act.text }]
        : [],
    );
  }

  private statusChanged(status: ConnectionStatus): void {
    if (status !== 'live' && this.status === 'live') this.clock.reset();
    this.status = status;
  }

  /** A refused connection may mean a session that ended: only then leave the page. */
  private async lost(failures: number): Promise<void> {
    if (failures !== 1 && failures % 4 !== 0) return;
    try {
      await session.get();
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) location.assign(signInAddress('/desk'));
    }
  }
}
