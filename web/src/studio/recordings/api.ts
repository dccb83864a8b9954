/** What is asked about recordings over HTTP. Times and lengths are microseconds. */
import { api, ApiError } from '../../lib/api';
import { common } from '../../lib/common';

export interface RecordingLine {
  /** The id that flows name; with the language it is one recording. */
  name: string;
  language: string;
  label: string;
  length: number;
  version: number;
  at: number;
  by: string;
  used_in: { flow: string; version: number }[];
}

export interface PastRecording {
  version: number;
  label: string;
  length: number;
  at: number;
  by: string;
  deleted: boolean;
}

export type Named = Pick<RecordingLine, 'name' | 'language'>;

const at = ({ name, language }: Named) => `/prompts/${encodeURIComponent(name)}/${encodeURIComponent(language)}`;

export const prompts = {
  list: async () => (await api<{ recordings: RecordingLine[] }>('/prompts')).recordings,
  versions: async (one: Named) => (await api<{ versions: PastRecording[] }>(at(one))).versions,
  rename: (one: Named, label: string, seen: number) =>
    api<{ version: number }>(`${at(one)}/label`, { method: 'PUT', body: { label }, version: seen }),
  restore: (one: Named, version: number, seen: number) =>
    api<{ version: number }>(`${at(one)}/restore`, { method: 'POST', body: { version }, version: seen }),
  remove: (one: Named, seen: number) => api<{ version: number }>(at(one), { method: 'DELETE', version: seen }),
  upload,
};

/** Another version is another address: none is ever played from a cache of the one before. */
export function soundOf(one: Named, version: number): string {
  return `/api/v1${at(one)}/audio?version=${version}`;
}

/** `onprogress` is told the part that was sent, 0 to 1. Raises `ApiError`. */
function upload(
  one: Named, sound: Blob, label: string, seen: number, onprogress: (part: number) => void,
): Promise<{ version: number }> {
  return new Promise((done, failed) => {
    const request = new XMLHttpRequest(); // fetch tells nothing of what was sent
    request.open('PUT', `/api/v1${at(one)}?label=${encodeURIComponent(label)}`);
    request.setRequestHeader('Content-Type', 'audio/wav');
    request.setRequestHeader('If-Match', `"${seen}"`);
    request.responseType = 'json';
    request.upload.onprogress = (event) => onprogress(event.lengthComputable ? event.loaded / event.total : 0);
    request.onerror = () => failed(new ApiError(0, 'network', common.t('error.network')));
    request.onload = () => {
      const body = request.response as { version?: number; error?: { code?: string; message?: string } } | null;
      if (request.status === 200 && body?.version) done({ version: body.version });
      else failed(new ApiError(request.status, body?.error?.code ?? '', body?.error?.message ?? common.t('error.unexpected')));
    };
    request.send(sound);
  });
}
