/** The softphone: its line, its call, and what stands in their way. One for each desk. */
import { type Broken, NOTHING, recall, remember } from './memory';
import { PhoneLine } from './line.svelte';
import { Meter } from './meter.svelte';
import { type Ending, type IncomingCall, type MicrophoneTrouble, NoMicrophone, type World } from './port';
import { after, type Call, CALLS, type CallEvent } from './states';
import { Timers } from './timers';

const DIGITS = /^[0-9*#]$/;
const DIGITS_SHOWN = 24;
/** Milliseconds a call outlives its contact: the server, which ends it, may not reach us. */
export const OUTLIVES = 5_000;

export class Phone {
  call = $state<Call>('none');
  /** Who calls, and for which contact; empty without a call, or when nobody says. */
  caller = $state('');
  contact = $state('');
  /** Since when (milliseconds) the call is what it is. */
  since = $state(0);
  muted = $state(false);
  /** The digits pressed in this call, the last few of them. */
  digits = $state('');
  microphone = $state<MicrophoneTrouble | ''>('');
  /** The browser plays nothing before the person does something. */
  blocked = $state(false);
  /** What a reload broke off, until it is back. */
  broken = $state.raw<Broken>(NOTHING);

  readonly line: PhoneLine;
  readonly meter: Meter;

  private current: IncomingCall | undefined;
  private stream: MediaStream | undefined;
  private remote: MediaStream | undefined;
  private expected: string[] = [];
  /** The contact's call was in the desk's hand once. */
  private bound = false;
  private tried = false;
  private readonly timers: Timers;

  constructor(private readonly world: World) {
    this.broken = recall(world.shelf);
    this.line = new PhoneLine(world, (call) => this.invited(call));
    this.meter = new Meter(world);
    this.timers = new Timers(world);
  }

  start(): () => void {
    const stop = this.line.start();
    void this.askForTrouble();
    return () => {
      if (this.current) this.hangUp();
      stop();
    };
  }

  async askForTrouble(): Promise<void> {
    this.microphone = await this.world.sound.trouble(() => void this.askForTrouble());
  }

  /** The contacts whose call the agent has in hand or has just accepted: it answers by itself. */
  expect(contacts: string[]): void {
    this.expected = contacts;
    this.bound ||= contacts.includes(this.contact);
    if (this.broken.contact && !this.current && !contacts.includes(this.broken.contact)) {
      this.keep(NOTHING);
    }
    this.answerExpected();
    this.endOutlived();
  }

  /** The person answers, or the desk for them. */
  async answer(): Promise<void> {
    const call = this.current;
    if (!call || !this.moveCall('answer')) return;
    this.tried = true;
    try {
      const stream = await this.world.sound.capture();
      if (this.current !== call) this.world.sound.release(stream);
      else this.speak(call, stream);
    } catch (error) {
      if (error instanceof NoMicrophone) this.microphone = error.trouble;
      if (this.current === call) this.moveCall('unheard');
    }
  }

  /** Ends the call, or does not take it. */
  hangUp(how: Ending = this.call === 'talking' ? 'over' : 'declined'): void {
    const call = this.current;
    this.ended();
    call?.end(how);
  }

  /** The page is being closed: the telephone system may ring this phone again. */
  leave(): void {
    const { broken } = this;
    this.current?.end('left');
    remember(this.world.shelf, broken);
  }

  mute(on = !this.muted): void {
    if (this.call !== 'talking') return;
    this.muted = on;
    this.current?.mute(on);
    this.keep({ contact: this.contact, muted: on });
  }

  press(digit: string): void {
    if (this.call !== 'talking' || !DIGITS.test(digit)) return;
    this.digits = (this.digits + digit).slice(-DIGITS_SHOWN);
    this.current?.press(digit);
  }

  /** Goes on with the microphone that is chosen now. */
  async changeMicrophone(): Promise<void> {
    const { current, stream: old } = this;
    if (!current || !old) return;
    const stream = await this.openMicrophone();
    if (!stream) return;
    if (this.current !== current) {
      this.world.sound.release(stream);
      return;
    }
    this.stream = stream;
    await current.speakInto(stream);
    this.world.sound.release(old);
  }

  /** Asks the browser for the microphone before a call needs it. */
  async allowMicrophone(): Promise<void> {
    const stream = await this.openMicrophone();
    if (stream) this.world.sound.release(stream);
  }

  /** Plays what the browser did not play by itself. */
  async hear(): Promise<void> {
    if (this.remote) this.blocked = !(await this.world.sound.play(this.remote));
  }

  private async openMicrophone(): Promise<MediaStream | undefined> {
    try {
      const stream = await this.world.sound.capture();
      this.microphone = '';
      return stream;
    } catch (error) {
      if (error instanceof NoMicrophone) this.microphone = error.trouble;
      return undefined;
    }
  }

  private speak(call: IncomingCall, stream: MediaStream): void {
    this.microphone = '';
    this.stream = stream;
    call.answer(stream);
  }

  private invited(call: IncomingCall): void {
    if (this.current) {
      // The telephone system rings again for a call that it has lost and we have not missed yet.
      const again = call.contact !== '' && call.contact === this.contact;
      if (!again) {
        call.end('busy');
        return;
      }
      this.hangUp('over');
    }
    this.current = call;
    this.caller = call.caller;
    this.contact = call.contact;
    this.bound = this.expected.includes(call.contact);
    this.moveCall('invited');
    call.listen({
      connected: () => this.isCurrent(call) && this.connected(call),
      ended: () => this.isCurrent(call) && this.ended(),
      heard: (stream) => this.isCurrent(call) && this.heard(stream),
    });
    this.answerExpected();
  }

  private isCurrent(call: IncomingCall): boolean {
    return this.current === call;
  }

  private connected(call: IncomingCall): void {
    if (!this.moveCall('connected')) return;
    const muted = this.contact !== '' && this.broken.muted && this.broken.contact === this.contact;
    this.keep({ contact: this.contact, muted });
    this.muted = muted;
    if (muted) call.mute(true);
    this.meter.start(call);
    this.endOutlived();
  }

  private heard(stream: MediaStream): void {
    this.remote = stream;
    void this.hear();
  }

  private ended(): void {
    if (!this.moveCall('ended')) return;
    this.meter.stop();
    this.world.sound.silence();
    if (this.stream) this.world.sound.release(this.stream);
    this.current = this.stream = this.remote = undefined;
    this.caller = this.contact = this.digits = '';
    this.muted = this.blocked = this.bound = this.tried = false;
    this.timers.clear('outlived');
    if (!this.expected.includes(this.broken.contact)) this.keep(NOTHING);
  }

  private moveCall(event: CallEvent): boolean {
    const next = after(CALLS, this.call, event);
    if (!next) return false;
    this.call = next;
    this.since = this.world.now();
    return true;
  }

  private answerExpected(): void {
    const wanted = this.contact !== '' && this.expected.includes(this.contact);
    if (this.call === 'ringing' && wanted && !this.tried) void this.answer();
  }

  private endOutlived(): void {
    this.timers.clear('outlived');
    if (this.call !== 'talking' || !this.bound || this.expected.includes(this.contact)) return;
    this.timers.set('outlived', OUTLIVES, () => this.hangUp());
  }

  private keep(broken: Broken): void {
    this.broken = broken;
    remember(this.world.shelf, broken);
  }
}
