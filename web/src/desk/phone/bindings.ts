/** The phone's keys. */
import type { Binding } from '../../lib/keys.svelte';
import type { PhoneControls } from './controls.svelte';
import { words } from './texts';

export const KEYS = { pickUp: 'P', hangUp: 'Shift+P', mute: 'M', keypad: '#', devices: 'A' } as const;

export function phoneBindings(at: PhoneControls): Binding[] {
  const group = words.t('key.phone');
  const talking = () => at.phone.call === 'talking';
  return [
    {
      group,
      keys: KEYS.pickUp,
      label: words.t('key.pick_up'),
      when: () => at.mayPickUp,
      run: () => at.pickUp(),
    },
    {
      group,
      keys: KEYS.hangUp,
      label: words.t('key.hang_up'),
      when: () => at.private,
      run: () => at.hangUp(),
    },
    { group, keys: KEYS.mute, label: words.t('key.mute'), when: talking, run: () => at.phone.mute() },
    {
      group,
      keys: KEYS.keypad,
      label: words.t('key.keypad'),
      when: talking,
      run: () => {
        at.keypad = true;
      },
    },
    {
      group,
      keys: KEYS.devices,
      label: words.t('key.devices'),
      run: () => {
        at.choosing = true;
      },
    },
  ];
}
