/** How long a chat's customer may go unanswered before it should be, and must be: microseconds. */
export interface Patience {
  soon: number;
  late: number;
}

export const PATIENCE: Patience = { soon: 30_000_000, late: 60_000_000 };
