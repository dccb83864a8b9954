/** Why a queue stands as it stands, and what would help. Words come from the catalogue. */
import { formatDateTime } from '../lib/i18n.svelte';
import type { Reason } from '../lib/protocol';
import { formatDuration } from '../lib/time.svelte';
import { board } from './texts';
import { conditionWords, plain, share, span } from './words';

export interface Wording {
  /** Milliseconds on the server's clock. */
  now: number;
  skillLabel: (skill: string) => string;
}

const text = (reason: Reason, name: string) => String(reason.values[name] ?? '');
const figure = (reason: Reason, name: string) => Number(reason.values[name] ?? 0);
const percent = (reason: Reason, name: string) => share(figure(reason, name) / 100);

/** The reason as one sentence. */
export function reasonSentence(reason: Reason, { now, skillLabel }: Wording): string {
  const asks_for = conditionWords(text(reason, 'asks_for'), skillLabel);
  const since = formatDuration(now - figure(reason, 'since') / 1000);
  switch (reason.code) {
    case 'closed':
      return closed(figure(reason, 'reopens_at'));
    case 'nobody_signed_in':
      return board.t('reason.nobody_signed_in', { asks_for });
    case 'all_on_break':
      return board.t('reason.all_on_break', { count: figure(reason, 'agents'), asks_for });
    case 'nobody_reachable':
      return board.t('reason.nobody_reachable', {
        count: figure(reason, 'of'),
        unreachable: figure(reason, 'unreachable'),
        asks_for,
      });
    case 'nobody_free':
      return board.t(figure(reason, 'unreachable') ? 'reason.nobody_free_or_reachable' : 'reason.nobody_free', {
        of: figure(reason, 'of'),
        busy: figure(reason, 'busy'),
        wrapping: figure(reason, 'wrapping'),
        not_ready: figure(reason, 'not_ready'),
        unreachable: figure(reason, 'unreachable'),
        asks_for,
      });
    case 'step_widens_in':
      return board.t('reason.step_widens_in', {
        count: figure(reason, 'more'),
        time: formatDuration(figure(reason, 'at') / 1000 - now),
        step: figure(reason, 'step'),
        asks_for,
      });
    case 'lendable':
      return lendable(reason, skillLabel);
    case 'longest_waits':
      return longest(reason, since);
    case 'late':
      return late(reason, since);
    case 'below_target':
      return board.t(
        text(reason, 'span') === 'today' ? 'reason.below_target_today' : 'reason.below_target_now',
        {
          service: percent(reason, 'service_percent'),
          target: percent(reason, 'target_percent'),
        },
      );
    default:
      return board.t('reason.other', { code: plain(reason.code) });
  }
}

function late(reason: Reason, since: string): string {
  const values = { time: since, within: span(figure(reason, 'within')) };
  const hours = text(reason, 'hours');
  return hours ? board.t('reason.late_hours', { ...values, hours }) : board.t('reason.late', values);
}

function closed(reopensAt: number): string {
  if (!reopensAt) return board.t('reason.closed');
  const time = formatDateTime(reopensAt, { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return board.t('reason.closed_until', { time });
}

function lendable(reason: Reason, skillLabel: (skill: string) => string): string {
  const has = figure(reason, 'has');
  return board.t(has ? 'reason.lendable' : 'reason.lendable_none', {
    name: text(reason, 'name'),
    skill: skillLabel(text(reason, 'skill')),
    has,
    needs: figure(reason, 'needs'),
  });
}

function longest(reason: Reason, time: string): string {
  const credit = figure(reason, 'credit');
  const customer = text(reason, 'customer') || board.t('unknown_customer');
  if (!credit) return board.t('reason.longest_waits', { customer, time });
  return board.t('reason.longest_credit', { customer, time, credit: span(credit) });
}

/** What a supervisor can do about a reason, on the spot. */
export type Remedy =
  | { kind: 'lend'; agent: string; name: string; skill: string; has: number; needs: number }
  | { kind: 'show'; contact: string };

export function remedy(reason: Reason): Remedy | undefined {
  if (reason.code === 'lendable') {
    return {
      kind: 'lend',
      agent: text(reason, 'agent'),
      name: text(reason, 'name'),
      skill: text(reason, 'skill'),
      has: figure(reason, 'has'),
      needs: figure(reason, 'needs'),
    };
  }
  const contact = reason.code === 'longest_waits' ? text(reason, 'contact') : '';
  return contact ? { kind: 'show', contact } : undefined;
}
