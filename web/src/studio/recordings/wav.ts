/** Sound as a WAV file: the one form that is uploaded, whatever was chosen or recorded. */

export const RATE = 16_000;
export const MAX_BYTES = 32 * 1024 * 1024;

const HEAD = 44;

/** 16 bits a sample, the channels mixed into one. */
export function encodeWav(channels: readonly Float32Array[], rate: number): ArrayBuffer {
  const frames = Math.min(...channels.map((one) => one.length));
  const buffer = new ArrayBuffer(HEAD + frames * 2);
  const view = new DataView(buffer);
  head(view, frames, rate);
  for (let frame = 0; frame < frames; frame += 1) {
    const mixed = channels.reduce((sum, one) => sum + (one[frame] ?? 0), 0) / channels.length;
    view.setInt16(HEAD + frame * 2, Math.round(Math.max(-1, Math.min(1, mixed)) * 32_767), true);
  }
  return buffer;
}

function head(view: DataView, frames: number, rate: number) {
  const name = (at: number, letters: string) => {
    for (let index = 0; index < 4; index += 1) view.setUint8(at + index, letters.charCodeAt(index));
  };
  name(0, 'RIFF');
  view.setUint32(4, HEAD - 8 + frames * 2, true);
  name(8, 'WAVE');
  name(12, 'fmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); // plain samples
  view.setUint16(22, 1, true); // one channel
  view.setUint32(24, rate, true);
  view.setUint32(28, rate * 2, true);
  view.setUint16(32, 2, true);
  view.setUint16(34, 16, true);
  name(36, 'data');
  view.setUint32(40, frames * 2, true);
}

/** WAV files go as they are, the service judges them; the browser reads what is anything else. */
export async function asWav(file: Blob): Promise<Blob> {
  const begin = new Uint8Array(await file.slice(0, 4).arrayBuffer());
  if (String.fromCharCode(...begin) === 'RIFF') return file;
  const context = new OfflineAudioContext(1, 1, RATE);
  const read = await context.decodeAudioData(await file.arrayBuffer());
  const channels = Array.from({ length: read.numberOfChannels }, (_, index) => read.getChannelData(index));
  return new Blob([encodeWav(channels, read.sampleRate)], { type: 'audio/wav' });
}

/** What a file would be called as a recording: `Welcome (new).mp3` is `welcome_new`. */
export function idOf(title: string): string {
  const bare = title.replace(/\.[a-z0-9]{2,4}$/i, '').toLowerCase();
  return bare.replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '').slice(0, 80);
}
