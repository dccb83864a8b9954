/**
 * One websocket that keeps coming back: jittered backoff, a heartbeat that notices a half-open
 * connection, and a gap check on the server's numbering. Knows nothing about chats.
 */

import { newId, readMessage, type ServerMessage, type VisitorAct } from './protocol';
import type { LinkState } from './state';

const FIRST_RETRY = 500;
const LAST_RETRY = 15_000;
const HEARTBEAT = 20_000;
const SILENCE = 45_000;

export interface LinkEvents {
  readonly up: () => void;
  readonly gap: () => void;
  readonly heard: (message: ServerMessage) => void;
  readonly state: (state: LinkState) => void;
}

/** The upper bound of the `attempt`-th pause (from 0), in milliseconds; the real one is random. */
export function longestPause(attempt: number): number {
  return Math.min(LAST_RETRY, FIRST_RETRY * 2 ** attempt);
}

/** Full jitter with a floor, so that a thousand visitors do not come back in the same moment. */
export function pause(attempt: number, random: number): number {
  return Math.round(longestPause(attempt) * (0.3 + 0.7 * random));
}

export class Link {
  private socket: WebSocket | null = null;
  private wanted = false;
  private attempt = 0;
  private expected = 1;
  private heardAt = 0;
  private retry = 0;
  private beat = 0;

  constructor(
    private readonly url: string,
    private readonly events: LinkEvents,
  ) {
    addEventListener('online', () => this.hurry());
    addEventListener('offline', () => this.wanted && this.events.state('offline'));
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden) this.hurry();
    });
  }

  /** Connect and stay connected until `stop`. */
  start(): void {
    if (this.wanted) return;
    this.wanted = true;
    this.attempt = 0;
    this.connect();
  }

  stop(): void {
    this.wanted = false;
    clearTimeout(this.retry);
    this.drop();
    this.events.state('idle');
  }

  /** Whether it went out; what must not get lost stays with the caller until answered. */
  send(act: VisitorAct): boolean {
    if (this.socket?.readyState !== WebSocket.OPEN) return false;
    this.socket.send(JSON.stringify(act));
    return true;
  }

  private connect(): void {
    clearTimeout(this.retry);
    this.events.state(this.attempt === 0 ? 'connecting' : this.waitingState());
    const socket = new WebSocket(this.url);
    this.socket = socket;
    this.expected = 1;
    socket.onopen = () => this.opened(socket);
    socket.onmessage = (event) => this.received(socket, event.data);
    socket.onclose = () => this.closed(socket);
  }

  private opened(socket: WebSocket): void {
    if (socket !== this.socket) return;
    this.heardAt = Date.now();
    this.beat = window.setInterval(() => this.heartbeat(), HEARTBEAT);
    this.events.up();
  }

  private received(socket: WebSocket, data: unknown): void {
    if (socket !== this.socket) return;
    this.heardAt = Date.now();
    const message = readMessage(data);
    if (!message) return;
    this.attempt = 0;
    this.events.state('online');
    const gap = message.n !== this.expected;
    this.expected = message.n + 1;
    this.events.heard(message);
    if (gap) this.events.gap();
  }

  private closed(socket: WebSocket): void {
    if (socket !== this.socket) return;
    this.drop();
    if (!this.wanted) return;
    this.attempt += 1;
    this.events.state(this.waitingState());
    this.retry = window.setTimeout(() => this.connect(), pause(this.attempt - 1, Math.random()));
  }

  private heartbeat(): void {
    const socket = this.socket;
    if (!socket) return;
    if (Date.now() - this.heardAt > SILENCE) {
      this.closed(socket);
      return;
    }
    this.send({ type: 'ping', id: newId() });
  }

  /** The network or the visitor is back: do not sit out a long pause. */
  private hurry(): void {
    if (!this.wanted || this.socket) return;
    this.connect();
  }

  private drop(): void {
    clearInterval(this.beat);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private waitingState(): LinkState {
    return navigator.onLine ? 'reconnecting' : 'offline';
  }
}
