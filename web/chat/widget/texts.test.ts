import { expect, it } from 'vitest';

import { languageOf } from './language';
import { CATALOGUES, textsIn } from './texts';

const places = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();

it('has the same places for values in both languages', () => {
  for (const [key, text] of Object.entries(CATALOGUES.en)) {
    const chinese = CATALOGUES.zh[key as keyof typeof CATALOGUES.zh];
    expect([key, places(chinese)]).toEqual([key, places(text)]);
  }
});

it('fills in values', () => {
  expect(textsIn('en')('position', { count: 3 })).toBe('You are number 3.');
});

it('knows Chinese by any of its tags', () => {
  expect(['zh', 'zh-CN', 'ZH-Hant', 'en', ''].map(languageOf)).toEqual(['zh', 'zh', 'zh', 'en', 'en']);
});
