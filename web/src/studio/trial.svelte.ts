/** Trying a flow out: a made-up caller, a made-up world, and what was done so far. */
import { sentence } from '../lib/api';
import { type Flows, flows as real, type Line, type Tried } from './api';
import type { FlowDocument } from './document';

export type Act = { answer: string } | { silence: true } | { hang_up: true };

export interface QueueGiven {
  staffed: boolean;
  length: number;
  wait: string;
}

export interface SystemGiven {
  /** Empty: it does not answer in time. */
  result: '' | 'found' | 'not_found' | 'failed';
  answer: Record<string, string>;
}

export interface CustomerGiven {
  id: string;
  name: string;
  tier: string;
  value: number;
  /** Known before the flow begins; else found when the flow looks for them. */
  before: boolean;
}

export interface World {
  channel: 'voice' | 'chat';
  address: string;
  language: string;
  day: string;
  time: string;
  hours: Record<string, string>;
  queues: Record<string, QueueGiven>;
  systems: Record<string, SystemGiven>;
  customer: CustomerGiven;
}

export const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export const EASY: QueueGiven = { staffed: true, length: 0, wait: '' };

export function plainWorld(): World {
  return {
    channel: 'voice',
    address: '+15550100',
    language: '',
    day: 'mon',
    time: '12:00',
    hours: {},
    queues: {},
    systems: {},
    customer: { id: '', name: '', tier: '', value: 0, before: false },
  };
}

export interface Conversation {
  caller: Record<string, unknown>;
  given: Record<string, unknown>;
  acts: Act[];
}

/** As a flow's tests are written; what is as usual is left out. */
export function conversation(world: World, acts: Act[]): Conversation {
  const { channel, address, language, customer, day, time } = world;
  const { before, ...who } = customer;
  const person = customer.id && {
    id: who.id,
    ...(who.name ? { name: who.name } : {}),
    ...(who.tier ? { tier: who.tier } : {}),
    ...(who.value ? { value: who.value } : {}),
  };
  return {
    caller: {
      channel,
      address,
      ...(language ? { language } : {}),
      ...(person && before ? { customer: person } : {}),
    },
    given: {
      time: `${day} ${time}`,
      ...(Object.keys(world.hours).length ? { hours: world.hours } : {}),
      ...(Object.keys(world.queues).length ? { queues: queuesOf(world) } : {}),
      ...(answering(world).length ? { systems: Object.fromEntries(answering(world)) } : {}),
      ...(person ? { identified: [person] } : {}),
    },
    acts,
  };
}

function queuesOf({ queues }: World): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(queues).map(([id, { staffed, length, wait }]) => [id, { staffed, length, ...(wait ? { wait } : {}) }]),
  );
}

/** The connectors that answer; only who is found has more to say than that. */
function answering({ systems }: World): [string, Record<string, unknown>][] {
  return Object.entries(systems).filter(([, { result }]) => result).map(([id, { result, answer }]) => {
    const said = Object.entries(answer).filter(([, one]) => one);
    return [id, { result, ...(result === 'found' && said.length ? { answer: Object.fromEntries(said) } : {}) }];
  });
}

/** What was said, by whom: the flow's lines, and what the customer did in between. */
export type Said = { by: 'flow'; line: Line } | { by: 'customer'; act: Act };

export class Trial {
  world = $state<World>(plainWorld());
  acts = $state.raw<Act[]>([]);
  said = $state.raw<Said[]>([]);
  tried = $state.raw<Tried | undefined>();
  busy = $state(false);
  problem = $state('');

  /** The document with which it was tried: when it has changed, what is shown is of yesterday. */
  doc = $state.raw<FlowDocument | undefined>();
  readonly over = $derived(Boolean(this.tried?.session.outcome));

  private turn = 0;

  constructor(private readonly flows: Flows = real) {}

  async begin(doc: FlowDocument): Promise<void> {
    this.acts = [];
    await this.replay(doc);
  }

  async act(doc: FlowDocument, act: Act): Promise<void> {
    if (this.busy || this.over || !this.tried) return;
    this.acts = [...this.acts, act];
    if (doc !== this.doc) await this.replay(doc);
    else await this.once(doc, this.acts, this.said);
  }

  /** From the beginning, act by act, so that it shows what was heard when. */
  async replay(doc: FlowDocument): Promise<void> {
    const turn = ++this.turn;
    this.tried = undefined;
    let said: Said[] = [];
    for (let count = 0; count <= this.acts.length && turn === this.turn && !this.over; count += 1) {
      if (!(await this.once(doc, this.acts.slice(0, count), said))) return;
      said = this.said;
    }
  }

  private async once(doc: FlowDocument, acts: Act[], before: Said[]): Promise<boolean> {
    this.busy = true;
    try {
      const tried = await this.flows.attempt(doc, conversation($state.snapshot(this.world), acts));
      const last = acts.at(-1);
      const heard = before.filter((one) => one.by === 'flow').length;
      const lines = tried.heard.slice(heard).map((line): Said => ({ by: 'flow', line }));
      this.said = [...before, ...(last ? [{ by: 'customer', act: last } as const] : []), ...lines];
      this.tried = tried;
      this.doc = doc;
      this.problem = '';
      return true;
    } catch (error) {
      this.problem = sentence(error);
      return false;
    } finally {
      this.busy = false;
    }
  }

  end(): void {
    this.turn += 1;
    this.acts = [];
    this.said = [];
    this.tried = undefined;
    this.problem = '';
  }
}

/** How an outcome is named in a flow's tests. */
const ENDS: Record<string, string> = {
  queued: 'queue', call_back: 'callback', take_message: 'voicemail', connect_to: 'transfer',
  finished: 'hang_up', left: 'left',
};

/** A test of the flow that expects what happened. */
export function asTest(name: string, world: World, acts: Act[], tried: Tried, flow: string): Record<string, unknown> {
  const { outcome, frames } = tried.session;
  const at = outcome ? (outcome.queue ?? outcome.box ?? outcome.number ?? '') : (frames[0]?.node ?? '');
  const expect = {
    ends: outcome ? (ENDS[outcome.type] ?? 'waiting') : 'waiting',
    ...(at ? { at } : {}),
    path: walked(tried, flow),
  };
  return { name, ...conversation(world, acts), expect };
}

/** The nodes of this flow in the order in which they were left, and the one where it waits. */
export function walked(tried: Tried, flow: string): string[] {
  const own = tried.path.filter((one) => one.flow === flow && (one.depth ?? 1) === 1 && !one.again);
  const waits = tried.session.outcome ? [] : [tried.session.frames[0]?.node ?? ''];
  return [...own.map((one) => one.node), ...waits].filter(Boolean);
}

/** The nodes and ways to light up. A way is `node`, a line end, `exit`. */
export function lit(tried: Tried | undefined, flow: string): { nodes: Set<string>; ways: Set<string>; at: string } {
  if (!tried) return { nodes: new Set(), ways: new Set(), at: '' };
  const own = tried.path.filter((one) => one.flow === flow && (one.depth ?? 1) === 1);
  const nodes = walked(tried, flow);
  return {
    nodes: new Set(nodes),
    ways: new Set(own.filter((one) => one.exit && !one.again).map((one) => wayId(one.node, one.exit ?? ''))),
    at: nodes.at(-1) ?? '',
  };
}

export function wayId(node: string, exit: string): string {
  return `${node}\n${exit}`;
}
