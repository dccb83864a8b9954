/** A world for the tests: a telephone system that says what it is told to, and time by hand. */
import {
  type CallEvents,
  type Ending,
  type IncomingCall,
  type MicrophoneTrouble,
  NoMicrophone,
  type PhoneAccount,
  type TelephoneEvents,
  type World,
} from './port';
import type { Reading } from './reading';

export const ACCOUNT: PhoneAccount = {
  websocket: 'wss://pbx.example:8089/ws',
  uri: 'sip:ann@pbx.example',
  username: 'ann',
  password: 'x',
  ice_servers: [],
};

export function lookedAt(at: number, more: Partial<Reading> = {}): Reading {
  const quiet = { roundTrip: undefined, lostThere: undefined, spoken: undefined };
  return { at, received: at / 20, lost: 0, jitter: 0, ...quiet, ...more };
}

export class FakeCall implements IncomingCall {
  said: string[] = [];
  microphones: MediaStream[] = [];
  reading: Reading | undefined;
  private events: CallEvents | undefined;

  constructor(
    readonly contact = '',
    readonly caller = 'María Díaz',
  ) {}

  listen(events: CallEvents): void {
    this.events = events;
  }

  answer(microphone: MediaStream): void {
    this.microphones.push(microphone);
    this.said.push('answer');
  }

  end(how: Ending): void {
    this.said.push(how);
  }

  mute(on: boolean): void {
    this.said.push(on ? 'mute' : 'unmute');
  }

  press(digit: string): void {
    this.said.push(digit);
  }

  async speakInto(microphone: MediaStream): Promise<void> {
    this.microphones.push(microphone);
    return Promise.resolve();
  }

  async read(): Promise<Reading | undefined> {
    return Promise.resolve(this.reading);
  }

  /** The other side. */
  connect(): void {
    this.events?.connected();
    this.events?.heard({} as MediaStream);
  }

  hangUp(): void {
    this.events?.ended();
  }
}

export class FakeWorld implements World {
  time = 1_000_000;
  connections = 0;
  checks = 0;
  stopped = false;
  kept: Record<string, string> = {};
  /** What stands in the way of each thing. */
  noAccount = false;
  noMicrophone: MicrophoneTrouble | '' = '';
  noSpeaker = false;
  permission: MicrophoneTrouble | '' = '';
  opened: MediaStream[] = [];
  closed: MediaStream[] = [];
  played: MediaStream[] = [];
  events: TelephoneEvents | undefined;
  private timers: { at: number; run: () => void }[] = [];

  readonly shelf = {
    getItem: (key: string) => this.kept[key] ?? null,
    setItem: (key: string, value: string) => {
      this.kept[key] = value;
    },
  };

  readonly sound = {
    capture: async () => {
      if (this.noMicrophone) throw new NoMicrophone(this.noMicrophone);
      const stream = { number: this.opened.length } as unknown as MediaStream;
      this.opened.push(stream);
      return Promise.resolve(stream);
    },
    release: (stream: MediaStream) => {
      this.closed.push(stream);
    },
    play: async (stream: MediaStream) => {
      this.played.push(stream);
      return Promise.resolve(!this.noSpeaker);
    },
    silence: () => undefined,
    trouble: async () => Promise.resolve(this.permission),
  };

  async account(): Promise<PhoneAccount> {
    if (this.noAccount) throw new Error('no network');
    return Promise.resolve(ACCOUNT);
  }

  connect(_account: PhoneAccount, events: TelephoneEvents) {
    this.connections += 1;
    this.events = events;
    return {
      check: () => {
        this.checks += 1;
      },
      stop: () => {
        this.stopped = true;
      },
    };
  }

  now(): number {
    return this.time;
  }

  later(run: () => void, milliseconds: number): () => void {
    const timer = { at: this.time + milliseconds, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((one) => one !== timer);
    };
  }

  /** Lets time go by, and what was due in it happen. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds;
    for (;;) {
      const due = this.timers.filter((one) => one.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.timers = this.timers.filter((one) => one !== due);
      this.time = due.at;
      due.run();
      await settled();
    }
    this.time = end;
  }
}

/** What was begun without waiting has happened. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}
