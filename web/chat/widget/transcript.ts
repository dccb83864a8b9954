/** The chat as plain text, for the visitor to keep. */

import type { Line } from './protocol';
import { saveBlob } from './save';
import { speaker } from './thread';
import type { Texts } from './texts';

export function transcript(lines: readonly Line[], t: Texts, language: string): string {
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const body = lines.map((line) => {
    const who = speaker(line, t);
    return `[${format.format(line.at / 1000)}] ${who ? `${who}: ` : ''}${line.text}`;
  });
  return [t('transcript'), location.host, '', ...body, ''].join('\r\n');
}

export function saveText(name: string, text: string): void {
  // The mark makes old Windows editors read the file as UTF-8, which Chinese text needs.
  saveBlob(name, new Blob(['\ufeff', text], { type: 'text/plain' }));
}
