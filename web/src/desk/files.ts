/** Files that go to a chat's visitor. */
import { ApiError } from '../lib/api';
import { common } from '../lib/common';
import { newId } from '../lib/identifiers';

/** Sends `file` into the thread of `contact`. Raises `ApiError`. */
export async function attach(contact: string, file: File): Promise<void> {
  const name = encodeURIComponent(file.name.slice(-200));
  const address = `/api/v1/chat/contacts/${encodeURIComponent(contact)}/files?name=${name}`;
  const headers = { 'Content-Type': 'application/octet-stream', 'Idempotency-Key': newId() };
  let response: Response;
  try {
    response = await fetch(address, { method: 'POST', headers, body: file });
  } catch {
    throw new ApiError(0, 'network', common.t('error.network'));
  }
  if (response.ok) return;
  const said = (await response.json().catch(() => ({}))) as { error?: { code?: string; message?: string } };
  const { code = '', message = common.t('error.unexpected') } = said.error ?? {};
  throw new ApiError(response.status, code, message);
}
