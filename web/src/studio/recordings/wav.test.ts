import { expect, it } from 'vitest';

import { asWav, encodeWav, idOf } from './wav';

function text(view: DataView, at: number) {
  return String.fromCharCode(...[0, 1, 2, 3].map((index) => view.getUint8(at + index)));
}

it('writes a WAV file of 16-bit samples, the channels mixed into one', () => {
  const view = new DataView(encodeWav([Float32Array.of(0, 1, -1, 2), Float32Array.of(0, 0, -1, 2, 9)], 16_000));
  expect([text(view, 0), text(view, 8), text(view, 12), text(view, 36)]).toEqual(['RIFF', 'WAVE', 'fmt ', 'data']);
  expect([view.getUint16(20, true), view.getUint16(22, true), view.getUint16(34, true)]).toEqual([1, 1, 16]);
  expect([view.getUint32(24, true), view.getUint32(28, true), view.getUint32(40, true)]).toEqual([16_000, 32_000, 8]);
  expect([0, 1, 2, 3].map((frame) => view.getInt16(44 + frame * 2, true))).toEqual([0, 16_384, -32_767, 32_767]);
  expect(view.getUint32(4, true)).toBe(view.byteLength - 8);
});

it('leaves a WAV file as it is', async () => {
  const file = new Blob([encodeWav([Float32Array.of(0.5)], 8_000)]);
  expect(await asWav(file)).toBe(file);
});

it.each([
  ['Welcome (new).mp3', 'welcome_new'],
  ['a.b.WAV', 'a_b'],
  ['../../etc/passwd', 'etc_passwd'],
  ['欢迎.wav', ''],
  ['a'.repeat(100), 'a'.repeat(80)],
])('%s is called %s', (title, id) => {
  expect(idOf(title)).toBe(id);
});
