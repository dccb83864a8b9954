/** What the start form offers, and whether anybody is there: `GET /api/v1/chat/entry-points`. */

export interface Topic {
  readonly id: string;
  readonly label: string;
  /** Somebody can chat about it now. */
  readonly open: boolean;
}

export interface Entry {
  readonly topics: readonly Topic[];
  readonly open: boolean;
}

export const ANY: Entry = { topics: [], open: true };
const MAX_TOPICS = 50;

/** One entry point of the service's answer; no topics when there is nothing to choose. */
export function readEntry(answer: unknown, entryPoint: string): Entry {
  const points = listIn(answer, 'entry_points');
  const point = points.find((one) => fieldOf(one, 'id') === entryPoint);
  const choices = listIn(point, 'choices').map(topicOf);
  return {
    topics: choices.filter((one): one is Topic => one !== null).slice(0, MAX_TOPICS),
    open: fieldOf(point, 'open') !== false,
  };
}

/** Whether somebody can chat about `topic` now; while none is chosen, about anything. */
export function isOpen({ topics, open }: Entry, topic: string): boolean {
  if (!topics.length) return open;
  const chosen = topics.find((one) => one.id === topic);
  return chosen ? chosen.open : topics.some((one) => one.open);
}

function topicOf(value: unknown): Topic | null {
  if (typeof value === 'string') return value ? { id: value, label: value, open: true } : null;
  const id = fieldOf(value, 'id');
  const label = fieldOf(value, 'label');
  if (typeof id !== 'string' || !id) return null;
  const open = fieldOf(value, 'open') !== false;
  return { id, label: typeof label === 'string' && label ? label : id, open };
}

function listIn(value: unknown, name: string): unknown[] {
  const list = Array.isArray(value) ? value : fieldOf(value, name);
  return Array.isArray(list) ? (list as unknown[]) : [];
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)[name]
    : undefined;
}

/** A form without topics still works, so a failure here (null) is not worth anybody's attention. */
export async function fetchEntry(url: string, entryPoint: string): Promise<Entry | null> {
  try {
    const response = await fetch(`${url}/entry-points`, { credentials: 'omit' });
    return response.ok ? readEntry(await response.json(), entryPoint) : null;
  } catch {
    return null;
  }
}
