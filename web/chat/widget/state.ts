/** The whole widget as one value, and the pure function that changes it. */

import type { ConnectionStatus } from '../../src/lib/socket';
import {
  answerId,
  type AnswerPrompt,
  type ChatStatus,
  type FilesTaken,
  type LastingAct,
  type Line,
  type Mailing,
  type Phase,
  type Prompt,
  type Reply,
  type ServerMessage,
} from './protocol';
import type { TextKey } from './texts';
import { nextWait, type ShownWait } from './wait';

export type LinkState = 'idle' | ConnectionStatus;
export type Notice = '' | 'lost' | 'busy' | 'tabs' | 'long' | 'entry' | 'other';

/** A message on its way: shown at once, gone when its line comes back. */
export interface Pending {
  readonly id: string;
  readonly text: string;
  readonly failed: Notice;
  /** An answer to a flow is not sent again from here: what the flow asks is still there. */
  readonly answer?: boolean;
}

/** A file on its way; `done` from 0 to 1. */
export interface Upload {
  readonly id: string;
  readonly name: string;
  readonly done: number;
  readonly failed: TextKey | '';
}

/** In place of what is secret. */
export const MASKED = '****';

export interface ChatState {
  readonly open: boolean;
  readonly unread: number;
  readonly link: LinkState;
  readonly phase: Phase | 'form' | 'starting';
  readonly token: string;
  readonly status: ChatStatus | null;
  readonly wait: ShownWait | null;
  readonly lines: readonly Line[];
  readonly pending: readonly Pending[];
  readonly outbox: readonly LastingAct[];
  readonly agentTyping: boolean;
  /** Up to which line the agent has read. */
  readonly readUntil: number;
  readonly takes: FilesTaken | null;
  readonly mailing: Mailing | null;
  readonly uploads: readonly Upload[];
  readonly notice: Notice;
  /** Where a question that was left will be answered; empty while none was. */
  readonly asked: string;
}

export type Action =
  | { readonly type: 'opened' | 'minimised' | 'restarted' | 'typing_expired' }
  | { readonly type: 'question_taken'; readonly address: string }
  | { readonly type: 'link'; readonly link: LinkState }
  | { readonly type: 'act'; readonly act: LastingAct }
  | { readonly type: 'upload'; readonly upload: Upload }
  | { readonly type: 'discarded'; readonly id: string }
  | { readonly type: 'adopted'; readonly token: string }
  | { readonly type: 'resume_refused'; readonly code: string }
  | { readonly type: 'heard'; readonly message: ServerMessage; readonly at: number };

export const INITIAL: ChatState = {
  open: false,
  unread: 0,
  link: 'idle',
  phase: 'form',
  token: '',
  status: null,
  wait: null,
  lines: [],
  pending: [],
  outbox: [],
  agentTyping: false,
  readUntil: 0,
  takes: null,
  mailing: null,
  uploads: [],
  notice: '',
  asked: '',
};

export function reduce(state: ChatState, action: Action): ChatState {
  switch (action.type) {
    case 'opened':
      return { ...state, open: true, unread: 0 };
    case 'minimised':
      return { ...state, open: false };
    case 'link':
      return { ...state, link: action.link };
    case 'act':
      return withAct(state, action.act);
    case 'upload':
      return { ...state, uploads: uploadsWith(state, action.upload) };
    case 'discarded':
      return withoutUpload(withoutAct(state, action.id), action.id);
    case 'adopted':
      return { ...state, token: action.token, phase: 'starting', notice: '' };
    case 'resume_refused':
      return resumeRefused(state, action.code);
    case 'restarted':
      return { ...INITIAL, open: state.open };
    case 'question_taken':
      return { ...state, asked: action.address };
    case 'typing_expired':
      return { ...state, agentTyping: false };
    case 'heard':
      return heard(state, action.message, action.at);
  }
}

/** Over for good: nothing the visitor could still send would reach anyone. */
export function isOver(phase: ChatState['phase']): boolean {
  return phase === 'ended' || phase === 'message_taken';
}

/** What the visitor is asked and can answer now. */
export function asked(state: ChatState): Prompt | null {
  const prompt = state.phase === 'in_flow' ? state.status?.prompt : null;
  return prompt?.kind !== 'wait' ? (prompt ?? null) : null;
}

/** Whether an answer to what is asked now is on its way. */
export function isAnswering(state: ChatState): boolean {
  const turn = asked(state)?.turn;
  return state.outbox.some((act) => act.type === 'answer_prompt' && act.turn === turn);
}

function withAct(state: ChatState, act: LastingAct): ChatState {
  const outbox = [...state.outbox, act];
  switch (act.type) {
    case 'start_chat':
      return { ...state, outbox, phase: 'starting', notice: '' };
    case 'say_line':
      return { ...state, outbox, pending: [...state.pending, pendingOf(act.id, act.text)] };
    case 'answer_prompt':
      return { ...state, outbox, pending: withAnswer(state, act) };
    case 'leave_chat':
      return { ...state, outbox };
  }
}

function pendingOf(id: string, text: string): Pending {
  return { id, text, failed: '' };
}

/** Shown as the thread will show it: the button's words, and nothing of a secret. */
function withAnswer(state: ChatState, act: AnswerPrompt): readonly Pending[] {
  const id = answerId(act.turn);
  const others = state.pending.filter((one) => one.id !== id);
  if (state.lines.some((line) => line.id === id)) return others;
  const prompt = asked(state);
  const button = prompt?.buttons.find((one) => one.key === act.text);
  const text = prompt?.secret ? MASKED : (button?.text ?? act.text);
  return [...others, { ...pendingOf(id, text), answer: true }];
}

function withoutAct(state: ChatState, id: string): ChatState {
  return {
    ...state,
    outbox: state.outbox.filter((act) => act.id !== id),
    pending: state.pending.filter((pending) => pending.id !== id),
  };
}

function uploadsWith(state: ChatState, upload: Upload): readonly Upload[] {
  if (state.lines.some((line) => line.id === upload.id)) return state.uploads;
  const known = state.uploads.some((one) => one.id === upload.id);
  if (!known) return [...state.uploads, upload];
  return state.uploads.map((one) => (one.id === upload.id ? upload : one));
}

function withoutUpload(state: ChatState, id: string): ChatState {
  return { ...state, uploads: state.uploads.filter((one) => one.id !== id) };
}

function markFailed(state: ChatState, id: string, failed: Notice): ChatState {
  const pending = state.pending.map((one) => (one.id === id ? { ...one, failed } : one));
  return { ...state, pending };
}

function resumeRefused(state: ChatState, code: string): ChatState {
  const cleared = { ...state, token: '', outbox: [], pending: [], agentTyping: false, wait: null };
  if (state.lines.length > 0) return { ...cleared, phase: 'ended' };
  return { ...cleared, phase: 'form', notice: noticeOf(code) };
}

function heard(state: ChatState, message: ServerMessage, at: number): ChatState {
  switch (message.type) {
    case 'session':
      return withSession(state, message, at);
    case 'status_changed':
      return withStatus(state, message.status, at);
    case 'line_added':
      return withLine(state, message.line);
    case 'agent_typing':
      return { ...state, agentTyping: message.typing };
    case 'agent_read':
      return { ...state, readUntil: Math.max(state.readUntil, message.until) };
    case 'reply':
      return withReply(state, message);
    case 'pong':
      return state;
  }
}

type SessionMessage = Extract<ServerMessage, { type: 'session' }>;

function withSession(state: ChatState, session: SessionMessage, at: number): ChatState {
  const known = new Set(session.lines.map((line) => line.id));
  const base = {
    ...state,
    token: session.token,
    lines: session.lines,
    readUntil: session.readUntil,
    takes: session.takes,
    mailing: session.mailing,
    uploads: state.uploads.filter((one) => !known.has(one.id)),
    notice: '' as const,
    outbox: state.outbox.filter((act) => !known.has(act.id)),
    pending: state.pending.filter((pending) => !known.has(pending.id)),
    unread: state.open ? 0 : state.unread + newFromAgent(state.lines, session.lines),
  };
  return withStatus(base, session.status, at);
}

/** Only what came while this page was looking away counts as unread, not the whole history. */
function newFromAgent(before: readonly Line[], after: readonly Line[]): number {
  if (before.length === 0) return 0;
  const seen = new Set(before.map((line) => line.id));
  return after.filter((line) => line.author === 'agent' && !seen.has(line.id)).length;
}

function withStatus(state: ChatState, status: ChatStatus, at: number): ChatState {
  const changed = { ...state, status, phase: status.state, wait: nextWait(state.wait, status, at) };
  if (!isOver(status.state)) return changed;
  const unsent = state.pending.filter((one) => !one.answer);
  const pending = unsent.map((one) => ({ ...one, failed: 'other' as const }));
  return { ...changed, pending, outbox: [], agentTyping: false };
}

function withLine(state: ChatState, line: Line): ChatState {
  const known = state.lines.some((one) => one.id === line.id);
  const settled = withoutUpload(withoutAct(state, line.id), line.id);
  if (known) return settled;
  const fromAgent = line.author === 'agent';
  return {
    ...settled,
    lines: [...state.lines, line],
    agentTyping: fromAgent ? false : state.agentTyping,
    unread: state.open || line.author === 'customer' ? state.unread : state.unread + 1,
  };
}

function withReply(state: ChatState, reply: Reply): ChatState {
  const act = state.outbox.find((one) => one.id === reply.to);
  if (!act) return state;
  if (reply.ok) return accepted(state, act);
  if (isPassing(reply.code)) return state;
  if (act.type === 'start_chat') {
    return { ...withoutAct(state, act.id), phase: 'form', notice: noticeOf(reply.code) };
  }
  if (act.type === 'leave_chat') return withoutAct(state, act.id);
  if (act.type === 'answer_prompt') return answerRefused(state, act, reply.code);
  const failed = markFailed(state, act.id, noticeOf(reply.code));
  return { ...failed, outbox: failed.outbox.filter((one) => one.id !== act.id) };
}

/** One that came too late is not worth a word: what is asked now is on the screen. */
function answerRefused(state: ChatState, act: AnswerPrompt, code: string): ChatState {
  const gone = withoutAct(state, act.id);
  const id = answerId(act.turn);
  return code === 'late' ? withoutAct(gone, id) : markFailed(gone, id, noticeOf(code));
}

/** A message the server has taken stays "sending" until its line arrives; the rest is done. */
function accepted(state: ChatState, act: LastingAct): ChatState {
  return { ...state, outbox: state.outbox.filter((one) => one.id !== act.id) };
}

const PASSING: readonly string[] = [
  'overloaded',
  'too_fast',
  'journal_unavailable',
  'outcome_unknown',
];

/**
 * Refusals that pass by themselves, and what nobody can say yet: the act stays in the outbox and is
 * sent again with its id, which takes effect once.
 */
export function isPassing(code: string): boolean {
  return PASSING.includes(code);
}

function noticeOf(code: string): Notice {
  switch (code) {
    case 'unknown_chat':
      return 'lost';
    case 'too_many_chats':
      return 'busy';
    case 'too_many_tabs':
      return 'tabs';
    case 'too_many_lines':
      return 'long';
    case 'unknown_entry_point':
      return 'entry';
    default:
      return 'other';
  }
}
