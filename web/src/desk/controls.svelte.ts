/** What the agent does at the desk, the same from a button and from a key. */
import { sentence } from '../lib/api';
import type { CustomerRecord, DeskAct, PastContact } from '../lib/protocol';
import { toasts } from '../lib/toasts.svelte';
import { type Ability, can } from './abilities';
import { isWritten } from './customers';
import { nextRecording, setRecording } from './recording';
import { startCall } from './simulated';
import type { DeskStore } from './store.svelte';

export type OpenDialog = '' | 'reject' | 'transfer' | 'consult' | 'end' | 'requeue' | 'past';
export const ONE_MINUTE = 60_000_000;

type ContactActType = Extract<DeskAct, { contact: string }>['type'];
/** Abilities that are one act without further questions. */
const AT_ONCE = {
  hold: 'hold_contact',
  retrieve: 'retrieve_contact',
  complete: 'complete_consulted_transfer',
  conference: 'start_conference',
  cancel: 'cancel_consultation',
  leave: 'leave_contact',
} as const satisfies Partial<Record<Ability, ContactActType>>;
export type Immediate = keyof typeof AT_ONCE;

export class Controls {
  dialog = $state<OpenDialog>('');
  /** The last line that was on the page when a dialog was opened. */
  private seen = '';
  help = $state(false);
  stateMenu = $state(false);
  /** On narrow pages one of the two is shown. */
  tab = $state<'work' | 'customer'>('work');
  /** What the wrap-up bar holds, by contact. */
  dispositions = $state<Record<string, string>>({});
  /** A contact just accepted: its composer takes the cursor when it appears. */
  accepted = '';
  /** Where keys put the cursor; counted up so that the same place can be asked for again. */
  focus = $state({ place: '', count: 0 });

  /** The past contact that is being read, and whose it was. */
  past = $state.raw<{ record: CustomerRecord; contact: PastContact }>();
  /** A simulated call was asked for and has not come yet. */
  calling = $state(false);

  constructor(
    readonly store: DeskStore,
    private readonly simulatedCalls = false,
  ) {}

  get card() {
    return this.store.active;
  }

  get offer() {
    return this.store.state.offers[0];
  }

  /** The customer on show: the offer is the loudest thing, so theirs until it is answered. */
  get record(): CustomerRecord | undefined {
    const { pop } = this.offer ?? this.card ?? {};
    return (pop?.case === 'one' && pop.customer) || undefined;
  }

  get mayCall(): boolean {
    return this.simulatedCalls && this.store.state.me?.state === 'ready';
  }

  may(ability: Ability): boolean {
    return can(this.card, ability);
  }

  accept(offer = this.offer?.offer): void {
    if (!offer || this.store.waitingFor('accept_offer', offer)) return;
    const contact = this.store.state.offers.find((card) => card.offer === offer)?.contact;
    this.store.act({ type: 'accept_offer', offer });
    if (contact) this.store.show(contact);
    this.accepted = contact ?? '';
    this.tab = 'work';
  }

  reject(reason: string): void {
    if (this.offer) this.store.act({ type: 'reject_offer', offer: this.offer.offer, reason });
    this.dialog = '';
  }

  ready(): void {
    this.store.act({ type: 'go_ready' });
  }

  async call(): Promise<void> {
    if (!this.mayCall || this.calling) return;
    this.calling = true;
    try {
      await startCall();
    } catch (error) {
      toasts.show(sentence(error), 'error');
    } finally {
      this.calling = false;
    }
  }

  /** Without one to read: the last that left anything. */
  read(contact = this.record?.history.find(isWritten)): void {
    if (!this.record || !contact) return;
    this.past = { record: this.record, contact };
    this.dialog = 'past';
  }

  notReady(reason: string): void {
    this.store.act({ type: 'go_not_ready', reason });
  }

  now(ability: Immediate): void {
    if (this.card && this.may(ability)) {
      this.store.act({ type: AT_ONCE[ability], contact: this.card.contact });
    }
  }

  toggleHold(): void {
    this.now(this.may('retrieve') ? 'retrieve' : 'hold');
  }

  async toggleRecording(): Promise<void> {
    const next = nextRecording(this.card);
    if (!this.card || !next) return;
    try {
      await setRecording(this.card.contact, next);
    } catch (error) {
      toasts.show(sentence(error), 'error');
    }
  }

  ask(dialog: 'transfer' | 'consult' | 'end' | 'requeue'): void {
    if (!this.may(dialog)) return;
    this.dialog = dialog;
    this.seen = this.card?.messages.at(-1)?.id ?? '';
  }

  /** Refused once when the customer wrote while the dialog lay over it: who ends again means it. */
  end(): void {
    const { card } = this;
    const seen = this.store.warned === card?.contact ? null : this.seen;
    if (card) this.store.act({ type: 'end_contact_now', contact: card.contact, seen });
    this.dialog = '';
  }

  requeue(): void {
    if (this.card) this.store.act({ type: 'requeue_contact', contact: this.card.contact });
    this.dialog = '';
  }

  unreached(): void {
    if (!this.card) return;
    this.store.act({ type: 'callback_unreached', contact: this.card.contact, reason: 'no_answer' });
  }

  transfer(to: { queue?: string; agent?: string; address?: string }): void {
    if (this.card) this.store.act({ type: 'transfer_contact', contact: this.card.contact, ...to });
    this.dialog = '';
  }

  consult(whom: { queue?: string; agent?: string }): void {
    if (this.card) this.store.act({ type: 'consult_colleague', contact: this.card.contact, ...whom });
    this.dialog = '';
  }

  extend(): void {
    if (!this.card || !this.may('wrap')) return;
    this.store.act({ type: 'extend_wrap', contact: this.card.contact, extend_by: ONE_MINUTE });
  }

  done(): void {
    const { card } = this;
    if (!card || !this.may('wrap') || this.store.waitingFor('finish_wrap', card.contact)) return;
    this.store.finishWrap(card.contact, this.dispositions[card.contact] ?? '');
  }

  show(contact: string): void {
    this.store.show(contact);
    this.tab = 'work';
  }

  goTo(place: 'composer' | 'canned' | 'notes' | 'customer' | 'disposition'): void {
    this.tab = place === 'customer' ? 'customer' : 'work';
    this.focus = { place, count: this.focus.count + 1 };
  }
}
