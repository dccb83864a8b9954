/** Why nothing is offered to an agent on some channels, in the page's language. */
import { common } from './common';

export interface OutOfReach {
  channel: string;
  /** "Phone not registered" */
  reason: string;
  /** "no calls" */
  lack: string;
}

/** The service's reasons are plain words of the channel; those we know are told in our own. */
export function reachReason(reason: string): string {
  const key = `reach.reason.${reason.replaceAll(/[ _]/g, '_')}`;
  if (common.has(key)) return common.t(key);
  return reason.replaceAll('_', ' ') || common.t('reach.reason.unknown');
}

function lackOf(channel: string): string {
  const key = `reach.lack.${channel}`;
  return common.has(key) ? common.t(key) : common.t('reach.lack.other', { channel });
}

/** One for each channel on which the agent cannot be reached. */
export function outOfReach(unreachable: Record<string, string>): OutOfReach[] {
  return Object.entries(unreachable).map(([channel, reason]) => ({
    channel,
    reason: reachReason(reason),
    lack: lackOf(channel),
  }));
}
