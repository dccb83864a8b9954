import { describe, expect, it } from 'vitest';

import type { Text } from './i18n.svelte';

type Catalogue = Record<string, Text>;
const found = import.meta.glob<Catalogue>(['../**/*.{en,zh}.json', '../../chat/**/*.{en,zh}.json'], {
  eager: true,
  import: 'default',
});
const english = Object.keys(found).filter((path) => path.endsWith('.en.json'));

function places(text: Text): string[] {
  const all = typeof text === 'string' ? [text] : Object.values(text);
  return [...new Set(all.flatMap((part) => part.match(/\{\w+\}/g) ?? []))].sort();
}

describe.each(english)('the catalogue %s', (path) => {
  const en = found[path] ?? {};
  const zh = found[path.replace('.en.json', '.zh.json')] ?? {};

  it('has every text in both languages', () => {
    expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort());
  });

  it('uses the same places in both languages', () => {
    for (const [key, text] of Object.entries(en)) {
      const other = zh[key] ?? '';
      const plural = typeof text !== 'string' || typeof other !== 'string';
      // A plural may drop its number in one category ("one contact"), so only strings are exact.
      if (!plural) expect([key, places(other)]).toEqual([key, places(text)]);
    }
  });

  it('leaves no text empty', () => {
    for (const catalogue of [en, zh]) {
      for (const [key, text] of Object.entries(catalogue)) {
        const parts = typeof text === 'string' ? [text] : Object.values(text);
        expect([key, parts.length > 0 && parts.every((part) => part.trim() !== '')]).toEqual([key, true]);
      }
    }
  });
});
