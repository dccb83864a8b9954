/** Undo and redo over values that never change. */

export interface History<Value> {
  past: readonly Value[];
  present: Value;
  future: readonly Value[];
  /** What the last change was about: the next one about the same is undone together with it. */
  about: string;
}

const MOST = 200;

export function began<Value>(present: Value): History<Value> {
  return { past: [], present, future: [], about: '' };
}

/** `about` joins changes, e.g. the letters typed into one field; empty joins nothing. */
export function did<Value>(history: History<Value>, next: Value, about = ''): History<Value> {
  if (next === history.present) return history;
  const joined = about !== '' && about === history.about;
  const past = joined ? history.past : [...history.past, history.present].slice(-MOST);
  return { past, present: next, future: [], about };
}

/** From here on a change stands for itself. */
export function settled<Value>(history: History<Value>): History<Value> {
  return history.about === '' ? history : { ...history, about: '' };
}

export function undone<Value>(history: History<Value>): History<Value> {
  const present = history.past.at(-1);
  if (present === undefined) return history;
  return { past: history.past.slice(0, -1), present, future: [history.present, ...history.future], about: '' };
}

export function redone<Value>(history: History<Value>): History<Value> {
  const [present, ...future] = history.future;
  if (present === undefined) return history;
  return { past: [...history.past, history.present], present, future, about: '' };
}
