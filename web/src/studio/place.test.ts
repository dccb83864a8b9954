import { expect, it } from 'vitest';

import { readPlace, writePlace } from './place';

it.each([
  ['#/flow/main_line', { flow: 'main_line', view: 'canvas' }],
  ['#/flow/main_line/outline', { flow: 'main_line', view: 'outline' }],
  ['#/', { flow: '', view: 'canvas' }],
])('%s is %j, and back', (hash, place) => {
  expect(readPlace(hash)).toEqual(place);
  expect(writePlace(readPlace(hash))).toBe(hash);
});

it.each(['', '#', '#/flow/', '#/flow/..%2F', '#/flow/A B', '#/board/x'])('%j is the list', (hash) => {
  expect(readPlace(hash).flow).toBe('');
});
