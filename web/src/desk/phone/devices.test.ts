import { describe, expect, it } from 'vitest';

import { named, recallChoice } from './devices.svelte';

const shelf = (text: string | null) => ({ getItem: () => text });
const device = (kind: MediaDeviceKind, deviceId: string, label = deviceId) => ({ kind, deviceId, label });

describe('the devices to choose from', () => {
  it('are those of a kind', () => {
    const all = [device('audioinput', 'a'), device('audiooutput', 'b'), device('videoinput', 'c')];
    expect(named(all, 'audiooutput')).toEqual([{ id: 'b', name: 'b' }]);
  });

  it('are each there once, whatever else the browser calls them', () => {
    const all = ['default', 'communications', 'a', ''].map((id) => device('audioinput', id, 'Headset'));
    expect(named(all, 'audioinput')).toEqual([{ id: 'a', name: 'Headset' }]);
  });

  it('are none before the browser may tell their names', () => {
    expect(named([device('audioinput', 'a', '')], 'audioinput')).toEqual([]);
  });

  it('have names of a bearable length', () => {
    expect(named([device('audioinput', 'a', 'x'.repeat(10_000))], 'audioinput')[0]?.name).toHaveLength(200);
  });
});

describe('what was chosen', () => {
  it('is remembered', () => {
    const chosen = { microphone: 'a', speaker: 'b', ringer: 'c' };
    expect(recallChoice(shelf(JSON.stringify(chosen)))).toEqual(chosen);
  });

  it.each([null, '', '{', 'null', '7', '[]', '{"microphone": 7, "speaker": null}'])(
    "is the system's own when the memory is damaged: %s",
    (text) => {
      expect(recallChoice(shelf(text))).toEqual({ microphone: '', speaker: '', ringer: '' });
    },
  );

  it('is not taken when it can be no id', () => {
    const chosen = { microphone: 'x'.repeat(10_000), speaker: 'b', ringer: 'c' };
    expect(recallChoice(shelf(JSON.stringify(chosen))).microphone).toBe('');
  });
});
