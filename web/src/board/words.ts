/** Codes and figures in the words of the supervisor's language. */
import { formatDateTime, formatNumber } from '../lib/i18n.svelte';
import type { QueueRow } from '../lib/protocol';
import { formatDuration } from '../lib/time.svelte';
import { board } from './texts';

/** A code as words when nobody wrote words for it: `data_centre` becomes "data centre". */
export function plain(code: string): string {
  return code.replaceAll('_', ' ');
}

function word(prefix: string, code: string): string {
  const key = `${prefix}.${code}`;
  return board.has(key) ? board.t(key) : plain(code);
}

export const statusWord = (status: string) => word('status', status);
export const doingWord = (doing: string) => word('state', doing);
export const reasonName = (reason: string) => word('reason_name', reason);
export const contactStateWord = (state: string) => word('contact_state', state);
export const channelWord = (channel: string) => word('channel', channel);

/** A state with its reason: "Break" says more than "Not ready". */
export function stateWords(state: string, reason: string): string {
  return state === 'not_ready' && reason ? reasonName(reason) : doingWord(state);
}

export function share(value: number | null): string {
  if (value === null) return board.t('none');
  return formatNumber(value, { style: 'percent', maximumFractionDigits: value < 0.1 ? 1 : 0 });
}

/** Microseconds as `m:ss`; nothing known is a dash. */
export function span(micros: number | null): string {
  return micros === null ? board.t('none') : formatDuration(micros / 1000);
}

/** The time in which contacts are to be answered, and in which hours it runs. */
export function goalOf({ service_within, objective_hours }: QueueRow): string {
  const time = span(service_within);
  return objective_hours
    ? board.t('within_hours', { time, hours: objective_hours })
    : board.t('within', { time });
}

/** A moment as hh:mm:ss; boards count the day's hours through. */
export function clockTime(micros: number): string {
  const two = '2-digit';
  return formatDateTime(micros, { hour: two, minute: two, second: two, hourCycle: 'h23' });
}

/** What people call a customer; empty when nothing is known. */
export const customerName = (called: string) => called || board.t('unknown_customer');

const WORDS = /(?<![\w-])(and|or|not|anyone|nobody)(?![\w-])/g;

/** `es >= 3 and team = billing` as "Spanish ≥ 3 and team billing", in the page's language. */
export function conditionWords(text: string, skillLabel: (skill: string) => string): string {
  return text
    .replace(WORDS, (code) => word('condition', code))
    .replace(/([^\s()]+) >= (\d+)/g, (_, skill: string, level: string) => `${skillLabel(skill)} ≥ ${level}`)
    .replace(/(?<![\w-])(team|site) = /g, (_, code: string) => `${word('condition', code)} `);
}
