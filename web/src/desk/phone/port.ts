/** What the phone's store needs of the world; the tests give it a world of their own. */
import type { Reading } from './reading';

export interface IceServer {
  urls: string[];
  username: string;
  credential: string;
}

/** As in `server/phones.py`. */
export interface PhoneAccount {
  websocket: string;
  uri: string;
  username: string;
  password: string;
  ice_servers: IceServer[];
}

/**
 * How a call ends from here. `left`: the page is being closed and wants the call again when it is
 * back; for the telephone system that is a lost phone, not somebody who hung up.
 */
export type Ending = 'over' | 'declined' | 'busy' | 'left';

export interface CallEvents {
  connected(): void;
  ended(): void;
  /** The other side's sound has come. */
  heard(stream: MediaStream): void;
}

/** Nothing here throws: a call that is gone takes no orders. */
export interface IncomingCall {
  /** Who calls, as the telephone system says: short and printable, nothing more is known of it. */
  readonly caller: string;
  /** The contact this call belongs to; empty when somebody called the phone itself. */
  readonly contact: string;
  listen(events: CallEvents): void;
  answer(microphone: MediaStream): void;
  end(how: Ending): void;
  mute(on: boolean): void;
  press(digit: string): void;
  /** Goes on with another microphone. */
  speakInto(microphone: MediaStream): Promise<void>;
  read(): Promise<Reading | undefined>;
}

export interface TelephoneEvents {
  registered(): void;
  /** The telephone system does not take this phone. */
  refused(): void;
  lost(): void;
  invited(call: IncomingCall): void;
}

export interface Telephone {
  /** Looks at once whether the line still stands: the network has changed, or the machine slept. */
  check(): void;
  stop(): void;
}

export type MicrophoneTrouble = 'ask' | 'denied' | 'none' | 'busy' | 'insecure';

/** There is no microphone to speak into. */
export class NoMicrophone extends Error {
  constructor(readonly trouble: MicrophoneTrouble) {
    super(trouble);
    this.name = 'NoMicrophone';
  }
}

export interface Sound {
  /** Opens the chosen microphone. Raises `NoMicrophone`. */
  capture(): Promise<MediaStream>;
  release(microphone: MediaStream): void;
  /** False: the browser plays nothing before the person has done something on the page. */
  play(stream: MediaStream): Promise<boolean>;
  silence(): void;
  /**
   * What stands between us and the microphone, as far as that can be known without opening it;
   * `changed` is called when that becomes something else.
   */
  trouble(changed: () => void): Promise<MicrophoneTrouble | ''>;
}

export interface World {
  account(): Promise<PhoneAccount>;
  connect(account: PhoneAccount, events: TelephoneEvents): Telephone;
  sound: Sound;
  /** Outlives a reload of this tab. */
  shelf: Pick<Storage, 'getItem' | 'setItem'>;
  /** Milliseconds. */
  now(): number;
  /** Runs once after some milliseconds; returns how to take it back. */
  later(run: () => void, milliseconds: number): () => void;
}
