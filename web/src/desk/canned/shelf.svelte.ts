/** The canned replies of the catalog in force, asked for when somebody is about to write. */
import { api } from '../../lib/api';
import type { CannedReplies } from '../../lib/protocol';

const NONE: CannedReplies = { version: 0, agent_name: '', replies: [] };
const AGAIN_AFTER = 10_000;

export class Shelf {
  held = $state.raw<CannedReplies>(NONE);
  /** The version of the catalog that was asked for last. */
  private asked = -1;
  private again = Infinity;

  constructor(
    private readonly fetch: () => Promise<CannedReplies> = () => api<CannedReplies>('/desk/replies'),
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Makes sure that those of this version are here or on their way. */
  async want(version: number): Promise<void> {
    if (version === this.asked && this.now() < this.again) return;
    this.asked = version;
    this.again = Infinity;
    try {
      const found = await this.fetch();
      if (this.asked === version) this.held = found;
    } catch {
      // One can write without them. The next time they are wanted they are asked for again.
      if (this.asked === version) this.again = this.now() + AGAIN_AFTER;
    }
  }
}

export const shelf = new Shelf();
