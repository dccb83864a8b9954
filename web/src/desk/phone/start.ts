/** The softphone of a desk: this and what it imports is loaded only by agents who have one. */
import { api } from '../../lib/api';
import type { Controls } from '../controls.svelte';
import { PhoneControls } from './controls.svelte';
import { Devices } from './devices.svelte';
import { Phone } from './phone.svelte';
import PhoneBar from './PhoneBar.svelte';
import PhoneChip from './PhoneChip.svelte';
import PhoneLink from './PhoneLink.svelte';
import type { PhoneAccount } from './port';
import { BrowserSound } from './sound';
import { connect } from './telephone';
import { words } from './texts';

/** Texts first, as everywhere. The line is opened when `PhoneLink` is on the page. */
export async function phoneOf(desk: Controls) {
  await words.load();
  const devices = new Devices(localStorage);
  const sound = new BrowserSound(devices);
  const phone = new Phone({
    account: () => api<PhoneAccount>('/session/phone'),
    connect,
    sound,
    shelf: sessionStorage,
    now: () => desk.store.clock.exact(),
    later: (run, milliseconds) => {
      const timer = setTimeout(run, milliseconds);
      return () => clearTimeout(timer);
    },
  });
  return { at: new PhoneControls(desk, phone, devices, sound), PhoneBar, PhoneChip, PhoneLink };
}
