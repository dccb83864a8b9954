/** What the widget asks over HTTP beside files: the transcript by mail, and a question left. */

import type { TextKey } from './texts';

export interface Question {
  readonly id: string;
  readonly entry_point: string;
  readonly language: string;
  readonly visitor: string;
  readonly name: string;
  readonly text: string;
  readonly choice: string;
  readonly address: string;
}

/** Where it went, or why it did not. */
export type Posted = { readonly address: string } | { readonly problem: TextKey };

const PROBLEMS = new Map<string, TextKey>([
  ['bad_address', 'badMail'],
  ['other_address', 'mailOther'],
  ['nobody_answered', 'mailLater'],
  ['too_many_mails', 'mailMany'],
  ['too_many_questions', 'mailMany'],
  ['unknown_entry_point', 'refusedEntry'],
  ['unknown_chat', 'lost'],
]);

const WITHIN = 20_000; // milliseconds

/** `token` is the chat's; empty where there is none yet. */
export async function post(url: string, token: string, body: object): Promise<Posted> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      credentials: 'omit',
      signal: AbortSignal.timeout(WITHIN),
      headers: {
        'Content-Type': 'application/json',
        ...(token && { Authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(body),
    });
    return read(response.ok, await response.json());
  } catch {
    return { problem: 'refusedOther' };
  }
}

export function read(ok: boolean, answer: unknown): Posted {
  const { address, error } = (answer ?? {}) as { address?: unknown; error?: { code?: unknown } };
  if (ok && typeof address === 'string') return { address };
  return { problem: PROBLEMS.get(String(error?.code)) ?? 'refusedOther' };
}
