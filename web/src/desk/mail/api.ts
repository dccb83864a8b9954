/** The mail calls of the HTTP API. A failure is an `ApiError`. */
import { api, ApiError } from '../../lib/api';
import { common } from '../../lib/common';
import { newId } from '../../lib/identifiers';
import type { Draft } from './draft';
import type { MailNote, MailOut, MailSaid, MailView, Reply } from './protocol';

const of = (contact: string) => `/mail/contacts/${encodeURIComponent(contact)}`;
const outgoing = (mail: string) => `/mail/outgoing/${encodeURIComponent(mail)}`;

export const showMail = (contact: string) => api<MailView>(of(contact));

export const saidBy = (contact: string, mail: string) =>
  api<MailSaid>(`${of(contact)}/outgoing/${encodeURIComponent(mail)}`);

export const saveDraft = (contact: string, draft: Draft | null) =>
  api<undefined>(`${of(contact)}/draft`, { method: 'PUT', body: { draft } });

export const sendReply = (contact: string, reply: Reply, key: string) =>
  api<MailOut>(`${of(contact)}/replies`, { method: 'POST', body: reply, key });

export const addNote = (contact: string, text: string, key: string) =>
  api<MailNote>(`${of(contact)}/notes`, { method: 'POST', body: { text }, key });

export const takeBack = (mail: string) =>
  api<{ taken_back: boolean }>(outgoing(mail), { method: 'DELETE' });

export const sendAgain = (mail: string) => api<MailOut>(`${outgoing(mail)}/again`, { method: 'POST' });

/** Where the HTML of a mail is; only for a sandboxed frame. */
export const pageOf = (contact: string, mail: string, pictures: boolean) =>
  `/api/v1${of(contact)}/mails/${encodeURIComponent(mail)}/page${pictures ? '?pictures=true' : ''}`;

export const fileAddress = (contact: string, sha256: string) =>
  `/api/v1${of(contact)}/files/${encodeURIComponent(sha256)}`;

export interface Kept {
  sha256: string;
  size: number;
}

/** Sends a file; `progress` hears the part that is there, 0 to 1. `fetch` cannot tell that. */
export function keepFile(
  file: Blob,
  progress: (part: number) => void,
  signal: AbortSignal,
): Promise<Kept> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const failed = () => reject(new ApiError(0, 'network', common.t('error.network')));
    request.open('POST', '/api/v1/mail/files');
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.setRequestHeader('Idempotency-Key', newId());
    request.responseType = 'json';
    request.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0);
    request.onerror = failed;
    request.onabort = failed;
    request.onload = () => {
      const body = request.response as (Kept & { error?: { code: string; message: string } }) | null;
      if (request.status === 200 && body) resolve(body);
      else {
        const { code = `http_${request.status}`, message = common.t('error.unexpected') } =
          body?.error ?? {};
        reject(new ApiError(request.status, code, message));
      }
    };
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}
