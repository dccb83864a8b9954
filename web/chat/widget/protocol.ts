/**
 * The visitor's websocket `/ws/chat`, as `cti_adapters/webchat/messages.py` defines it.
 * Times are microseconds UTC, waits microseconds. What arrives is checked before it is used.
 */

export const MAX_TEXT = 2_000;
export const MAX_NAME = 80;
export const MAX_ADDRESS = 254;
const MAX_LINES = 5_000;
const MAX_BUTTONS = 100;

export type Phase = 'in_flow' | 'waiting' | 'talking' | 'ended' | 'message_taken';
export type Author = 'customer' | 'agent' | 'system';

export interface Line {
  readonly id: string;
  readonly author: Author;
  readonly text: string;
  readonly at: number;
  readonly name: string;
  readonly files?: readonly SentFile[];
}

export interface SentFile {
  readonly id: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
}

/** What files may be sent. */
export interface FilesTaken {
  readonly types: readonly string[];
  readonly size: number;
}

/** Where the transcript is mailed: `fixed` to `address`, else where the visitor says. */
export interface Mailing {
  readonly address: string;
  readonly fixed: boolean;
}

export interface Button {
  readonly key: string;
  readonly text: string;
}

/** What the flow asks now; `wait`: nothing, it is looking something up. */
export interface Prompt {
  readonly turn: number;
  readonly kind: 'choice' | 'text' | 'wait';
  readonly buttons: readonly Button[];
  readonly digits: boolean;
  readonly longest: number;
  readonly secret: boolean;
}

export interface ChatStatus {
  readonly state: Phase;
  readonly position: number;
  readonly waitLow: number | null;
  readonly waitHigh: number | null;
  readonly agentName: string;
  readonly text: string;
  readonly prompt?: Prompt;
}

export interface Reply {
  readonly type: 'reply';
  readonly n: number;
  readonly to: string;
  readonly ok: boolean;
  readonly code: string;
  readonly reason: string;
}

export type ServerMessage =
  | {
      readonly type: 'session';
      readonly n: number;
      readonly token: string;
      readonly at: number;
      readonly status: ChatStatus;
      readonly lines: readonly Line[];
      readonly readUntil: number;
      readonly takes: FilesTaken | null;
      readonly mailing: Mailing | null;
    }
  | { readonly type: 'status_changed'; readonly n: number; readonly status: ChatStatus }
  | { readonly type: 'line_added'; readonly n: number; readonly line: Line }
  | { readonly type: 'agent_typing'; readonly n: number; readonly typing: boolean }
  | { readonly type: 'agent_read'; readonly n: number; readonly until: number }
  | Reply
  | { readonly type: 'pong'; readonly n: number };

export interface StartChat {
  readonly type: 'start_chat';
  readonly id: string;
  readonly entry_point: string;
  readonly name: string;
  readonly text: string;
  readonly choice: string;
  readonly address: string;
  readonly language: string;
  /** Signed by the site: who the visitor is there. */
  readonly visitor: string;
}

export interface SayLine {
  readonly type: 'say_line';
  readonly id: string;
  readonly text: string;
}

export interface AnswerPrompt {
  readonly type: 'answer_prompt';
  readonly id: string;
  readonly turn: number;
  readonly text: string;
}

export interface LeaveChat {
  readonly type: 'leave_chat';
  readonly id: string;
}

/** Acts that must not get lost: they wait in the outbox until the server has answered. */
export type LastingAct = StartChat | SayLine | AnswerPrompt | LeaveChat;

export type VisitorAct =
  | LastingAct
  | { readonly type: 'resume_chat'; readonly id: string; readonly token: string }
  | { readonly type: 'visitor_seen'; readonly id: string; readonly received: number; readonly read: number }
  | { readonly type: 'visitor_page'; readonly id: string; readonly url: string; readonly title: string }
  | { readonly type: 'visitor_typing'; readonly id: string; readonly typing: boolean }
  | { readonly type: 'ping'; readonly id: string };

type Raw = Record<string, unknown>;

const PHASES: readonly string[] = ['in_flow', 'waiting', 'talking', 'ended', 'message_taken'];
const AUTHORS: readonly string[] = ['customer', 'agent', 'system'];

function isRaw(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function numberOf(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

function waitOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? Math.max(0, value) : null;
}

function lineOf(value: unknown): Line | null {
  if (!isRaw(value) || typeof value['id'] !== 'string') return null;
  const author = textOf(value['author']);
  if (!AUTHORS.includes(author)) return null;
  const files = listOf(value['files']).map(fileOf).filter((one): one is SentFile => one !== null);
  return {
    ...(files.length && { files }),
    id: value['id'],
    author: author as Author,
    text: textOf(value['text']),
    at: numberOf(value['at']),
    name: textOf(value['name']),
  };
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? (value as unknown[]).slice(0, MAX_BUTTONS) : [];
}

function fileOf(value: unknown): SentFile | null {
  if (!isRaw(value) || !/^[0-9a-f]{64}$/.test(textOf(value['id']))) return null;
  const { id, name, content_type, size } = value;
  return { id: textOf(id), name: textOf(name), type: textOf(content_type), size: numberOf(size) };
}

function takesOf(value: unknown): FilesTaken | null {
  if (!isRaw(value)) return null;
  return { types: listOf(value['types']).map(textOf), size: numberOf(value['size']) };
}

function mailingOf(value: unknown): Mailing | null {
  return isRaw(value) ? { address: textOf(value['address']), fixed: value['fixed'] === true } : null;
}

function buttonOf(value: unknown): Button | null {
  if (!isRaw(value) || typeof value['key'] !== 'string' || !value['key']) return null;
  return { key: value['key'], text: textOf(value['text']) || value['key'] };
}

function promptOf(value: unknown): Prompt | null {
  if (!isRaw(value) || typeof value['turn'] !== 'number') return null;
  const kind = value['kind'];
  if (kind !== 'choice' && kind !== 'text' && kind !== 'wait') return null;
  const buttons = Array.isArray(value['buttons']) ? value['buttons'].slice(0, MAX_BUTTONS) : [];
  const longest = numberOf(value['longest']);
  return {
    turn: value['turn'],
    kind,
    buttons: buttons.map(buttonOf).filter((one): one is Button => one !== null),
    digits: value['digits'] === true,
    longest: longest >= 1 ? Math.min(longest, MAX_TEXT) : MAX_TEXT,
    secret: value['secret'] === true,
  };
}

function statusOf(value: unknown): ChatStatus | null {
  if (!isRaw(value)) return null;
  const state = textOf(value['state']);
  if (!PHASES.includes(state)) return null;
  const prompt = promptOf(value['prompt']);
  return {
    state: state as Phase,
    position: Math.max(0, numberOf(value['position'])),
    waitLow: waitOf(value['wait_low']),
    waitHigh: waitOf(value['wait_high']),
    agentName: textOf(value['agent_name']),
    text: textOf(value['text']),
    ...(prompt && { prompt }),
  };
}

function sessionOf(raw: Raw, n: number): ServerMessage | null {
  const status = statusOf(raw['status']);
  const token = textOf(raw['token']);
  if (!status || !token || !Array.isArray(raw['lines'])) return null;
  const lines = raw['lines'].slice(-MAX_LINES).map(lineOf);
  const known = lines.filter((line): line is Line => line !== null);
  const at = numberOf(raw['at']);
  const readUntil = numberOf(raw['read_until']);
  const takes = takesOf(raw['takes']);
  const mailing = mailingOf(raw['mailing']);
  return { type: 'session', n, token, at, status, lines: known, readUntil, takes, mailing };
}

/** The message in `raw`, or null when it is not one we know. */
export function readMessage(raw: unknown): ServerMessage | null {
  if (!isRaw(raw)) return null;
  const n = numberOf(raw['n']);
  switch (raw['type']) {
    case 'session':
      return sessionOf(raw, n);
    case 'status_changed': {
      const status = statusOf(raw['status']);
      return status && { type: 'status_changed', n, status };
    }
    case 'line_added': {
      const line = lineOf(raw['line']);
      return line && { type: 'line_added', n, line };
    }
    case 'agent_read':
      return { type: 'agent_read', n, until: numberOf(raw['until']) };
    case 'agent_typing':
      return { type: 'agent_typing', n, typing: raw['typing'] === true };
    case 'reply':
      return {
        type: 'reply',
        n,
        to: textOf(raw['to']),
        ok: raw['ok'] === true,
        code: textOf(raw['code']),
        reason: textOf(raw['reason']),
      };
    case 'pong':
      return { type: 'pong', n };
    default:
      return null;
  }
}

/** What flows say and are answered has ids of its own. */
const FLOW = 'flow/';

/** Under which id the thread has the answer to a turn. */
export function answerId(turn: number): string {
  return `${FLOW}${turn}/answer`;
}

/** What a flow says is to be answered, so it looks like somebody speaking. */
export function isAsked(line: Line): boolean {
  return line.author === 'system' && line.id.startsWith(FLOW);
}

/** Characters as the server counts them: code points, not UTF-16 units. */
export function lengthOf(text: string): number {
  return [...text].length;
}
