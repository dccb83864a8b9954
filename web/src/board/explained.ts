/** A contact's explanation as sentences, in the order one would tell it. */
import { reachReason } from '../lib/reach';
import { formatDuration } from '../lib/time.svelte';
import type { Coming, CreditPart, Explanation, Standing } from './api';
import { board } from './texts';
import { conditionWords, contactStateWord, span } from './words';

export interface Telling {
  /** Milliseconds on the server's clock. */
  now: number;
  skillLabel: (skill: string) => string;
  queueLabel: (queue: string) => string;
  agentName: (agent: string) => string;
}

const NAMES = 12;

/** At most a dozen names, then how many more. */
export function listed(names: readonly string[], total = names.length): string {
  const shown = names.slice(0, NAMES).join(board.t('list.comma'));
  return total > Math.min(names.length, NAMES)
    ? board.t('list.more', { names: shown, count: total - Math.min(names.length, NAMES) })
    : shown;
}

/** Where it stands and why there. */
export function standing(why: Explanation, telling: Telling): string[] {
  const queue = telling.queueLabel(why.queue);
  const time = formatDuration(telling.now - why.queued_at / 1000);
  const { estimate } = why;
  const place = estimate
    ? board.t('explained.place', { position: estimate.position, queue, time })
    : board.t('explained.no_place', { state: contactStateWord(why.state), queue, time });
  return [place, estimateWords(why), creditWords(why.credit), aheadWords(why)].filter(Boolean);
}

function estimateWords({ estimate }: Explanation): string {
  if (!estimate || estimate.low === null || estimate.high === null) return '';
  return board.t('explained.estimate', { low: span(estimate.low), high: span(estimate.high) });
}

export function creditWords(parts: readonly CreditPart[]): string {
  const total = parts.reduce((sum, part) => sum + part.credit, 0);
  if (!total) return board.t('explained.no_credit');
  const words = parts.map((part) => `${sourceWords(part.source)} ${signed(part.credit)}`);
  return board.t('explained.credit', { credit: signed(total), parts: words.join(board.t('list.comma')) });
}

function signed(credit: number): string {
  return credit < 0 ? `−${span(-credit)}` : span(credit);
}

function sourceWords(source: string): string {
  const [kind, ...rest] = source.split(' ');
  const key = `credit.${kind ?? ''}`;
  return board.has(key) ? board.t(key, { name: rest.join(' ') }) : source;
}

function aheadWords({ ahead, estimate }: Explanation): string {
  if (!estimate) return '';
  if (!ahead.length) return board.t('explained.first');
  const names = ahead.map((one) => one.customer || board.t('unknown_customer'));
  return board.t('explained.ahead', { names: listed(names, estimate.position - 1) });
}

/** What it asks for and who could give it. */
export function demands(why: Explanation, { agentName, skillLabel }: Telling): string {
  const condition = conditionWords(why.asks_for, skillLabel);
  const asks = board.t('explained.asks_for', { condition, step: why.step, steps: why.steps });
  const able = board.t('explained.can_take', { count: why.can_take, signed_in: why.signed_in });
  const kept = why.kept_for.length
    ? board.t('explained.kept', { names: listed(why.kept_for.map(agentName)) })
    : '';
  return [asks, kept, able].filter(Boolean).join(' ');
}

/** Who could and who cannot, group by group. */
export function people(why: Explanation, { now, skillLabel }: Telling): string[] {
  const names = (standings: readonly Standing[]) => listed(standings.map((one) => one.name));
  const later = why.later.map((one) =>
    one.until
      ? board.t('explained.until', { name: one.name, time: formatDuration(one.until / 1000 - now) })
      : one.name,
  );
  const silent = why.unreachable.map(({ name, detail }) =>
    board.t('explained.unreachable_one', { name, reason: reachReason(detail) }),
  );
  const obstacles = why.obstacles.map(({ condition, count, agents }) =>
    board.t('explained.obstacle', {
      condition: conditionWords(condition, skillLabel),
      count,
      names: listed(agents, count),
    }),
  );
  return [
    why.free.length ? board.t('explained.free', { names: names(why.free) }) : '',
    why.busy.length ? board.t('explained.busy', { names: names(why.busy) }) : '',
    why.not_ready.length ? board.t('explained.not_ready', { names: names(why.not_ready) }) : '',
    silent.length ? board.t('explained.unreachable', { names: listed(silent) }) : '',
    later.length ? board.t('explained.later', { names: listed(later) }) : '',
    ...obstacles,
    why.other_queues ? board.t('explained.other_queues', { count: why.other_queues }) : '',
  ].filter(Boolean);
}

export function comingWords(coming: Coming, { now, skillLabel }: Telling): string {
  const values = {
    time: formatDuration(coming.at / 1000 - now),
    detail: conditionWords(coming.detail, skillLabel),
    count: coming.more,
  };
  const exact = `coming.${coming.what}.${coming.detail}`;
  if (board.has(exact)) return board.t(exact, values);
  const key = `coming.${coming.what}`;
  return board.has(key) ? board.t(key, values) : `${coming.what} ${values.time}`;
}
