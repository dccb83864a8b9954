import { beforeAll, describe, expect, it } from 'vitest';

import { bindings } from '../bindings';
import type { Controls } from '../controls.svelte';
import { phoneBindings } from '../phone/bindings';
import type { PhoneControls } from '../phone/controls.svelte';
import { mailBindings } from './bindings';
import type { MailBox } from './box.svelte';
import { words } from './texts';

const ofMails = () => mailBindings({ underWay: [] } as unknown as MailBox, { forward: () => undefined, note: () => undefined });

beforeAll(() => words.load('en'));

describe('keys of mails', () => {
  it('are used by nothing else on the desk', () => {
    const others = [
      ...bindings({ store: { state: { contacts: [] } } } as unknown as Controls),
      ...phoneBindings({} as PhoneControls),
    ].map((binding) => binding.keys);
    const keys = ofMails().map((binding) => binding.keys);
    expect(keys.filter((one) => others.includes(one))).toEqual([]);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('all say what they do', () => {
    for (const { label, group } of ofMails()) {
      expect([words.has(label), words.has(group), label !== '']).toEqual([false, false, true]);
    }
  });
});
