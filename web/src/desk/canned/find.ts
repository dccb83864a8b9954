/** Which canned replies are meant by what was typed, the likeliest first. */
import type { CannedReply } from '../../lib/protocol';

/** A slash at the beginning of a word, and what was typed after it up to the cursor. */
export interface Slash {
  start: number;
  end: number;
  typed: string;
}

const LONGEST_TYPED = 40;
const SHOWN = 50;

export function slashBefore(text: string, cursor: number): Slash | undefined {
  const before = text.slice(Math.max(0, cursor - LONGEST_TYPED - 2), cursor);
  const found = /(?:^|\s)\/([^\s/]*)$/.exec(before);
  const typed = found?.[1];
  if (typed === undefined || typed.length > LONGEST_TYPED) return undefined;
  const start = cursor - typed.length - 1;
  // The text before was cut: what looks like its beginning may be the middle of a word.
  if (start > 0 && !/\s/.test(text.charAt(start - 1))) return undefined;
  return { start, end: cursor, typed };
}

export interface Place {
  channel: string;
  queue: string;
  /** The customer's, as a tag; empty when nobody knows. */
  language: string;
}

/** 0: named by its shortcut, 4: the words stand somewhere in it; undefined: something else. */
function nearness(reply: CannedReply, typed: string): number | undefined {
  const shortcut = reply.shortcut.toLowerCase();
  const label = reply.label.toLowerCase();
  if (!typed) return 1;
  if (shortcut === typed) return 0;
  if (shortcut.startsWith(typed)) return 1;
  if (label.split(/\s+/).some((word) => word.startsWith(typed))) return 2;
  if (reply.text.trimStart().toLowerCase().startsWith(typed)) return 3;
  return shortcut.includes(typed) || label.includes(typed) ? 4 : undefined;
}

const main = (tag: string) => tag.toLowerCase().split('-')[0] ?? '';

/** 0: made for this, 1: for any, 2: for something else. */
const fit = (made: boolean, any: boolean) => (any ? 1 : made ? 0 : 2);

function fits(reply: CannedReply, place: Place): { language: number; queue: number } {
  return {
    language: place.language
      ? fit(main(reply.language) === main(place.language), !reply.language)
      : 1,
    queue: fit(reply.queues.includes(place.queue), !reply.queues.length),
  };
}

export function matching(replies: readonly CannedReply[], typed: string, place: Place): CannedReply[] {
  const wanted = typed.toLowerCase();
  return replies
    .flatMap((reply, order) => {
      const near = nearness(reply, wanted);
      if (near === undefined) return [];
      if (reply.channels.length && !reply.channels.includes(place.channel)) return [];
      const { language, queue } = fits(reply, place);
      const misfits = Number(language === 2) + Number(queue === 2);
      return [{ reply, rank: [near === 0 ? 0 : 1, misfits, near, queue + language, order] }];
    })
    .sort((one, other) => byRank(one.rank, other.rank))
    .slice(0, SHOWN)
    .map(({ reply }) => reply);
}

function byRank(one: number[], other: number[]): number {
  const at = one.findIndex((part, index) => part !== other[index]);
  return at < 0 ? 0 : (one[at] ?? 0) - (other[at] ?? 0);
}
