import { expect, it, vi } from 'vitest';

import type { CannedReplies } from '../../lib/protocol';
import { Shelf } from './shelf.svelte';

const of = (version: number): CannedReplies => ({ version, agent_name: 'Ann', replies: [] });

it('asks once for each version of the catalog', async () => {
  const fetch = vi.fn().mockResolvedValueOnce(of(1)).mockResolvedValueOnce(of(2));
  const shelf = new Shelf(fetch, () => 0);
  await Promise.all([shelf.want(1), shelf.want(1)]);
  await shelf.want(1);
  expect(fetch).toHaveBeenCalledTimes(1);
  await shelf.want(2);
  expect(shelf.held.version).toBe(2);
});

it('keeps what it has when the service does not answer, and asks again later', async () => {
  let now = 0;
  const fetch = vi.fn().mockResolvedValueOnce(of(1)).mockRejectedValueOnce(new Error()).mockResolvedValueOnce(of(2));
  const shelf = new Shelf(fetch, () => now);
  await shelf.want(1);
  await shelf.want(2);
  await shelf.want(2);
  expect([shelf.held.version, fetch.mock.calls.length]).toEqual([1, 2]);
  now = 10_000;
  await shelf.want(2);
  expect(shelf.held.version).toBe(2);
});

it('does not take a late answer for the newer one', async () => {
  let late: (value: CannedReplies) => void = () => undefined;
  const fetch = vi.fn()
    .mockReturnValueOnce(new Promise<CannedReplies>((resolve) => (late = resolve)))
    .mockResolvedValueOnce(of(2));
  const shelf = new Shelf(fetch, () => 0);
  const first = shelf.want(1);
  await shelf.want(2);
  late(of(1));
  await first;
  expect(shelf.held.version).toBe(2);
});
