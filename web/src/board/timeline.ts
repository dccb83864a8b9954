/** What happened to a contact, worded line by line. */
import { formatDuration } from '../lib/time.svelte';
import type { TimelineLine } from './api';
import type { Telling } from './explained';
import { board } from './texts';
import { channelWord, conditionWords, plain, span } from './words';

const text = (line: TimelineLine, name: string) => String(line.values[name] ?? '');
const figure = (line: TimelineLine, name: string) => Number(line.values[name] ?? 0);

/** The line in words: the text for its code and reason, else for its code, else the bare code. */
export function lineWords(line: TimelineLine, telling: Telling): string {
  const values = {
    name: text(line, 'agent_name') || telling.agentName(text(line, 'agent')),
    queue: text(line, 'queue_label') || telling.queueLabel(text(line, 'queue')),
    customer: text(line, 'customer_name'),
    channel: channelWord(text(line, 'channel')),
    asks_for: conditionWords(text(line, 'asks_for') || 'anyone', telling.skillLabel),
    credit: credit(line),
    amount: span(figure(line, 'credit')),
    time: span(figure(line, 'waited')),
    step: figure(line, 'step'),
    path: text(line, 'path'),
    why: whyAgent(line),
  };
  const why = text(line, 'reason') || text(line, 'ended_by') || text(line, 'cause') || text(line, 'mode');
  const keys = [`timeline.${line.code}.${why}`, unnamed(line), `timeline.${line.code}`];
  const key = keys.find((one) => board.has(one));
  return key && board.has(key) ? board.t(key, values) : plain(line.code);
}

/** Who did it, when it was a person; that a call came by telephone needs no saying. */
export function doer(line: TimelineLine, { agentName }: Telling): string {
  return line.by && !board.has(`channel.${line.by}`) ? agentName(line.by) : '';
}

function unnamed(line: TimelineLine): string {
  const nobody = line.code === 'customer_identified' && !text(line, 'customer_name');
  return nobody ? 'timeline.customer_unknown' : '';
}

function credit(line: TimelineLine): string {
  const total = figure(line, 'credit');
  return total ? board.t('timeline.credit', { time: span(total) }) : '';
}

/** Why this agent: how they were chosen and out of how many. */
function whyAgent(line: TimelineLine): string {
  const reason = text(line, 'reason');
  if (reason !== 'strategy') {
    const key = `why.${reason}`;
    return board.has(key) ? board.t(key) : plain(reason);
  }
  const key = `strategy.${text(line, 'strategy')}`;
  const idle = formatDuration(figure(line, 'idle_for') / 1000);
  const how = board.has(key) ? board.t(key, { idle }) : plain(text(line, 'strategy'));
  const count = figure(line, 'free_agents');
  if (count > 1) return board.t('why.among', { how, count });
  return board.t(count === 1 ? 'why.alone' : 'why.strategy', { how });
}
