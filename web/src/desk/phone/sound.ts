/** Microphone and speaker of this browser. */
import type { Devices } from './devices.svelte';
import { type MicrophoneTrouble, NoMicrophone, type Sound } from './port';

/** What browsers call the reasons for giving no microphone. */
const TROUBLES: Record<string, MicrophoneTrouble> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'none',
  NotReadableError: 'busy',
  AbortError: 'busy',
};

function troubleOf(error: unknown): MicrophoneTrouble {
  return (error instanceof Error && TROUBLES[error.name]) || 'none';
}

async function open(device: string): Promise<MediaStream> {
  const audio = {
    echoCancellation: true,
    noiseSuppression: true,
    autoGainControl: true,
    ...(device ? { deviceId: { exact: device } } : {}),
  };
  return navigator.mediaDevices.getUserMedia({ audio, video: false });
}

/** Browsers give a microphone to pages that came over https, or from this very machine. */
export function mayRecord(): boolean {
  return window.isSecureContext && 'mediaDevices' in navigator;
}

export class BrowserSound implements Sound {
  private readonly speaker = new Audio();

  constructor(private readonly devices: Devices) {}

  async capture(): Promise<MediaStream> {
    if (!mayRecord()) throw new NoMicrophone('insecure');
    try {
      return await this.openChosen();
    } catch (error) {
      throw new NoMicrophone(troubleOf(error));
    } finally {
      // Their names are known only now.
      void this.devices.look();
    }
  }

  release(microphone: MediaStream): void {
    for (const track of microphone.getTracks()) track.stop();
  }

  async play(stream: MediaStream): Promise<boolean> {
    this.speaker.srcObject = stream;
    await this.useSpeaker();
    return this.speaker.play().then(
      () => true,
      (error: unknown) => !(error instanceof Error && error.name === 'NotAllowedError'),
    );
  }

  silence(): void {
    this.speaker.srcObject = null;
  }

  /** Goes on through the speaker that is chosen now; the usual one when that is gone. */
  async useSpeaker(): Promise<void> {
    if (!this.devices.canChooseSpeaker) return;
    await this.speaker
      .setSinkId(this.devices.chosen.speaker)
      .catch(() => this.speaker.setSinkId('').catch(() => undefined));
  }

  async trouble(changed: () => void): Promise<MicrophoneTrouble | ''> {
    if (!mayRecord()) return 'insecure';
    try {
      const status = await navigator.permissions.query({ name: 'microphone' });
      status.onchange = changed;
      return { granted: '' as const, denied: 'denied' as const, prompt: 'ask' as const }[status.state];
    } catch {
      return ''; // This browser does not say: the first call will.
    }
  }

  /** A chosen microphone that was unplugged must not cost a call. */
  private async openChosen(): Promise<MediaStream> {
    const device = this.devices.chosen.microphone;
    try {
      return await open(device);
    } catch (error) {
      const gone = error instanceof Error && /^(Overconstrained|NotFound)Error$/.test(error.name);
      if (device && gone) return open('');
      throw error;
    }
  }
}
