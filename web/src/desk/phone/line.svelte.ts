/** The phone's line to the telephone system: kept up, and tried again while it is not. */
import type { IncomingCall, PhoneAccount, Telephone, World } from './port';
import { after, type Line, type LineEvent, LINES } from './states';
import { Timers } from './timers';

/** A line that is down for longer is worth a notice; milliseconds. */
export const PATIENCE = 5_000;
export const RETRY = 15_000;

export class PhoneLine {
  state = $state<Line>('off');
  /** Down for longer than a hiccup. */
  late = $state(false);

  private account: PhoneAccount | undefined;
  private telephone: Telephone | undefined;
  private readonly timers: Timers;

  constructor(
    private readonly world: World,
    private readonly invited: (call: IncomingCall) => void,
  ) {
    this.timers = new Timers(world);
  }

  start(): () => void {
    this.move('start');
    void this.open();
    return () => this.stop();
  }

  /** Another tab of this browser is the phone. */
  taken(): void {
    this.move('taken');
  }

  /** The network changed, the machine woke up, or the person asks for it. */
  check(): void {
    if (this.state === 'off' || this.state === 'elsewhere') return;
    if (this.telephone) this.telephone.check();
    else void this.open();
  }

  private async open(): Promise<void> {
    this.timers.clear('retry');
    try {
      this.account ??= await this.world.account();
    } catch {
      this.timers.set('retry', RETRY, () => void this.open());
      return;
    }
    if (this.state === 'off' || this.telephone) return;
    this.telephone = this.world.connect(this.account, {
      registered: () => this.move('registered'),
      refused: () => this.move('refused'),
      lost: () => this.move('lost'),
      invited: this.invited,
    });
  }

  private stop(): void {
    this.telephone?.stop();
    this.telephone = undefined;
    this.move('stop');
  }

  private move(event: LineEvent): void {
    const next = after(LINES, this.state, event);
    if (!next) return;
    this.state = next;
    this.timers.clear('late');
    this.timers.clear('retry');
    this.late = next === 'failed';
    if (next === 'connecting') this.timers.set('late', PATIENCE, () => (this.late = true));
    // A phone that is refused is tried anew: an administrator may be about to set it up.
    if (next === 'failed') this.tryAgain();
  }

  private tryAgain(): void {
    this.timers.set('retry', RETRY, () => {
      this.check();
      this.tryAgain();
    });
  }
}
