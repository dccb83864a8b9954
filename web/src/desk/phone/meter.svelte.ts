/** Looks at a call's counters now and then, and says how it sounds. */
import type { IncomingCall, World } from './port';
import { judge, kept, LOOK_EVERY, type Quality } from './quality';
import type { Reading } from './reading';

export class Meter {
  quality = $state.raw<Quality>();

  private readings: Reading[] = [];
  private cancel: (() => void) | undefined;
  private call: IncomingCall | undefined;

  constructor(private readonly world: Pick<World, 'later'>) {}

  start(call: IncomingCall): void {
    this.stop();
    this.call = call;
    void this.look(call);
  }

  stop(): void {
    this.cancel?.();
    this.call = undefined;
    this.readings = [];
    this.quality = undefined;
  }

  private async look(call: IncomingCall): Promise<void> {
    const reading = await call.read();
    if (this.call !== call) return;
    if (reading) this.readings = kept([...this.readings, reading]);
    this.quality = judge(this.readings);
    this.cancel = this.world.later(() => void this.look(call), LOOK_EVERY);
  }
}
