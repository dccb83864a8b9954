/** Something asked for again and again while it is on the page. */
import { sentence } from '../lib/api';

export class Polled<Value> {
  value = $state.raw<Value | undefined>();
  /** One sentence when the last attempt failed; what was known before stays. */
  problem = $state('');

  private current = 0;

  constructor(private readonly everyMillis: number) {}

  /** Ask now and then every few seconds; returns how to stop. What was known is forgotten. */
  follow(ask: () => Promise<Value>): () => void {
    this.value = undefined;
    this.problem = '';
    const turn = ++this.current;
    let timer: number | undefined;
    const again = async () => {
      await this.once(ask, turn);
      if (turn === this.current) timer = window.setTimeout(() => void again(), this.everyMillis);
    };
    void again();
    return () => {
      if (turn === this.current) this.current += 1;
      clearTimeout(timer);
    };
  }

  private async once(ask: () => Promise<Value>, turn: number): Promise<void> {
    try {
      const value = await ask();
      if (turn !== this.current) return;
      this.value = value;
      this.problem = '';
    } catch (error) {
      if (turn === this.current) this.problem = sentence(error);
    }
  }
}
