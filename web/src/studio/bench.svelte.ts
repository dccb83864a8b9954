/** What one works with on the page of a flow: the draft, a trial, and what is marked where. */
import { Polled } from '../board/polled.svelte';
import { sentence } from '../lib/api';
import { toasts } from '../lib/toasts.svelte';
import { type Change, flows, type Known, type NodeFigures } from './api';
import type { FlowDocument, Position } from './document';
import { Draft, inBrowser } from './draft.svelte';
import { heightOf, WIDTH } from './layout';
import type { View } from './place';
import { lit, Trial } from './trial.svelte';

export type Panel = 'node' | 'problems' | 'try' | 'versions';

const NOTHING: Known = { queues: {}, skills: {}, hours: {}, agents: {}, boxes: {}, flows: {} };
const LIVE_EVERY = 5_000;
const GAP = 28;
const TALLEST = 170; // of a new node

export interface Compared {
  title: string;
  changes: Change[];
}

export class Bench {
  readonly draft: Draft;
  readonly editor;
  readonly trial = new Trial();
  known = $state.raw<Known>(NOTHING);
  panel = $state<Panel>('node');
  view: View = 'canvas';
  /** Nodes whose form is open in the outline. */
  opened = $state.raw<ReadonlySet<string>>(new Set());
  /** The node to bring into view on the canvas; a new object each time. */
  sought = $state.raw<{ id: string } | undefined>();
  /** Ways that are selected on the canvas. */
  ways = $state.raw<readonly { node: string; exit: string }[]>([]);
  compared = $state.raw<Compared | undefined>();
  showLive = $state(false);
  readonly live = new Polled<Record<string, NodeFigures>>(LIVE_EVERY);

  readonly doc: FlowDocument = $derived.by(() => this.draft.editor.doc);
  readonly lit = $derived.by(() => lit(this.trial.tried, this.draft.flow));
  readonly changed = $derived(new Set(this.compared?.changes.map((one) => one.node).filter(Boolean)));
  readonly figures = $derived(byNode(this.showLive ? (this.live.value ?? {}) : {}));

  constructor(readonly flow: string) {
    this.draft = new Draft(flow, inBrowser);
    this.editor = this.draft.editor;
  }

  async open(): Promise<void> {
    void this.learn();
    await this.draft.open();
  }

  /** Without the names one can write them all the same. */
  private async learn(): Promise<void> {
    this.known = { ...NOTHING, ...(await flows.known().catch(() => NOTHING)) };
  }

  toggle(id: string, open = !this.opened.has(id)): void {
    const opened = new Set(this.opened);
    if (open) opened.add(id);
    else opened.delete(id);
    this.opened = opened;
  }

  /** Selects a node and brings its form to the front. */
  show(id: string): void {
    this.editor.select([id]);
    this.panel = 'node';
    if (this.view === 'outline') this.toggle(id, true);
    this.sought = { id };
  }

  /** A new node where there is room: below what is selected, or below everything. */
  add(kind: string): string {
    const id = this.editor.add(kind, this.room());
    this.show(id);
    return id;
  }

  private room(): Position | undefined {
    const places = Object.values(this.doc.nodes).flatMap((node) =>
      node.position ? [{ ...node.position, bottom: node.position.y + heightOf(node) }] : [],
    );
    if (!places.length) return undefined;
    const beside = this.doc.nodes[this.editor.node]?.position;
    if (!beside) return { x: Math.min(...places.map(({ x }) => x)), y: Math.max(...places.map((one) => one.bottom)) + GAP };
    const x = beside.x + WIDTH + 72;
    let y = beside.y;
    for (const one of places.filter((other) => Math.abs(other.x - x) < WIDTH).sort((one, two) => one.y - two.y)) {
      if (one.y < y + TALLEST && one.bottom > y) y = one.bottom + GAP;
    }
    return { x, y };
  }

  /** Removes the selected ways, else the selected nodes. */
  removeSelected(): void {
    if (this.ways.length) for (const { node, exit } of this.ways) this.editor.disconnect(node, exit);
    else this.editor.remove();
    this.ways = [];
  }

  async compare(title: string, before: unknown, after: unknown): Promise<void> {
    try {
      this.compared = { title, changes: await flows.compare(before, after) };
    } catch (error) {
      toasts.show(sentence(error), 'error');
    }
  }
}

/** Contacts in each node now and today, whatever version of the flow they are on. */
function byNode(live: Record<string, NodeFigures>): Map<string, NodeFigures> {
  const found = new Map<string, NodeFigures>();
  for (const [key, { now, passed, left }] of Object.entries(live)) {
    const node = key.slice(key.indexOf('/') + 1);
    const so = found.get(node) ?? { now: 0, passed: 0, left: 0 };
    found.set(node, { now: so.now + now, passed: so.passed + passed, left: so.left + left });
  }
  return found;
}
