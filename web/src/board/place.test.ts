import { expect, it } from 'vitest';

import { above, readPlace, writePlace } from './place';
import { OVERVIEW } from './state';

it.each([
  OVERVIEW,
  { queue: 'billing', contact: '' },
  { queue: 'a/b c', contact: 'chat-1#2' },
])('reads back what it wrote: %j', (place) => {
  expect(readPlace(writePlace(place))).toEqual(place);
});

it.each(['', '#', '#/nonsense/x', '#/queue/', '#queue'])('takes %j for the overview', (hash) => {
  expect(readPlace(hash)).toEqual(OVERVIEW);
});

it('survives an address somebody broke', () => {
  expect(readPlace('#/queue/%E0%A4%A')).toEqual({ queue: '%E0%A4%A', contact: '' });
});

it('goes up one level at a time', () => {
  const contact = { queue: 'q', contact: 'c' };
  expect(above(contact)).toEqual({ queue: 'q', contact: '' });
  expect(above(above(contact))).toEqual(OVERVIEW);
});
