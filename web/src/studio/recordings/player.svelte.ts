/** One sound at a time: beginning another ends the one before. */
import { toasts } from '../../lib/toasts.svelte';
import { recordings } from './texts';

let address = $state('');
let sound: HTMLAudioElement | undefined;

export const player = {
  /** The address of what is heard now; empty: nothing. */
  get playing() {
    return address;
  },
  toggle(source: string, name: string): void {
    const same = source === address;
    player.stop();
    if (same) return;
    const audio = new Audio(source);
    sound = audio;
    address = source;
    const ended = () => {
      if (sound === audio) player.stop();
    };
    audio.onended = ended;
    audio.play().catch((error: unknown) => {
      if (sound === audio && !(error instanceof DOMException && error.name === 'AbortError')) {
        toasts.show(recordings.t('play.failed', { name }), 'error');
      }
      ended();
    });
  },
  stop(): void {
    sound?.pause();
    sound = undefined;
    address = '';
  },
};
