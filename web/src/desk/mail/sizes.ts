/** Sizes and kinds of files in words. */
import { formatNumber } from '../../lib/i18n.svelte';

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** `bytes` as people read it: 3 kB, 1.4 MB. */
export function sizeWord(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return formatNumber(value, {
    style: 'unit',
    unit: UNITS[unit] ?? 'byte',
    maximumFractionDigits: unit > 1 && value < 10 ? 1 : 0,
  });
}

/** The end of the name, else of the type: what a file says it is. */
export function kindWord(name: string, contentType: string): string {
  const end = /\.([A-Za-z0-9]{1,8})$/.exec(name)?.[1];
  return (end ?? contentType.split('/').at(-1) ?? '').toUpperCase().slice(0, 24);
}
