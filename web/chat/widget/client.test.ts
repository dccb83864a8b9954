import { beforeEach, describe, expect, it } from 'vitest';

import type { Environment } from '../../src/lib/socket';
import { ChatClient } from './client';
import type { ChatMemory, TabMemory } from './memory';

/** A server end the test holds in its hand. */
class FakeSocket {
  readyState = 0;
  sent: Record<string, unknown>[] = [];
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  private n = 0;

  send(data: string): void {
    this.sent.push(JSON.parse(data) as Record<string, unknown>);
  }

  close(): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.onclose?.();
  }

  open(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  say(message: Record<string, unknown>): void {
    this.n += 1;
    this.onmessage?.({ data: JSON.stringify({ n: this.n, ...message }) });
  }

  session(state: string, ...ids: string[]): void {
    const lines = ids.map((id) => ({ id, author: 'customer', text: id, at: 1, name: '' }));
    this.say({ type: 'session', token: 'secret', at: 1, status: { state }, lines });
  }

  /** The answer to a resume: the chat as it stands, then "done". */
  resumed(...ids: string[]): void {
    this.session('talking', ...ids);
    this.say({ type: 'reply', to: this.sent[0]?.['id'], ok: true });
  }

  types(): unknown[] {
    return this.sent.map((act) => act['type']);
  }
}

class FakeWorld implements Environment {
  sockets: FakeSocket[] = [];
  private timers = new Map<number, () => void>();
  private last = 0;

  open(): WebSocket {
    const socket = new FakeSocket();
    this.sockets.push(socket);
    return socket as unknown as WebSocket;
  }

  setTimeout(run: () => void): number {
    this.last += 1;
    this.timers.set(this.last, run);
    return this.last;
  }

  clearTimeout(timer: number): void {
    this.timers.delete(timer);
  }

  now = () => 0;
  random = () => 0.5;

  /** Time passes: every timer set so far goes off once. */
  pass(): void {
    const due = [...this.timers.values()];
    this.timers.clear();
    for (const run of due) run();
  }

  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error('no connection was opened');
    return socket;
  }
}

class FakeMemory implements ChatMemory {
  kept = '';
  tabKept: TabMemory = { open: false, draft: '', outbox: [] };
  other: (token: string) => void = () => undefined;

  token = () => this.kept;
  tab = () => this.tabKept;
  keepToken(token: string): void {
    this.kept = token;
  }
  keepTab(tab: TabMemory): void {
    this.tabKept = tab;
  }
  onOtherTab(listener: (token: string) => void): void {
    this.other = listener;
  }
}

const FORM = { name: 'Mei', text: 'Hello', choice: '', address: '' };
const place = { url: 'https://shop.example/plans', title: 'Plans' };
let hidden = false;
const SETTINGS = {
  socketUrl: 'ws://test/ws/chat',
  entryPoint: 'website',
  language: 'en',
  visitor: () => '',
  page: () => place,
  chatUrl: '/chat',
  hidden: () => hidden,
};
let world: FakeWorld;
let memory: FakeMemory;

function newClient(): ChatClient {
  const client = new ChatClient(SETTINGS, memory, () => undefined, world);
  client.wake();
  return client;
}

function talking(): ChatClient {
  const client = newClient();
  client.start(FORM);
  world.socket.open();
  world.socket.session('talking', start());
  return client;
}

/** The id of the first chat that was started. */
function start(): string {
  return String(world.sockets[0]?.sent[0]?.['id']);
}

beforeEach(() => {
  world = new FakeWorld();
  memory = new FakeMemory();
});

describe('the connection', () => {
  it('is not opened before there is a chat', () => {
    newClient();
    expect(world.sockets).toEqual([]);
  });

  it('begins with the chat to start', () => {
    newClient().start(FORM);
    world.socket.open();
    expect(world.socket.sent).toMatchObject([{ type: 'start_chat', entry_point: 'website' }]);
  });

  it('starts again with the same id when it breaks before the answer', () => {
    newClient().start(FORM);
    const first = world.socket;
    first.open();
    first.close();
    world.pass();
    world.socket.open();
    expect(world.socket).not.toBe(first);
    expect(world.socket.sent[0]?.['id']).toBe(first.sent[0]?.['id']);
  });

  it('resumes with the token and then sends what was not answered, with its old id', () => {
    const client = talking();
    client.say('one');
    const first = world.socket;
    first.close();
    client.say('two');
    world.pass();
    world.socket.open();
    expect(world.socket.types()).toEqual(['resume_chat']);
    world.socket.resumed(start());
    expect(world.socket.types()).toEqual(['resume_chat', 'say_line', 'say_line']);
    expect(world.socket.sent[1]?.['id']).toBe(first.sent.at(-1)?.['id']);
  });

  it('does not send again what the session already holds', () => {
    const client = talking();
    client.say('one');
    const id = String(world.socket.sent.at(-1)?.['id']);
    world.socket.close();
    world.pass();
    world.socket.open();
    world.socket.resumed(start(), id);
    expect(world.socket.types()).toEqual(['resume_chat']);
    expect(client.state.pending).toEqual([]);
  });

  it('sends the first words again when it breaks before they were kept', () => {
    newClient().start(FORM);
    world.socket.open();
    world.socket.session('waiting');
    world.socket.close();
    world.pass();
    world.socket.open();
    world.socket.resumed();
    expect(world.socket.types()).toEqual(['resume_chat', 'start_chat']);
  });

  it('sends nothing again just because the session comes anew', () => {
    const client = talking();
    client.say('one');
    const sent = world.socket.sent.length;
    world.socket.session('talking', start());
    expect(world.socket.sent).toHaveLength(sent);
  });

  it('closes when the chat is over', () => {
    const client = talking();
    world.socket.say({ type: 'status_changed', status: { state: 'ended' } });
    expect([world.socket.readyState, client.state.phase]).toEqual([3, 'ended']);
  });
});

describe('what was read', () => {
  const seen = () => world.socket.sent.filter((act) => act['type'] === 'visitor_seen');

  it('is told with what was received, as long as somebody looks', () => {
    const client = talking();
    client.open();
    hidden = true;
    world.socket.say({ type: 'line_added', line: { id: 'a1', author: 'agent', text: 'x', at: 5 } });
    hidden = false;
    client.look();
    client.look();
    expect(seen().map((one) => [one['received'], one['read']])).toEqual([
      [5, 0],
      [5, 5],
    ]);
  });
});

describe('the page', () => {
  it('is told once, and again when the visitor has moved', () => {
    const client = talking();
    const pages = () => world.socket.types().filter((type) => type === 'visitor_page').length;
    client.look();
    client.look();
    expect(pages()).toBe(1);
    place.url = 'https://shop.example/help';
    client.look();
    expect(pages()).toBe(2);
  });
});

describe('a reload', () => {
  it('takes up the chat, the draft and what was not yet sent', () => {
    const before = talking();
    world.socket.close();
    before.say('on its way');
    before.write('half a sen');
    const after = newClient();
    expect(after.draft).toBe('half a sen');
    world.socket.open();
    world.socket.resumed(start());
    expect(world.socket.types()).toEqual(['resume_chat', 'say_line']);
    expect(after.state.pending.map((one) => one.text)).toEqual(['on its way']);
  });

  it('forgets a chat the service no longer knows', () => {
    memory.kept = 'old';
    const client = newClient();
    world.socket.open();
    const resume = world.socket.sent[0]?.['id'];
    world.socket.say({ type: 'reply', to: resume, ok: false, code: 'unknown_chat', reason: '' });
    expect([client.state.phase, client.state.notice, memory.kept]).toEqual(['form', 'lost', '']);
  });
});

describe('one tab too many', () => {
  it('leaves the chat to the others', () => {
    memory.kept = 'secret';
    const client = newClient();
    world.socket.open();
    const to = world.socket.sent[0]?.['id'];
    world.socket.say({ type: 'reply', to, ok: false, code: 'too_many_tabs', reason: '' });
    expect([client.state.notice, memory.kept]).toEqual(['tabs', 'secret']);
  });
});

it('does not knock again at once when it was turned away at the door', () => {
  const client = newClient();
  client.start(FORM);
  world.socket.open();
  world.socket.say({ type: 'reply', to: '', ok: false, code: 'too_many_connections' });
  world.socket.close();
  expect([world.sockets.length, client.state.link]).toEqual([1, 'reconnecting']);
  world.pass();
  expect(world.sockets).toHaveLength(2);
});

describe('a second tab', () => {
  it('joins the chat another tab started', () => {
    newClient();
    memory.other('secret');
    world.socket.open();
    expect(world.socket.sent).toMatchObject([{ type: 'resume_chat', token: 'secret' }]);
  });

  it('puts an ended chat away together with the other tab', () => {
    const client = talking();
    world.socket.say({ type: 'status_changed', status: { state: 'ended' } });
    memory.other('');
    expect(client.state.phase).toBe('form');
  });

  it('keeps a running chat whatever the other tab does', () => {
    const client = talking();
    memory.other('');
    expect(client.state.phase).toBe('talking');
  });
});

describe('refusals that pass', () => {
  it('are sent again after a pause, with the same id', () => {
    const client = talking();
    client.say('quick');
    const id = world.socket.sent.at(-1)?.['id'];
    world.socket.say({ type: 'reply', to: id, ok: false, code: 'too_fast', reason: '' });
    world.pass();
    const repeats = world.socket.sent.filter((act) => act['id'] === id);
    expect(repeats).toHaveLength(2);
  });
});

describe('typing', () => {
  it('is said once and taken back on sending', () => {
    const client = talking();
    client.write('H');
    client.write('Hi');
    client.say('Hi');
    const typing = world.socket.sent.filter((act) => act['type'] === 'visitor_typing');
    expect(typing.map((act) => act['typing'])).toEqual([true, false]);
  });
});

describe('in a flow', () => {
  const asks = (prompt: Record<string, unknown>) =>
    world.socket.say({ type: 'status_changed', status: { state: 'in_flow', prompt } });
  const answers = () => world.socket.sent.filter((act) => act['type'] === 'answer_prompt');

  it('what is said answers what is asked, once', () => {
    const client = talking();
    asks({ turn: 4, kind: 'choice', buttons: [{ key: '1', text: 'Billing' }] });
    expect([client.say('billing'), client.say('faults')]).toEqual([true, false]);
    expect(answers()).toMatchObject([{ turn: 4, text: 'billing' }]);
  });

  it('a message while nothing is asked is a message', () => {
    const client = talking();
    asks({ turn: 4, kind: 'wait' });
    client.say('still there?');
    expect(world.socket.sent.at(-1)).toMatchObject({ type: 'say_line', text: 'still there?' });
  });

  it('an answer is written down nowhere and is sent again over a broken connection', () => {
    const client = talking();
    client.write('half a sentence');
    asks({ turn: 4, kind: 'text', secret: true });
    client.say('2468');
    expect(JSON.stringify(memory.tabKept)).not.toContain('2468');
    expect(memory.tabKept.draft).toBe('half a sentence');
    expect(client.state.pending.map((one) => one.text)).toEqual(['****']);
    world.socket.close();
    world.pass();
    world.socket.open();
    world.socket.resumed();
    expect(answers()).toMatchObject([{ turn: 4, text: '2468' }]);
  });
});
