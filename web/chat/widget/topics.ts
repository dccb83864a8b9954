/** What the start form offers to choose from: `GET /api/v1/chat/entry-points`. */

export interface Topic {
  readonly id: string;
  readonly label: string;
}

const MAX_TOPICS = 50;

/** The topics of one entry point in the service's answer; none when there is nothing to choose. */
export function readTopics(answer: unknown, entryPoint: string): Topic[] {
  const points = listIn(answer, 'entry_points');
  const point = points.find((one) => fieldOf(one, 'id') === entryPoint);
  const choices = listIn(point, 'choices');
  return choices.map(topicOf).filter((one): one is Topic => one !== null).slice(0, MAX_TOPICS);
}

function topicOf(value: unknown): Topic | null {
  if (typeof value === 'string') return value ? { id: value, label: value } : null;
  const id = fieldOf(value, 'id');
  const label = fieldOf(value, 'label');
  if (typeof id !== 'string' || !id) return null;
  return { id, label: typeof label === 'string' && label ? label : id };
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

/** A form without topics still works, so a failure here is not worth the visitor's attention. */
export async function fetchTopics(origin: string, entryPoint: string): Promise<Topic[]> {
  try {
    const response = await fetch(`${origin}/api/v1/chat/entry-points`, { credentials: 'omit' });
    return response.ok ? readTopics(await response.json(), entryPoint) : [];
  } catch {
    return [];
  }
}
