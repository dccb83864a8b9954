/** Files of a chat over HTTP: `/api/v1/chat/files`, known by the chat's token. */

import type { TextKey } from './texts';

const PROBLEMS = new Map<string, TextKey>([
  ['file_too_large', 'fileLarge'],
  ['too_large', 'fileLarge'],
  ['file_type', 'fileKind'],
  ['too_many_files', 'fileMany'],
  ['too_fast', 'fileFast'],
  ['chat_over', 'endedTitle'],
]);

/** Why it was not taken; empty when it was. `progress` hears from 0 to 1. */
export function sendFile(
  url: string,
  token: string,
  id: string,
  file: File,
  progress: (done: number) => void,
): Promise<TextKey | ''> {
  return new Promise((settle) => {
    const request = new XMLHttpRequest(); // `fetch` tells nothing of what has been sent
    request.open('POST', `${url}?id=${id}&name=${encodeURIComponent(file.name.slice(-200))}`);
    request.setRequestHeader('Authorization', `Bearer ${token}`);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.upload.onprogress = ({ loaded, total }) => progress(total ? loaded / total : 0);
    request.onload = () => settle(request.status < 300 ? '' : problemIn(request.responseText));
    request.onerror = request.ontimeout = () => settle('fileFailed');
    request.send(file);
  });
}

export function problemIn(answer: string): TextKey {
  const code = /"code":\s*"(\w+)"/.exec(answer)?.[1] ?? '';
  return PROBLEMS.get(code) ?? 'fileFailed';
}

export async function loadFile(url: string, token: string, id: string): Promise<Blob> {
  const headers = { Authorization: `Bearer ${token}` };
  const response = await fetch(`${url}/${id}`, { headers, credentials: 'omit' });
  if (!response.ok) throw new Error(String(response.status));
  return response.blob();
}
