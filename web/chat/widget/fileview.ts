/** A file in the thread: a picture that may be drawn, or a name; either is saved by a click. */

import { h, setText } from './dom';
import type { SentFile } from './protocol';
import { saveBlob } from './save';
import type { Texts } from './texts';

const PICTURES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
const DRAWN_UP_TO = 3_000_000; // bytes

export function fileView(
  file: SentFile,
  t: Texts,
  load: (id: string) => Promise<Blob>,
): HTMLElement {
  const shown = `${file.name} · ${sizeText(file.size)}`;
  const words = h('span', {}, shown);
  const save = (): void => {
    void load(file.id).then(
      (blob) => saveBlob(file.name, blob),
      () => setText(words, t('fileGone')),
    );
  };
  const label = t('saveFile', { name: shown });
  const button = h('button', { type: 'button', class: 'file', 'aria-label': label, click: save }, words);
  if (PICTURES.includes(file.type) && file.size <= DRAWN_UP_TO) void draw(button, file, load);
  return button;
}

/** Only as a picture of a kind that runs nothing, whatever the content says it is. */
async function draw(
  button: HTMLElement,
  file: SentFile,
  load: (id: string) => Promise<Blob>,
): Promise<void> {
  const blob = await load(file.id).catch(() => null);
  if (!blob) return;
  const picture = h('img', { src: await dataUrl(new Blob([blob], { type: file.type })), alt: '' });
  picture.addEventListener('error', () => picture.remove());
  button.prepend(picture);
}

/** Sites' own rules for pictures allow `data:` more often than `blob:`. */
function dataUrl(blob: Blob): Promise<string> {
  return new Promise((settle) => {
    const reader = new FileReader();
    reader.onload = () => settle(String(reader.result));
    reader.readAsDataURL(blob);
  });
}

export function sizeText(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.max(1, Math.round(bytes / 1_000))} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
