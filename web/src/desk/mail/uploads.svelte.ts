/** Files on their way to the server, each with its progress; what is there leaves the list. */
import { newId } from '../../lib/identifiers';
import { keepFile } from './api';
import { failureOf } from './failures';
import type { Enclosed } from './protocol';

const LONGEST_NAME = 120;
const LONGEST_TYPE = 100;

export interface Upload {
  id: string;
  name: string;
  size: number;
  /** The part that is there, 0 to 1. */
  part: number;
  /** Why it stopped; empty while it goes. */
  problem: string;
}

/** A name the server takes, its end kept: it says what the file is. */
export function shortName(name: string): string {
  if (name.length <= LONGEST_NAME) return name || 'file';
  const end = /\.\w{1,10}$/.exec(name)?.[0] ?? '';
  return name.slice(0, LONGEST_NAME - end.length) + end;
}

export class Uploads {
  list = $state.raw<Upload[]>([]);
  private readonly files = new Map<string, { file: File; stop: AbortController }>();

  constructor(
    private readonly done: (file: Enclosed) => void,
    private readonly live: () => boolean,
  ) {}

  add(file: File): void {
    const id = newId();
    this.files.set(id, { file, stop: new AbortController() });
    const upload = { id, name: shortName(file.name), size: file.size, part: 0, problem: '' };
    this.list = [...this.list, upload];
    void this.send(id);
  }

  retry(id: string): void {
    const known = this.files.get(id);
    if (!known) return;
    this.files.set(id, { ...known, stop: new AbortController() });
    this.change(id, { part: 0, problem: '' });
    void this.send(id);
  }

  remove(id: string): void {
    const known = this.files.get(id);
    this.files.delete(id);
    this.list = this.list.filter((one) => one.id !== id);
    known?.stop.abort();
  }

  stop(): void {
    for (const { id } of this.list) this.remove(id);
  }

  /** The line is back: what it cut off goes again. */
  resume(): void {
    for (const { id, problem } of this.list) if (problem && this.live()) this.retry(id);
  }

  private async send(id: string): Promise<void> {
    const known = this.files.get(id);
    if (!known) return;
    const { file, stop } = known;
    try {
      const kept = await keepFile(file, (part) => this.change(id, { part }), stop.signal);
      if (this.files.get(id)?.stop !== stop) return;
      this.remove(id);
      const type = file.type.slice(0, LONGEST_TYPE) || 'application/octet-stream';
      this.done({ ...kept, name: shortName(file.name), content_type: type });
    } catch (error) {
      if (this.files.get(id)?.stop === stop) this.change(id, { problem: failureOf(error, 'send').text });
    }
  }

  private change(id: string, changes: Partial<Upload>): void {
    this.list = this.list.map((one) => (one.id === id ? { ...one, ...changes } : one));
  }
}
