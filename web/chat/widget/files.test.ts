import { expect, test } from 'vitest';

import { problemIn } from './files';
import { sizeText } from './fileview';

test.each([
  ['{"error":{"code":"file_type","message":"x"}}', 'fileKind'],
  ['{"error": {"code": "too_large"}}', 'fileLarge'],
  ['{"error":{"code":"constructor"}}', 'fileFailed'],
  ['<html>', 'fileFailed'],
  ['', 'fileFailed'],
])('a refusal is told in words: %s', (answer, words) => expect(problemIn(answer)).toBe(words));

test('sizes are short', () => {
  expect([sizeText(3), sizeText(34_400), sizeText(2_340_000)]).toEqual(['1 kB', '34 kB', '2.3 MB']);
});
