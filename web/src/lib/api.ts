/** Calls to `/api/v1`. A failure is an `ApiError` whose message is one sentence for the person. */
import { common } from './common';
import { newId } from './identifiers';

export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

export interface Request {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  body?: unknown;
  /** Version for `If-Match`: the write is refused when somebody else was faster. */
  version?: number;
  /** Give the same key when trying the same write again. */
  key?: string;
  signal?: AbortSignal;
}

interface ErrorBody {
  error?: { code?: unknown; message?: unknown };
}

function headers({ method = 'GET', body, version, key }: Request): Headers {
  const result = new Headers({ Accept: 'application/json' });
  if (body !== undefined) result.set('Content-Type', 'application/json');
  if (method !== 'GET') result.set('Idempotency-Key', key ?? newId());
  if (version !== undefined) result.set('If-Match', `"${version}"`);
  return result;
}

async function failure(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as ErrorBody;
  const code = typeof body.error?.code === 'string' ? body.error.code : `http_${response.status}`;
  const said = body.error?.message;
  const fallback = response.status === 401 ? 'error.signed_out' : 'error.unexpected';
  return new ApiError(
    response.status,
    code,
    typeof said === 'string' && said ? said : common.t(fallback),
  );
}

export const ASK_AGAIN_AFTER = 2_000;

/**
 * `path` is below `/api/v1`, e.g. `/session`. Raises `ApiError`. A write of which the server cannot
 * say yet whether it was done is sent once more: the key makes that harmless.
 */
export async function api<Result>(path: string, request: Request = {}): Promise<Result> {
  if ((request.method ?? 'GET') === 'GET') return asked<Result>(path, request);
  const keyed = { ...request, key: request.key ?? newId() };
  try {
    return await asked<Result>(path, keyed);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 'outcome_unknown') throw error;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_AFTER));
    return asked<Result>(path, keyed);
  }
}

async function asked<Result>(path: string, request: Request): Promise<Result> {
  const { method = 'GET', body, signal } = request;
  let response: Response;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      headers: headers(request),
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0, 'network', common.t('error.network'));
  }
  if (!response.ok) throw await failure(response);
  if (response.status === 204) return undefined as Result;
  return (await response.json()) as Result;
}

/** The sentence to show for anything thrown. */
export function sentence(error: unknown): string {
  return error instanceof ApiError ? error.message : common.t('error.unexpected');
}

export interface SignedIn {
  user: string;
  name: string;
  roles: ('agent' | 'supervisor' | 'admin')[];
  agent: string | null;
  /** There is a simulated telephone system that can be asked for a call. */
  simulated_calls: boolean;
  /** The desk is the agent's telephone. */
  softphone: boolean;
}

export const session = {
  get: () => api<SignedIn>('/session'),
  open: (user: string, password: string) =>
    api<SignedIn>('/session', { method: 'POST', body: { user, password } }),
  close: () => api<undefined>('/session', { method: 'DELETE' }),
};

/** Where to sign in and come back from. */
export function signInAddress(next: string): string {
  return `/login?next=${encodeURIComponent(next)}`;
}
