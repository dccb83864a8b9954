/** The board's one store: the folded figures, the connection, and where the supervisor looks. */
import { ApiError, session, signInAddress } from '../lib/api';
import { locale } from '../lib/i18n.svelte';
import type { ToBoard } from '../lib/protocol';
import { type ConnectionStatus, ReconnectingSocket, socketAddress } from '../lib/socket';
import { createClock } from '../lib/time.svelte';
import { type Catalog, read } from './api';
import type { Asking } from './asking';
import { above, readPlace, writePlace } from './place';
import { selectedQueue, shownAgents, sortQueues, staleness, teamsOf } from './selectors';
import { type BoardAction, type BoardState, EMPTY, type Place, reduce } from './state';

const SILENCE_LIMIT = 15_000;

export class BoardStore {
  state = $state.raw<BoardState>(EMPTY);
  status = $state<ConnectionStatus>('connecting');
  /** The dialog that is open. */
  asking = $state.raw<Asking | undefined>();
  catalog = $state.raw<Catalog | undefined>();

  readonly clock = createClock();
  readonly queues = $derived(sortQueues(this.state.queues, this.state.sort, locale()));
  readonly agents = $derived(shownAgents(this.state.agents, this.state.team, locale()));
  readonly teams = $derived(teamsOf(this.state.agents, locale()));
  readonly selected = $derived(selectedQueue(this.state, this.queues));
  /** How old the figures are in ms when they are too old to act on; 0 while all is well. */
  readonly stale = $derived(staleness(this.state, this.clock.now));

  private readonly socket = new ReconnectingSocket<ToBoard>({
    url: socketAddress('/ws/board'),
    snapshot: 'board_snapshot',
    silenceLimit: SILENCE_LIMIT,
    onMessage: (message) => this.receive(message),
    onStatus: (status) => this.statusChanged(status),
    onLost: (failures) => void this.lost(failures),
    resync: () => ({ type: 'resync' }),
    ping: () => ({ type: 'ping' }),
  });

  start(): () => void {
    const retry = () => this.socket.retryNow();
    const moved = () => this.do({ type: 'went', place: readPlace(location.hash) });
    moved();
    this.socket.start();
    void this.loadCatalog();
    window.addEventListener('online', retry);
    window.addEventListener('hashchange', moved);
    document.addEventListener('visibilitychange', retry);
    const stopClock = this.clock.start();
    return () => {
      this.socket.stop();
      window.removeEventListener('online', retry);
      window.removeEventListener('hashchange', moved);
      document.removeEventListener('visibilitychange', retry);
      stopClock();
    };
  }

  do(action: BoardAction): void {
    this.state = reduce(this.state, action);
  }

  go(place: Place): void {
    location.hash = writePlace(place);
  }

  up(): void {
    this.go(above(this.state.place));
  }

  queueLabel(queue: string): string {
    const row = this.state.queues.find((one) => one.queue === queue);
    return row?.label ?? this.catalog?.queues[queue]?.label ?? queue;
  }

  agentName(agent: string): string {
    return this.state.agents.find((one) => one.agent === agent)?.name ?? agent;
  }

  skillLabel(skill: string): string {
    return this.catalog?.skills[skill] || skill;
  }

  /** Labels make the board read better; without them it shows ids and works all the same. */
  private async loadCatalog(): Promise<void> {
    this.catalog = await read.catalog().catch(() => undefined);
  }

  private receive(message: ToBoard): void {
    this.clock.observe(message.at);
    this.do({ type: 'heard', message });
  }

  private statusChanged(status: ConnectionStatus): void {
    if (status !== 'live' && this.status === 'live') this.clock.reset();
    this.status = status;
  }

  /** A refused connection may mean a session that ended: only then leave the page. */
  private async lost(failures: number): Promise<void> {
    if (failures !== 1 && failures % 4 !== 0) return;
    try {
      await session.get();
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) {
        location.assign(signInAddress('/board'));
      }
    }
  }
}
