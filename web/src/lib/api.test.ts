import { afterEach, describe, expect, it, vi } from 'vitest';

import { api, ApiError } from './api';
import { common } from './common';

function answer(status: number, body?: unknown) {
  const fetched = vi.fn<typeof fetch>(() =>
    Promise.resolve(new Response(body === undefined ? null : JSON.stringify(body), { status })),
  );
  vi.stubGlobal('fetch', fetched);
  return fetched;
}

async function failureOf(work: Promise<unknown>): Promise<ApiError> {
  const error = await work.then(
    () => undefined,
    (problem: unknown) => problem,
  );
  if (error instanceof ApiError) return error;
  throw new Error('it did not fail');
}

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('a write', () => {
  it('carries a key, so that it takes effect once', async () => {
    const fetched = answer(200, {});
    await api('/customers', { method: 'POST', body: { name: 'Mei' }, version: 3 });
    const headers = new Headers(fetched.mock.calls[0]?.[1]?.headers);
    expect(headers.get('Idempotency-Key')).toMatch(/^[0-9a-f]{32}$/);
    expect(headers.get('If-Match')).toBe('"3"');
  });

  it('uses the key it is given again', async () => {
    const fetched = answer(204);
    await api('/session', { method: 'DELETE', key: 'again' });
    expect(new Headers(fetched.mock.calls[0]?.[1]?.headers).get('Idempotency-Key')).toBe('again');
  });
});

describe('a write of which nobody can say yet whether it was done', () => {
  const unknown = { error: { code: 'outcome_unknown', message: 'Not known yet.' } };

  function answers(...all: [number, unknown][]) {
    vi.useFakeTimers();
    const fetched = vi.fn<typeof fetch>(() => {
      const [status, body] = all.shift() ?? [500, {}];
      return Promise.resolve(new Response(JSON.stringify(body), { status }));
    });
    vi.stubGlobal('fetch', fetched);
    return fetched;
  }

  const keys = (fetched: ReturnType<typeof answers>) =>
    fetched.mock.calls.map((call) => new Headers(call[1]?.headers).get('Idempotency-Key'));

  it('is sent once more with the same key', async () => {
    const fetched = answers([504, unknown], [200, { done: true }]);
    const answered = api('/contacts/k/end', { method: 'POST' });
    await vi.runAllTimersAsync();
    expect(await answered).toEqual({ done: true });
    expect(keys(fetched)).toHaveLength(2);
    expect(new Set(keys(fetched)).size).toBe(1);
  });

  it('is told as unknown when that does not help', async () => {
    const fetched = answers([504, unknown], [504, unknown]);
    const failed = failureOf(api('/contacts/k/end', { method: 'POST' }));
    await vi.runAllTimersAsync();
    expect([(await failed).code, fetched.mock.calls.length]).toEqual(['outcome_unknown', 2]);
  });
});

describe('a failure', () => {
  it("is the server's own sentence", async () => {
    answer(409, { error: { code: 'version_conflict', message: 'Somebody was faster.' } });
    const error = await failureOf(api('/customers/1'));
    expect([error.status, error.code, error.message]).toEqual([
      409,
      'version_conflict',
      'Somebody was faster.',
    ]);
  });

  it('is a sentence even when the server says nothing readable', async () => {
    await common.load('en');
    vi.stubGlobal('fetch', () => Promise.resolve(new Response('<html>', { status: 502 })));
    expect((await failureOf(api('/session'))).message).toContain('try again');
  });

  it('says when the server cannot be reached', async () => {
    await common.load('en');
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('failed')));
    expect((await failureOf(api('/session'))).code).toBe('network');
  });
});
