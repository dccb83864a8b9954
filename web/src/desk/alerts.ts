/** Sound and desktop notifications for offers. */

let context: AudioContext | undefined;

/** Browsers allow sound only after the person did something on the page. */
export function unlockSound(): void {
  if (!context) {
    context = new AudioContext();
    if (device) void steer();
  }
  if (context.state === 'suspended') void context.resume();
}

function tone(audio: AudioContext, frequency: number, start: number, length: number): void {
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(0.18, start + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.001, start + length);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(start);
  oscillator.stop(start + length);
}

/** Two short tones, rising: heard once, not mistaken for a telephone. */
export function beep(): void {
  if (context?.state !== 'running') return;
  const now = context.currentTime;
  tone(context, 660, now, 0.22);
  tone(context, 880, now + 0.18, 0.3);
}

/** A telephone's trill: two tones in quick turns. */
export function ring(): void {
  if (context?.state !== 'running') return;
  const now = context.currentTime;
  for (let turn = 0; turn < 10; turn += 1) tone(context, turn % 2 ? 480 : 620, now + turn * 0.07, 0.09);
}

/** Newer than the types; browsers without it ring on the system's own speaker. */
type Steerable = AudioContext & { setSinkId?: (device: string) => Promise<void> };
let device = '';

/** Lets everything here sound on another speaker; an empty id is the system's own. */
export async function ringOn(wanted: string): Promise<void> {
  device = wanted;
  await steer();
}

async function steer(): Promise<void> {
  // One that was unplugged rings on the system's own.
  await (context as Steerable | undefined)?.setSinkId?.(device).catch(() => undefined);
}

export type Permission = 'granted' | 'denied' | 'default';

export function notificationPermission(): Permission {
  return typeof Notification === 'undefined' ? 'denied' : Notification.permission;
}

export async function askForNotifications(): Promise<Permission> {
  if (typeof Notification === 'undefined') return 'denied';
  return Notification.requestPermission();
}

/** Shows a notification when the page is hidden; returns how to take it back. */
export function notify(title: string, body: string, tag: string): () => void {
  if (document.visibilityState === 'visible' || notificationPermission() !== 'granted') {
    return () => undefined;
  }
  const notification = new Notification(title, { body, tag, requireInteraction: true });
  notification.onclick = () => {
    window.focus();
    notification.close();
  };
  return () => notification.close();
}
