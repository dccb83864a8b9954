/** What a softphone can be doing, as two tables: its line to the telephone system, and its call. */

/** `elsewhere`: another tab of this browser is the phone. */
export type Line = 'off' | 'elsewhere' | 'connecting' | 'registered' | 'failed';
export type LineEvent = 'start' | 'taken' | 'registered' | 'refused' | 'lost' | 'stop';

export type Call = 'none' | 'ringing' | 'answering' | 'talking';
/** `unheard`: there was no microphone to answer with. */
export type CallEvent = 'invited' | 'answer' | 'unheard' | 'connected' | 'ended';

type Table<State extends string, Event extends string> = Record<
  State,
  Partial<Record<Event, State>>
>;

export const LINES: Table<Line, LineEvent> = {
  off: { start: 'connecting', taken: 'elsewhere' },
  elsewhere: { start: 'connecting', stop: 'off' },
  connecting: { registered: 'registered', refused: 'failed', stop: 'off' },
  registered: { lost: 'connecting', refused: 'failed', stop: 'off' },
  failed: { start: 'connecting', registered: 'registered', stop: 'off' },
};

export const CALLS: Table<Call, CallEvent> = {
  none: { invited: 'ringing' },
  ringing: { answer: 'answering', ended: 'none' },
  answering: { unheard: 'ringing', connected: 'talking', ended: 'none' },
  talking: { ended: 'none' },
};

/** The state after an event; undefined for an event that means nothing in this state. */
export function after<State extends string, Event extends string>(
  table: Table<State, Event>,
  state: State,
  event: Event,
): State | undefined {
  return table[state][event];
}

export type Shown = Line | Exclude<Call, 'none'> | 'held';

/** The one word for all of it: a call says more than the line it came by. */
export function shown(line: Line, call: Call, held: boolean): Shown {
  if (call === 'none') return line;
  return call === 'talking' && held ? 'held' : call;
}
