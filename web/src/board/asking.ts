/** Acts that need a choice first. */
import type { AgentRow } from '../lib/protocol';

/** A contact as the dialogs name it. */
export interface About {
  contact: string;
  customer: string;
  queue: string;
}

export type Asking =
  | { kind: 'reprioritise'; about: About; boost: number }
  | { kind: 'reassign' | 'pull'; about: About }
  | { kind: 'move'; about: About }
  | { kind: 'lend'; agent: AgentRow }
  | { kind: 'sign_out'; agent: AgentRow };
