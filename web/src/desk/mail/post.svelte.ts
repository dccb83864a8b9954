/** The mails of a desk: a box for each contact that has any, and what this browser keeps of them. */
import type { ContactCard } from '../../lib/protocol';
import { without } from '../../lib/records';
import type { Controls } from '../controls.svelte';
import { MailBox } from './box.svelte';
import type { Draft } from './draft';
import { type Attempt, type Kept, prune, recall, remember, type Shelf } from './shelf';
import { words } from './texts';

export class Post {
  kept = $state.raw<Kept>({ drafts: {}, attempts: {}, finishing: {}, sent: {}, notes: {} });
  readonly t = words.t;
  private readonly boxes = new Map<string, MailBox>();

  constructor(
    readonly controls: Controls,
    readonly agent: string,
    private readonly shelf: Shelf,
  ) {
    this.kept = prune(recall(shelf, agent), this.contacts());
    // A contact that was to end after its mail ends although the page was closed meanwhile.
    for (const contact of Object.keys(this.kept.finishing)) this.box(contact);
  }

  /** The contact's box; those of contacts that are gone are put away. */
  box(contact: string): MailBox {
    const known = this.boxes.get(contact);
    if (known) return known;
    const here = [...this.contacts(), contact];
    for (const [id, box] of this.boxes) {
      if (here.includes(id)) continue;
      box.stop();
      this.boxes.delete(id);
    }
    this.keep(prune(this.kept, here));
    const box = new MailBox(this, contact);
    this.boxes.set(contact, box);
    return box;
  }

  card(contact: string): ContactCard | undefined {
    return this.controls.store.state.contacts.find((card) => card.contact === contact);
  }

  /** Milliseconds by the server's clock. */
  now(): number {
    return this.controls.store.clock.exact();
  }

  get live(): boolean {
    return this.controls.store.status === 'live';
  }

  /** `seen`: the last line the agent had read. */
  end(contact: string, seen: string): void {
    const card = this.card(contact);
    if (card?.doing === 'active') this.controls.store.act({ type: 'end_contact_now', contact, seen });
  }

  // -- kept in this browser ---------------------------------------------------------------------

  keepDraft(contact: string, draft: Draft | undefined): void {
    this.keep({ ...this.kept, drafts: changed(this.kept.drafts, contact, draft) });
  }

  keepAttempt(contact: string, attempt: Attempt | undefined): void {
    this.keep({ ...this.kept, attempts: changed(this.kept.attempts, contact, attempt) });
  }

  /** `mail`: after which the contact ends; empty when it stays. */
  finishing(contact: string, mail: string): void {
    if (mail === (this.kept.finishing[contact] ?? '')) return;
    this.keep({ ...this.kept, finishing: changed(this.kept.finishing, contact, mail || undefined) });
  }

  keepSent(contact: string, mail: string, draft: Draft): void {
    const sent = { ...this.kept.sent[contact], [mail]: draft };
    this.keep({ ...this.kept, sent: { ...this.kept.sent, [contact]: sent } });
  }

  keepNote(contact: string, text: string): void {
    this.keep({ ...this.kept, notes: changed(this.kept.notes, contact, text || undefined) });
  }

  private keep(kept: Kept): void {
    this.kept = kept;
    remember(this.shelf, this.agent, kept);
  }

  private contacts(): string[] {
    return this.controls.store.state.contacts.map((card) => card.contact);
  }
}

function changed<Value>(
  known: Record<string, Value>,
  contact: string,
  value: Value | undefined,
): Record<string, Value> {
  return value === undefined ? without(known, contact) : { ...known, [contact]: value };
}
