/** What the agent does at the phone, the same from a button and from a key. */
import type { Controls } from '../controls.svelte';
import type { Devices, Use } from './devices.svelte';
import type { Phone } from './phone.svelte';
import type { MicrophoneTrouble } from './port';
import { expected, offerOf } from './rule';
import type { BrowserSound } from './sound';
import { shown } from './states';

/** What keeps calls away, in the order in which it matters. */
export type Trouble = 'blocked' | 'refused' | 'down' | MicrophoneTrouble;

export class PhoneControls {
  keypad = $state(false);
  choosing = $state(false);

  constructor(
    readonly desk: Controls,
    readonly phone: Phone,
    readonly devices: Devices,
    readonly sound: BrowserSound,
  ) {}

  readonly hand = $derived.by(() => {
    const { store } = this.desk;
    return expected(store.state, (offer) => store.waitingFor('accept_offer', offer));
  });

  /** The offer whose call rings this phone: accepting it answers. */
  readonly offer = $derived.by(() => offerOf(this.desk.store.state.offers, this.phone.contact));

  /** The customer of the call hears music. */
  readonly held = $derived.by(() => {
    const { contact } = this.phone;
    const { contacts } = this.desk.store.state;
    return contacts.some((card) => card.contact === contact && card.doing === 'held' && !card.consult);
  });

  readonly state = $derived.by(() => shown(this.phone.line.state, this.phone.call, this.held));

  /** Somebody called the phone itself: the desk knows nothing of it. */
  readonly private = $derived.by(() => {
    const { call, contact } = this.phone;
    return call !== 'none' && !this.offer && !this.hand.includes(contact);
  });

  readonly rings = $derived.by(() => this.phone.call === 'ringing' && this.private);

  /** A call that was here has to come back: the page was loaded anew, or the line broke. */
  readonly coming = $derived.by(() => {
    const { call, broken } = this.phone;
    return call === 'none' && this.hand.includes(broken.contact);
  });

  readonly trouble: Trouble | '' = $derived.by(() => {
    const { line, blocked, microphone } = this.phone;
    if (line.state === 'off' || line.state === 'elsewhere') return '';
    if (blocked) return 'blocked';
    if (line.late) return line.state === 'failed' ? 'refused' : 'down';
    return microphone;
  });

  /** Answers what rings, else does what stands beside the notice. */
  pickUp(): void {
    if (this.offer) this.desk.accept(this.offer.offer);
    else if (this.phone.call === 'ringing') void this.phone.answer();
    else void this.help();
  }

  get mayPickUp(): boolean {
    return this.phone.call === 'ringing' || (this.trouble !== '' && this.trouble !== 'insecure');
  }

  hangUp(): void {
    if (this.private) this.phone.hangUp();
  }

  async help(): Promise<void> {
    if (this.trouble === 'blocked') await this.phone.hear();
    else if (this.trouble === 'down' || this.trouble === 'refused') this.phone.line.check();
    else if (this.trouble) await this.phone.allowMicrophone();
  }

  async choose(use: Use, id: string): Promise<void> {
    this.devices.choose(use, id);
    if (use === 'microphone') await this.phone.changeMicrophone();
    if (use === 'speaker') await this.sound.useSpeaker();
  }
}
