/**
 * A websocket that comes back by itself.
 *
 * The server numbers its messages `n` = 1, 2, 3 … on each connection. A missing number means a
 * message was lost: the client asks for a new snapshot and ignores changes until it comes. Acts
 * with an `id` wait in an outbox until their `reply` arrives and are sent again, in order, after a
 * reconnect; the server applies an id once. So an act of which the server cannot say yet whether it
 * was done is sent again as well, until it can.
 */

export interface Numbered {
  type: string;
  n: number;
}

export interface Act {
  type: string;
  id?: string;
}

export type ConnectionStatus = 'connecting' | 'live' | 'reconnecting';

/** What is asked of the outside, so that tests need no network and no clock. */
export interface Environment {
  open(url: string): WebSocket;
  setTimeout(run: () => void, millis: number): number;
  clearTimeout(timer: number): void;
  now(): number;
  random(): number;
}

export const browser: Environment = {
  open: (url) => new WebSocket(url),
  setTimeout: (run, millis) => window.setTimeout(run, millis),
  clearTimeout: (timer) => {
    window.clearTimeout(timer);
  },
  now: () => performance.now(),
  random: () => Math.random(),
};

export interface SocketOptions<Message extends Numbered> {
  url: string;
  /** The type of the message that carries the whole state: it ends a gap. */
  snapshot: string;
  onMessage(message: Message): void;
  onStatus(status: ConnectionStatus): void;
  /** A connection was lost or refused; `failures` counts attempts since the last live one. */
  onLost?(failures: number): void;
  resync?(): Act;
  ping?(): Act;
  /** Sent first on every new connection, before the outbox (a chat resumes with it). */
  hello?(): Act | undefined;
  /** The server cannot say yet whether the act was done; it is asked again. Told once an act. */
  onUnknown?(act: Act): void;
  /** Acts that mean the same after newer ones; others are not sent again once there are newer. */
  lasting?(act: Act): boolean;
  /** Close a connection that is silent this long, in ms; only where pings are answered. */
  silenceLimit?: number;
  environment?: Environment;
}

export const PING_EVERY = 10_000;
const FIRST_DELAY = 500;
const LONGEST_DELAY = 15_000;
export const ASK_AGAIN_AFTER = 3_000;
export const ASKED_AGAIN_AT_MOST = 10; // times; the server answers each after ten seconds or so
/** An act the server never answers must not be sent for ever. */
export const OUTBOX_LIMIT = 200;

/** Full jitter, but never under half: many desks come back at once after a restart. */
export function backoff(failures: number, random: number): number {
  const ceiling = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** Math.max(0, failures - 1));
  return ceiling / 2 + (random * ceiling) / 2;
}

export function socketAddress(path: string, from: Location = location): string {
  return `${from.protocol === 'https:' ? 'wss' : 'ws'}://${from.host}${path}`;
}

export class ReconnectingSocket<Message extends Numbered> {
  private socket: WebSocket | undefined;
  private expected = 1;
  private waitingForSnapshot = false;
  private failures = 0;
  private heard = 0;
  private timer: number | undefined;
  private pinger: number | undefined;
  private stopped = true;
  private readonly outbox = new Map<string, Act>();
  private readonly asked = new Map<string, number>();
  private newest = '';
  private readonly world: Environment;

  constructor(private readonly options: SocketOptions<Message>) {
    this.world = options.environment ?? browser;
  }

  /** Acts sent and not yet answered, oldest first. */
  get unanswered(): Act[] {
    return [...this.outbox.values()];
  }

  start(): void {
    this.stopped = false;
    this.options.onStatus('connecting');
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    this.clearTimers();
    this.socket?.close(1000);
    this.socket = undefined;
  }

  /** Sends now if possible, else after the next connection; kept until it is answered. */
  act(act: Act & { id: string }): boolean {
    if (this.outbox.size >= OUTBOX_LIMIT) return false;
    this.outbox.set(act.id, act);
    this.newest = act.id;
    this.transmit(act);
    return true;
  }

  /** Sends only if connected: for what is worthless later, such as "is typing". */
  hint(act: Act): void {
    this.transmit(act);
  }

  /** Tries at once instead of waiting: the network is back or the page came to the front. */
  retryNow(): void {
    if (this.stopped || this.socket) return;
    this.clearTimers();
    this.connect();
  }

  private connect(): void {
    const socket = this.world.open(this.options.url);
    this.socket = socket;
    this.expected = 1;
    this.waitingForSnapshot = false;
    socket.onopen = () => {
      if (socket === this.socket) this.opened();
    };
    socket.onmessage = (event: MessageEvent<unknown>) => {
      if (socket === this.socket) this.received(event.data);
    };
    socket.onclose = () => {
      if (socket === this.socket) this.lost();
    };
  }

  private opened(): void {
    this.heard = this.world.now();
    const hello = this.options.hello?.();
    if (hello) this.transmit(hello);
    for (const act of this.outbox.values()) this.transmit(act);
    this.schedulePing();
    if (!this.options.hello) return;
    this.options.onStatus('live');
  }

  private received(data: unknown): void {
    this.heard = this.world.now();
    const message = parse<Message>(data);
    if (!message) return;
    const settled = message.type !== 'reply' || this.answered(message);
    if (message.type === this.options.snapshot) {
      this.expected = message.n + 1;
      this.waitingForSnapshot = false;
      this.failures = 0;
      this.options.onStatus('live');
      this.options.onMessage(message);
      return;
    }
    if (this.waitingForSnapshot) return;
    if (message.n !== this.expected) {
      this.askAgain();
      return;
    }
    this.expected += 1;
    if (settled) this.options.onMessage(message);
  }

  /** False while the act is to be asked about again. */
  private answered(message: Message): boolean {
    const { to, code } = message as { to?: unknown; code?: unknown };
    if (typeof to !== 'string') return true;
    const act = this.outbox.get(to);
    const times = this.asked.get(to) ?? 0;
    const unknown = code === 'outcome_unknown' && times < ASKED_AGAIN_AT_MOST;
    if (act && unknown && this.stillMeant(to, act)) {
      this.askLater(to, act, message);
      return false;
    }
    this.settle(to);
    return true;
  }

  private settle(id: string): void {
    this.outbox.delete(id);
    this.asked.delete(id);
  }

  /** What was asked for last is what is wanted: an older act must not come after a newer one. */
  private stillMeant(id: string, act: Act): boolean {
    return id === this.newest || this.options.lasting?.(act) === true;
  }

  private askLater(id: string, act: Act, reply: Message): void {
    const times = this.asked.get(id) ?? 0;
    this.asked.set(id, times + 1);
    if (times === 0) this.options.onUnknown?.(act);
    this.world.setTimeout(() => {
      if (!this.outbox.has(id)) return;
      if (this.stillMeant(id, act)) {
        this.transmit(act);
        return;
      }
      this.settle(id);
      this.options.onMessage(reply);
    }, ASK_AGAIN_AFTER);
  }

  private askAgain(): void {
    const resync = this.options.resync?.();
    if (!resync) {
      // No way to ask on this socket: a new connection starts with the whole state.
      this.socket?.close(4000);
      return;
    }
    this.waitingForSnapshot = true;
    this.transmit(resync);
  }

  private transmit(act: Act): void {
    if (this.socket?.readyState === 1) this.socket.send(JSON.stringify(act));
  }

  private schedulePing(): void {
    this.pinger = this.world.setTimeout(() => {
      const limit = this.options.silenceLimit;
      if (limit !== undefined && this.world.now() - this.heard > limit) {
        this.dropSilently();
        return;
      }
      const ping = this.options.ping?.();
      if (ping) this.transmit(ping);
      this.schedulePing();
    }, PING_EVERY);
  }

  /** A half-open connection does not close in time: leave it behind. */
  private dropSilently(): void {
    const dead = this.socket;
    this.lost();
    dead?.close(4001);
  }

  private lost(): void {
    this.socket = undefined;
    this.clearTimers();
    if (this.stopped) return;
    this.failures += 1;
    this.options.onStatus('reconnecting');
    this.options.onLost?.(this.failures);
    const delay = backoff(this.failures, this.world.random());
    this.timer = this.world.setTimeout(() => {
      this.connect();
    }, delay);
  }

  private clearTimers(): void {
    if (this.timer !== undefined) this.world.clearTimeout(this.timer);
    if (this.pinger !== undefined) this.world.clearTimeout(this.pinger);
    this.timer = undefined;
    this.pinger = undefined;
  }
}

function parse<Message extends Numbered>(data: unknown): Message | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const message: unknown = JSON.parse(data);
    if (!message || typeof message !== 'object') return undefined;
    const { type, n } = message as Partial<Numbered>;
    return typeof type === 'string' && typeof n === 'number' ? (message as Message) : undefined;
  } catch {
    return undefined;
  }
}
