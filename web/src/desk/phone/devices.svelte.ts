/** Which microphone and speakers there are, and which the agent chose for this browser. */

export type Use = 'microphone' | 'speaker' | 'ringer';
export interface Device {
  id: string;
  name: string;
}
export type Choice = Record<Use, string>;

const KEY = 'patchbay.phone.devices';
const NONE: Choice = { microphone: '', speaker: '', ringer: '' };
const LONGEST = 200;
/** Other names of one of the others, which browsers add. */
const ALIASES = new Set(['', 'default', 'communications']);

/** The empty id is the system's own choice. Storage may be empty, broken or forbidden. */
export function recallChoice(shelf: Pick<Storage, 'getItem'>): Choice {
  try {
    const raw = JSON.parse(shelf.getItem(KEY) ?? '{}') as Partial<Record<Use, unknown>> | null;
    const id = (use: Use) => {
      const value = raw?.[use];
      return typeof value === 'string' && value.length <= LONGEST ? value : '';
    };
    return { microphone: id('microphone'), speaker: id('speaker'), ringer: id('ringer') };
  } catch {
    return NONE;
  }
}

/** Those of a kind that can be told apart: without permission they have neither id nor name. */
export function named(infos: Pick<MediaDeviceInfo, 'kind' | 'deviceId' | 'label'>[], kind: string): Device[] {
  return infos
    .filter((one) => one.kind === kind && !ALIASES.has(one.deviceId) && one.label)
    .map(({ deviceId, label }) => ({ id: deviceId, name: label.slice(0, LONGEST) }));
}

export class Devices {
  microphones = $state.raw<Device[]>([]);
  speakers = $state.raw<Device[]>([]);
  chosen = $state.raw<Choice>(NONE);

  readonly canChooseSpeaker = 'setSinkId' in HTMLMediaElement.prototype;
  readonly canChooseRinger = 'setSinkId' in AudioContext.prototype;

  constructor(private readonly shelf: Storage) {
    this.chosen = recallChoice(shelf);
  }

  start(): () => void {
    if (!('mediaDevices' in navigator)) return () => undefined;
    const look = () => void this.look();
    look();
    navigator.mediaDevices.addEventListener('devicechange', look);
    return () => navigator.mediaDevices.removeEventListener('devicechange', look);
  }

  async look(): Promise<void> {
    if (!('mediaDevices' in navigator)) return;
    const infos = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    this.microphones = named(infos, 'audioinput');
    this.speakers = named(infos, 'audiooutput');
  }

  choose(use: Use, id: string): void {
    this.chosen = { ...this.chosen, [use]: id };
    try {
      this.shelf.setItem(KEY, JSON.stringify(this.chosen));
    } catch {
      // The choice still holds until the page is closed.
    }
  }

  /** The chosen one while it is plugged in, else the system's own. */
  present(use: Use): string {
    const id = this.chosen[use];
    const all = use === 'microphone' ? this.microphones : this.speakers;
    return all.some((one) => one.id === id) ? id : '';
  }
}
