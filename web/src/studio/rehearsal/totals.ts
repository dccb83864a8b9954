/** How many contacts of the past go where, with the draft and with what is in force. */
import type { Rehearsed, Where } from './api';

export interface Total {
  key: string;
  where: Where;
  after: number;
  before: number;
}

const keyOf = ({ ends, at }: Where) => (ends === 'hang_up' || ends === 'left' ? ends : `${ends} ${at}`);

/** The most first. */
export function totals(contacts: readonly Rehearsed[]): Total[] {
  const found = new Map<string, Total>();
  const count = (where: Where | null, of: 'after' | 'before') => {
    if (!where) return;
    const key = keyOf(where);
    const total = found.get(key) ?? { key, where, after: 0, before: 0 };
    total[of] += 1;
    found.set(key, total);
  };
  for (const { after, before } of contacts) {
    count(after, 'after');
    count(before, 'before');
  }
  return [...found.values()].sort((one, other) => other.after - one.after || other.before - one.before);
}

export const elsewhere = (contacts: readonly Rehearsed[]) => contacts.filter((one) => one.elsewhere);

/** What differs beside where it goes. */
export function given({ gives, asks_for, boost, language, preferred }: Where): string[] {
  return [
    ...Object.entries(gives).map(([name, value]) => `${name}: ${value}`),
    ...asks_for.filter(Boolean),
    ...(boost ? [`${boost > 0 ? '+' : ''}${Math.round(boost / 1_000_000)} s`] : []),
    ...(language ? [language] : []),
    ...preferred,
  ];
}
