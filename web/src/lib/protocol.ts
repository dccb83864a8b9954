/**
 * What the websockets carry, as in `agents/messages.py` and `reporting/messages.py`.
 * Times are microseconds UTC, durations microseconds, shares 0-1.
 */

// -- values -----------------------------------------------------------------------------------

export interface CustomerRef {
  id: string;
  name: string;
  tier: string;
  /** Worth per year in whole units of the centre's currency. */
  value: number;
}

export interface Message {
  id: string;
  author: 'customer' | 'agent' | 'system';
  text: string;
  at: number;
  agent: string;
  files?: MessageFile[];
}

/** A file in a chat; `id` is the sha256 of its content. */
export interface MessageFile {
  id: string;
  name: string;
  content_type: string;
  size: number;
}

/** Up to which line the customer's page has got the thread, and the customer has read it. */
export interface Seen {
  received: number;
  read: number;
}

/** Why this agent was chosen. */
export interface Choice {
  reason: 'strategy' | 'preferred' | 'next_waiting' | 'named';
  strategy: string;
  free_agents: number;
  idle_for: number;
  load: number;
  runner_up: string;
  band: number;
  waiting_contacts: number;
}

export interface Identity {
  kind: string;
  value: string;
}

export interface Note {
  text: string;
  at: number;
  by: string;
}

export interface PastContact {
  contact: string;
  channel: string;
  at: number;
  queue: string;
  agent: string;
  outcome: string;
  disposition: string;
  summary: string;
}

export interface CustomerRecord {
  id: string;
  name: string;
  tier: string;
  value: number;
  why_valued: string;
  language: string;
  account_manager: string;
  watch_out: string;
  version: number;
  identities: Identity[];
  notes: Note[];
  history: PastContact[];
}

export interface Candidate {
  customer: CustomerRef;
  matched_by: string;
}

export interface ScreenPop {
  case: 'none' | 'one' | 'several';
  customer: CustomerRecord | null;
  candidates: Candidate[];
}

// -- the desk ---------------------------------------------------------------------------------

export type AgentState = 'signed_out' | 'ready' | 'not_ready';

export interface MyState {
  agent: string;
  name: string;
  state: AgentState;
  reason: string;
  since: number;
  next_state: AgentState | '';
  next_reason: string;
  skills: [string, number][];
  /** Channels on which nothing is offered, and why not. */
  unreachable: Record<string, string>;
}

export interface OfferCard {
  offer: string;
  contact: string;
  channel: string;
  direction: string;
  queue: string;
  queue_label: string;
  address: string;
  arrived_at: number;
  offered_at: number;
  expires_at: number;
  attributes: Record<string, string>;
  customer: CustomerRef | null;
  asks_for: string;
  why: Choice;
  pop: ScreenPop;
  callback: boolean;
  consult_of: string;
  said: string;
}

export interface ContactCard {
  contact: string;
  channel: string;
  direction: string;
  state: string;
  doing: 'active' | 'held' | 'wrapping';
  role: 'holder' | 'participant' | 'consulted';
  queue: string;
  queue_label: string;
  address: string;
  arrived_at: number;
  started_at: number;
  since: number;
  attributes: Record<string, string>;
  customer: CustomerRef | null;
  pop: ScreenPop;
  messages: Message[];
  dispositions: string[];
  wrap_until: number;
  wrap_limit: number;
  consult: string;
  consult_state: '' | 'queued' | 'offered' | 'connected';
  consult_agent: string;
  consult_of: string;
  participants: string[];
  draft: string;
  callback_address: string;
  /** The contact for which this one was put aside, while it is held. */
  interrupted_by: string;
  /** Microseconds of it that the agent was called away. */
  away: number;
}

export interface Waiting {
  queue: string;
  label: string;
  waiting: number;
  longest_since: number;
}

export interface Colleague {
  agent: string;
  name: string;
  state: AgentState;
  team: string;
}

export interface MyFigures {
  handled: number;
  handle_time: number;
  occupancy: number;
  missed: number;
}

export interface CannedReply {
  id: string;
  /** Typed after a slash. */
  shortcut: string;
  label: string;
  text: string;
  /** None: all of them. */
  queues: string[];
  channels: string[];
  /** Empty: any. */
  language: string;
}

export interface CannedReplies {
  version: number;
  /** What customers are told the agent is called. */
  agent_name: string;
  replies: CannedReply[];
}

export interface Directory {
  not_ready_reasons: string[];
  queues: [string, string][];
  colleagues: Colleague[];
  /** The version in force. */
  catalog: number;
}

interface From<Type extends string> {
  type: Type;
  n: number;
}

export interface DeskSnapshot extends From<'desk_snapshot'> {
  at: number;
  me: MyState;
  offers: OfferCard[];
  contacts: ContactCard[];
  directory: Directory;
  waiting: Waiting[];
  figures: MyFigures;
  seen?: Record<string, Seen>;
  /** Contacts whose customer has left the page, perhaps to come back. */
  away?: string[];
  /** How long a chat's customer may go unanswered before it should be, and must be. */
  answer_soon?: number;
  answer_late?: number;
}

export interface MeChanged extends From<'me_changed'> {
  at: number;
  me: MyState;
  why: string;
}

export interface OfferMade extends From<'offer_made'> {
  at: number;
  offer: OfferCard;
}

export interface OfferGone extends From<'offer_gone'> {
  offer: string;
  reason: string;
}

export interface ContactChanged extends From<'contact_changed'> {
  at: number;
  contact: ContactCard;
}

export interface ContactGone extends From<'contact_gone'> {
  contact: string;
}

export interface MessageAdded extends From<'message_added'> {
  contact: string;
  message: Message;
}

export interface CustomerTyping extends From<'customer_typing'> {
  contact: string;
  typing: boolean;
}

/** The customer has left the page for a while, or is back. */
export interface CustomerAway extends From<'customer_away'> {
  contact: string;
  away: boolean;
}

export interface CustomerSeen extends From<'customer_seen'>, Seen {
  contact: string;
}

/** Only the colleagues whose row changed; oneself may be among them. */
export interface ColleaguesChanged extends From<'colleagues_changed'> {
  colleagues: Colleague[];
}

export interface WaitingChanged extends From<'waiting_changed'> {
  at: number;
  waiting: Waiting[];
}

export interface FiguresChanged extends From<'figures_changed'> {
  figures: MyFigures;
}

export interface Reply extends From<'reply'> {
  to: string;
  ok: boolean;
  code: string;
  reason: string;
}

export interface Pong extends From<'pong'> {
  at: number;
}

export type ToDesk =
  | DeskSnapshot
  | MeChanged
  | OfferMade
  | OfferGone
  | ContactChanged
  | ContactGone
  | MessageAdded
  | CustomerTyping
  | CustomerSeen
  | CustomerAway
  | ColleaguesChanged
  | WaitingChanged
  | FiguresChanged
  | Reply
  | Pong;

/** What the desk may ask; `id` is added when it is sent. */
export type DeskAct =
  | { type: 'go_ready' }
  | { type: 'go_not_ready'; reason: string }
  | { type: 'go_signed_out' }
  | { type: 'accept_offer'; offer: string }
  | { type: 'reject_offer'; offer: string; reason: string }
  | { type: 'say'; contact: string; text: string }
  | { type: 'typing'; contact: string; typing: boolean }
  | { type: 'mark_read'; contact: string; until: number }
  | { type: 'hold_contact'; contact: string }
  | { type: 'retrieve_contact'; contact: string }
  | { type: 'end_contact_now'; contact: string; seen: string | null }
  | { type: 'requeue_contact'; contact: string }
  | { type: 'transfer_contact'; contact: string; queue?: string; agent?: string; address?: string }
  | { type: 'consult_colleague'; contact: string; queue?: string; agent?: string }
  | { type: 'complete_consulted_transfer'; contact: string }
  | { type: 'start_conference'; contact: string }
  | { type: 'cancel_consultation'; contact: string }
  | { type: 'leave_contact'; contact: string }
  | { type: 'extend_wrap'; contact: string; extend_by: number }
  | { type: 'finish_wrap'; contact: string; disposition: string; note: string }
  | { type: 'save_draft'; contact: string; text: string }
  | { type: 'callback_unreached'; contact: string; reason: string }
  | { type: 'resync' }
  | { type: 'ping' };

// -- the board --------------------------------------------------------------------------------

export interface Reason {
  code: string;
  values: Record<string, string | number>;
}

export interface QueueRow {
  queue: string;
  label: string;
  status: 'ok' | 'warn' | 'bad';
  waiting: number;
  longest_since: number;
  /** When that one has waited as long as the objective; 0: nobody waits, or never. */
  late_at: number;
  estimate_50: number | null;
  estimate_90: number | null;
  service_within: number;
  service_target: number;
  /** In words, the hours in which waiting counts to it; empty: always. */
  objective_hours: string;
  service_now: number | null;
  service_today: number | null;
  offered_today: number;
  answered_today: number;
  abandoned_today: number;
  abandoned_share: number | null;
  ready: number;
  busy: number;
  wrapping: number;
  not_ready: number;
  open: boolean;
  trend: number[];
  why: Reason[];
}

export interface AgentContact {
  contact: string;
  channel: string;
  doing: 'reserved' | 'active' | 'held' | 'wrapping';
  since: number;
  queue: string;
  customer: string;
}

export interface AgentRow {
  agent: string;
  name: string;
  team: string;
  state: AgentState;
  reason: string;
  since: number;
  next_state: AgentState | '';
  skills: [string, number][];
  contacts: AgentContact[];
  handled: number;
  missed: number;
  occupancy: number;
  /** Channels on which nothing is offered, and why not. */
  unreachable: Record<string, string>;
}

interface FromBoard<Type extends string> extends From<Type> {
  at: number;
}

export interface BoardSnapshot extends FromBoard<'board_snapshot'> {
  queues: QueueRow[];
  agents: AgentRow[];
}

export interface RowsChanged extends FromBoard<'rows_changed'> {
  queues: QueueRow[];
  agents: AgentRow[];
  queues_gone: string[];
  agents_gone: string[];
}

export type ToBoard = BoardSnapshot | RowsChanged;

export type BoardAct = { type: 'resync' } | { type: 'ping' };
