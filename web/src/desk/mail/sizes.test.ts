import { expect, it } from 'vitest';

import { kindWord, sizeWord } from './sizes';
import { shortName } from './uploads.svelte';

it('a size is said as people read it', () => {
  expect([0, 999, 2048, 1.4 * 1024 ** 2, 20 * 1024 ** 2].map(sizeWord)).toEqual([
    '0 byte',
    '999 byte',
    '2 kB',
    '1.4 MB',
    '20 MB',
  ]);
});

it('a file is what its name ends with, else what its type says', () => {
  expect(kindWord('bill.pdf', 'text/plain')).toBe('PDF');
  expect(kindWord('bill', 'application/pdf')).toBe('PDF');
  expect(kindWord('', '')).toBe('');
});

it('a long name keeps its end', () => {
  expect(shortName(`${'x'.repeat(300)}.pdf`)).toMatch(/^x{116}\.pdf$/);
  expect(shortName('')).toBe('file');
});
