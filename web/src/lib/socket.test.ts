import { describe, expect, it } from 'vitest';

import {
  type Act,
  ASK_AGAIN_AFTER,
  ASKED_AGAIN_AT_MOST,
  backoff,
  type ConnectionStatus,
  type Environment,
  type Numbered,
  OUTBOX_LIMIT,
  PING_EVERY,
  ReconnectingSocket,
  type SocketOptions,
} from './socket';

class Wire {
  readyState = 0;
  sent: Act[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;

  send(text: string) {
    this.sent.push(JSON.parse(text) as Act);
  }

  close() {
    this.readyState = 3;
    this.onclose?.();
  }

  open() {
    this.readyState = 1;
    this.onopen?.();
  }

  say(message: object) {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

/** A network and a clock that move only when told. */
class World implements Environment {
  wires: Wire[] = [];
  at = 0;
  private timers = new Map<number, { due: number; run: () => void }>();
  private next = 1;

  open() {
    const wire = new Wire();
    this.wires.push(wire);
    return wire as unknown as WebSocket;
  }

  setTimeout(run: () => void, millis: number) {
    this.timers.set(this.next, { due: this.at + millis, run });
    return this.next++;
  }

  clearTimeout(timer: number) {
    this.timers.delete(timer);
  }

  now() {
    return this.at;
  }

  random() {
    return 1;
  }

  get wire(): Wire {
    const wire = this.wires.at(-1);
    if (!wire) throw new Error('nothing was opened');
    return wire;
  }

  pass(millis: number) {
    const until = this.at + millis;
    for (;;) {
      const due = [...this.timers].filter(([, timer]) => timer.due <= until);
      const first = due.sort((a, b) => a[1].due - b[1].due)[0];
      if (!first) break;
      this.timers.delete(first[0]);
      this.at = first[1].due;
      first[1].run();
    }
    this.at = until;
  }
}

function setUp(changes: Partial<SocketOptions<Numbered>> = {}) {
  const world = new World();
  const got: Numbered[] = [];
  const statuses: ConnectionStatus[] = [];
  const socket = new ReconnectingSocket<Numbered>({
    url: 'ws://x/ws',
    snapshot: 'snapshot',
    onMessage: (message) => got.push(message),
    onStatus: (status) => statuses.push(status),
    resync: () => ({ type: 'resync' }),
    ping: () => ({ type: 'ping' }),
    environment: world,
    ...changes,
  });
  socket.start();
  return { world, got, statuses, socket };
}

function live(changes: Partial<SocketOptions<Numbered>> = {}) {
  const all = setUp(changes);
  all.world.wire.open();
  all.world.wire.say({ type: 'snapshot', n: 1 });
  return all;
}

describe('a connection', () => {
  it('is live only when the whole state has come', () => {
    const { world, statuses } = setUp();
    world.wire.open();
    expect(statuses).toEqual(['connecting']);
    world.wire.say({ type: 'snapshot', n: 1 });
    expect(statuses).toEqual(['connecting', 'live']);
  });

  it('comes back by itself, later each time', () => {
    const { world, statuses } = live();
    world.wire.close();
    expect(statuses.at(-1)).toBe('reconnecting');
    world.pass(500);
    expect(world.wires).toHaveLength(2);
    world.wire.close();
    world.pass(999);
    expect(world.wires).toHaveLength(2);
    world.pass(1);
    expect(world.wires).toHaveLength(3);
  });

  it('numbers its messages from one again after coming back', () => {
    const { world, got } = live();
    world.wire.say({ type: 'change', n: 2 });
    world.wire.close();
    world.pass(500);
    world.wire.open();
    world.wire.say({ type: 'snapshot', n: 1 });
    world.wire.say({ type: 'change', n: 2 });
    expect(got.map((message) => message.type)).toEqual(['snapshot', 'change', 'snapshot', 'change']);
  });

  it('hears nothing any more from a connection it has left', () => {
    const { world, got } = live({ silenceLimit: 1 });
    const old = world.wire;
    world.pass(PING_EVERY);
    old.say({ type: 'change', n: 2 });
    expect(got).toHaveLength(1);
  });

  it('does not come back after it was stopped', () => {
    const { world, socket } = live();
    socket.stop();
    world.pass(60_000);
    expect(world.wires).toHaveLength(1);
  });

  it('tries at once when told that the network is back', () => {
    const { world, socket } = live();
    world.wire.close();
    socket.retryNow();
    expect(world.wires).toHaveLength(2);
    world.pass(20_000);
    expect(world.wires).toHaveLength(2);
  });
});

describe('a gap in the numbers', () => {
  it('makes the client ask for everything and ignore changes until it comes', () => {
    const { world, got } = live();
    world.wire.say({ type: 'change', n: 3 });
    expect(world.wire.sent).toEqual([{ type: 'resync' }]);
    world.wire.say({ type: 'change', n: 4 });
    world.wire.say({ type: 'snapshot', n: 5 });
    world.wire.say({ type: 'change', n: 6 });
    expect(got.map((message) => message.n)).toEqual([1, 5, 6]);
    expect(world.wire.sent).toHaveLength(1);
  });

  it('opens a new connection where nothing can be asked for', () => {
    const { world } = live({ resync: undefined as never });
    world.wire.say({ type: 'change', n: 9 });
    world.pass(500);
    expect(world.wires).toHaveLength(2);
  });
});

describe('the outbox', () => {
  it('sends what is unanswered again, in order, after a broken connection', () => {
    const { world, socket } = live();
    socket.act({ type: 'say', id: 'a' });
    socket.act({ type: 'say', id: 'b' });
    world.wire.say({ type: 'reply', n: 2, to: 'a', ok: true });
    world.wire.close();
    socket.act({ type: 'say', id: 'c' });
    world.pass(500);
    world.wire.open();
    expect(world.wire.sent.map((act) => act.id)).toEqual(['b', 'c']);
  });

  it('takes answers even while it waits for a new snapshot', () => {
    const { world, socket } = live();
    socket.act({ type: 'say', id: 'a' });
    world.wire.say({ type: 'change', n: 7 });
    world.wire.say({ type: 'reply', n: 8, to: 'a', ok: true });
    expect(socket.unanswered).toEqual([]);
  });

  it('refuses more than it can hold', () => {
    const { socket } = setUp();
    for (let index = 0; index < OUTBOX_LIMIT; index += 1) {
      expect(socket.act({ type: 'say', id: String(index) })).toBe(true);
    }
    expect(socket.act({ type: 'say', id: 'one more' })).toBe(false);
  });

  it('forgets a hint that cannot be sent now', () => {
    const { world, socket } = setUp();
    socket.hint({ type: 'typing' });
    world.wire.open();
    expect(world.wire.sent).toEqual([]);
  });

  it('waits behind the greeting that resumes a chat', () => {
    const { world, socket } = setUp({ hello: () => ({ type: 'resume', id: 'r' }) });
    socket.act({ type: 'say', id: 'a' });
    world.wire.open();
    expect(world.wire.sent.map((act) => act.id)).toEqual(['r', 'a']);
  });
});

describe('the heartbeat', () => {
  it('pings every ten seconds', () => {
    const { world } = live();
    world.pass(3 * PING_EVERY);
    expect(world.wire.sent.filter((act) => act.type === 'ping')).toHaveLength(3);
  });

  it('leaves a connection that is silent for too long', () => {
    const { world, statuses } = live({ silenceLimit: 25_000 });
    world.pass(40_000);
    expect(statuses).toContain('reconnecting');
    expect(world.wires.length).toBeGreaterThan(1);
  });

  it('keeps a connection that answers', () => {
    const { world } = live({ silenceLimit: 25_000 });
    for (let n = 2; n < 20; n += 1) {
      world.pass(PING_EVERY);
      world.wire.say({ type: 'pong', n });
    }
    expect(world.wires).toHaveLength(1);
  });
});

describe('an act of which nobody can say yet whether it was done', () => {
  const ready = { type: 'go_ready', id: 'a' };
  const unknown = (n: number, to = 'a') => ({ type: 'reply', n, to, ok: false, code: 'outcome_unknown' });

  function asked(changes: Partial<SocketOptions<Numbered>> = {}) {
    const told: Act[] = [];
    const all = live({ onUnknown: (act) => told.push(act), ...changes });
    all.socket.act(ready);
    all.world.wire.say(unknown(2));
    return { ...all, told };
  }

  it('is sent again with the same id, and its answer counts', () => {
    const { world, got, socket, told } = asked();
    expect([told, got.length, socket.unanswered]).toEqual([[ready], 1, [ready]]);
    world.pass(ASK_AGAIN_AFTER);
    expect(world.wire.sent).toEqual([ready, ready]);
    world.wire.say({ type: 'reply', n: 3, to: 'a', ok: true } as Numbered);
    expect([got.at(-1)?.n, socket.unanswered]).toEqual([3, []]);
    world.pass(2 * ASK_AGAIN_AFTER);
    expect(world.wire.sent).toHaveLength(2);
  });

  it('is not sent after a newer one, and told as unknown', () => {
    const { world, got, socket } = asked();
    const other = { type: 'go_not_ready', id: 'b' };
    socket.act(other);
    world.pass(ASK_AGAIN_AFTER);
    expect(world.wire.sent).toEqual([ready, other]);
    expect([got.at(-1)?.n, socket.unanswered]).toEqual([2, [other]]);
  });

  it('is sent after a newer one where that changes nothing', () => {
    const { world, socket } = asked({ lasting: () => true });
    socket.act({ type: 'say', id: 'b' });
    world.pass(ASK_AGAIN_AFTER);
    expect(world.wire.sent.at(-1)).toEqual(ready);
  });

  it('is told as unknown in the end', () => {
    const { world, got, told, socket } = asked();
    for (let n = 3; n <= ASKED_AGAIN_AT_MOST + 2; n += 1) {
      world.pass(ASK_AGAIN_AFTER);
      world.wire.say(unknown(n));
    }
    expect(socket.unanswered).toEqual([]);
    world.pass(2 * ASK_AGAIN_AFTER);
    const sent = world.wire.sent.filter((act) => act.type === 'go_ready');
    expect(sent).toHaveLength(1 + ASKED_AGAIN_AT_MOST);
    expect([told.length, got.length, socket.unanswered]).toEqual([1, 2, []]);
  });
});

describe('what is no message', () => {
  it.each(['', 'nonsense', '[]', 'null', '{"type":1,"n":2}', '{"type":"change"}'])(
    'is ignored: %s',
    (text) => {
      const { world, got } = live();
      world.wire.onmessage?.({ data: text });
      world.wire.onmessage?.({ data: new ArrayBuffer(2) });
      expect(got).toHaveLength(1);
    },
  );
});

describe('the pause before the next attempt', () => {
  it('doubles up to a limit and is never under half', () => {
    expect([1, 2, 3].map((failures) => backoff(failures, 1))).toEqual([500, 1000, 2000]);
    expect(backoff(1, 0)).toBe(250);
    expect(backoff(50, 1)).toBe(15_000);
  });
});
