import type { World } from './port';

/** Timers by name: one of a name at a time. */
export class Timers {
  private readonly cancels = new Map<string, () => void>();

  constructor(private readonly world: Pick<World, 'later'>) {}

  set(name: string, milliseconds: number, run: () => void): void {
    this.clear(name);
    this.cancels.set(name, this.world.later(run, milliseconds));
  }

  clear(name: string): void {
    this.cancels.get(name)?.();
    this.cancels.delete(name);
  }
}
