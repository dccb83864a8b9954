import { describe, expect, it } from 'vitest';

import { parseStored, preferredLanguage } from './preferences.svelte';

describe('the language', () => {
  it('is the first one the browser asks for that we speak', () => {
    expect(preferredLanguage(['fr-FR', 'zh-TW', 'en'])).toBe('zh');
    expect(preferredLanguage(['fr'])).toBe('en');
  });
});

describe('stored preferences', () => {
  it('survive a round trip', () => {
    const chosen = { language: 'zh', theme: 'dark', sound: false, letterKeys: false };
    expect(parseStored(JSON.stringify(chosen), [])).toEqual(chosen);
  });

  it.each([null, '', '{', '[]', '7', '{"language":"xx","theme":3,"sound":"no"}'])(
    'fall back when they are damaged: %s',
    (text) => {
      const usual = { language: 'en', theme: 'system', sound: true, letterKeys: true };
      expect(parseStored(text, ['en'])).toEqual(usual);
    },
  );
});
