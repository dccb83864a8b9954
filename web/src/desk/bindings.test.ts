import { beforeAll, describe, expect, it } from 'vitest';

import { isTaken } from '../lib/keys.svelte';
import { bindings } from './bindings';
import type { Controls } from './controls.svelte';
import { phoneBindings } from './phone/bindings';
import type { PhoneControls } from './phone/controls.svelte';
import { words } from './phone/texts';
import { desk } from './texts';

/** Bindings are only listed here, so nothing is asked of the controls. */
const listed = () => [
  ...bindings({ store: { state: { contacts: [] } } } as unknown as Controls),
  ...phoneBindings({} as PhoneControls),
];

beforeAll(async () => {
  await desk.load('en');
  await words.load('en');
});

describe("the desk's keys", () => {
  it('leave the browser its own', () => {
    expect(listed().filter((binding) => isTaken(binding.keys))).toEqual([]);
  });

  it('are each used once', () => {
    const keys = listed().map((binding) => binding.keys);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('all say what they do', () => {
    for (const { label, group } of listed()) {
      expect(desk.has(label)).toBe(false);
      expect([label !== '', group !== '']).toEqual([true, true]);
    }
  });

  it('act inside fields only with Alt', () => {
    const inside = listed().filter((binding) => binding.inFields);
    expect(inside.every((binding) => binding.keys.startsWith('Alt+'))).toBe(true);
  });
});
