/** What one works with on the page of a flow: the draft, a trial, and what is marked where. */
import { Polled } from '../board/polled.svelte';
import { sentence } from '../lib/api';
import { toasts } from '../lib/toasts.svelte';
import { type Change, flows, type Known, type NodeFigures } from './api';
import { marksOf } from './difference';
import { type FlowDocument, type Position, tidied } from './document';
import { Draft, inBrowser } from './draft.svelte';
import { heightOf, WIDTH } from './layout';
import type { View } from './place';
import { around, Places } from './places';
import { lit, Trial } from './trial.svelte';

export type Panel = 'node' | 'problems' | 'try' | 'past' | 'versions';

const NOTHING: Known = { queues: {}, skills: {}, hours: {}, agents: {}, boxes: {}, connectors: {}, flows: {} };
const LIVE_EVERY = 5_000;
const MOST_DRAWN = 1_500;
const PART = 120; // nodes
const GAP = 28;
const TALLEST = 170; // of a new node

export interface Compared {
  title: string;
  changes: Change[];
  before: FlowDocument;
  after: FlowDocument;
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
  /** What is compared is drawn where otherwise the flow is. */
  pictured = $state(false);
  showLive = $state(false);
  readonly live = new Polled<Record<string, NodeFigures>>(LIVE_EVERY);

  readonly doc: FlowDocument = $derived.by(() => this.draft.editor.doc);
  /** Too many cards bring a browser to its knees, and nobody reads them. */
  readonly tooLarge = $derived(Object.keys(this.doc.nodes).length > MOST_DRAWN);
  /** Of a flow that is too large, the nodes around which it is drawn; none: where it begins. */
  private centres = $state.raw<readonly string[]>([]);
  private placing = $state.raw(new Places());
  readonly part: FlowDocument = $derived(this.tooLarge ? around(this.doc, this.middle(), PART) : this.doc);
  readonly places = $derived(this.placing.of(this.part));

  readonly lit = $derived.by(() => lit(this.trial.tried, this.draft.flow));
  readonly changed = $derived(marksOf(this.compared?.changes ?? []));
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
    this.pictured = false;
    if (this.view === 'outline') this.toggle(id, true);
    if (!Object.hasOwn(this.part.nodes, id)) this.drawAround([id]);
    this.sought = { id };
  }

  /** Of a flow that is too large: another part of it. */
  drawAround(ids: readonly string[]): void {
    this.centres = ids;
    this.placing = new Places();
  }

  /** The node that the drawn part is about. */
  get centre(): string {
    return this.middle()[0] ?? '';
  }

  private middle(): readonly string[] {
    return this.centres.length ? this.centres : [this.doc.start ?? ''];
  }

  rename(from: string, to: string): void {
    this.placing.renamed(from, to);
    this.editor.rename(from, to);
  }

  /** A new node where there is room: beside what is selected, or below everything. */
  add(kind: string): string {
    const id = this.editor.add(kind, this.room(), this.fixed());
    if (this.tooLarge) this.centres = [...this.middle(), id];
    this.show(id);
    return id;
  }

  copy(): string {
    return this.editor.copy(this.fixed());
  }

  /** How many nodes were pasted. */
  paste(text: string): number {
    const count = this.editor.paste(text, this.fixed());
    const [id] = this.editor.selection;
    if (count && id) this.sought = { id };
    return count;
  }

  arrange(): void {
    if (!this.tooLarge) this.editor.tidy();
  }

  /** Who adds a node to a drawing means it to stay as it is seen; in the outline nobody sees it. */
  private fixed(): ReadonlyMap<string, Position> {
    const drawn = this.view === 'canvas' && !this.tooLarge;
    const placed = Object.values(this.doc.nodes).some((node) => node.position);
    return drawn || placed ? this.places : new Map();
  }

  private room(): Position | undefined {
    const places = this.fixed();
    if (!places.size) return this.view === 'canvas' && !this.tooLarge ? { x: 0, y: 0 } : undefined;
    const boxes = [...places].map(([id, { x, y }]) => ({ x, y, bottom: y + heightOf(this.doc.nodes[id] ?? { kind: '' }) }));
    const beside = places.get(this.editor.node);
    if (!beside) return { x: Math.min(...boxes.map(({ x }) => x)), y: Math.max(...boxes.map((one) => one.bottom)) + GAP };
    const x = beside.x + WIDTH + 72;
    let y = beside.y;
    for (const one of boxes.filter((other) => Math.abs(other.x - x) < WIDTH).sort((one, two) => one.y - two.y)) {
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
      this.compared = await this.comparison(title, before, after);
    } catch (error) {
      toasts.show(sentence(error), 'error');
    }
  }

  async comparison(title: string, before: unknown, after: unknown): Promise<Compared> {
    const changes = await flows.compare(before, after);
    return { title, changes, before: tidied(before, this.flow), after: tidied(after, this.flow) };
  }

  endComparison(): void {
    this.compared = undefined;
    this.pictured = false;
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
