import { expect, test } from 'vitest';

import { visitorName } from './visitor';

const token = (claims: unknown) => {
  const bytes = new TextEncoder().encode(JSON.stringify(claims));
  return `x.${btoa(String.fromCharCode(...bytes)).replace(/\+/g, '-').replace(/\//g, '_')}.x`;
};

test('the name in a token is shown in any alphabet', () => {
  expect(visitorName(token({ name: 'María 王小明 🙂' }))).toBe('María 王小明 🙂');
});

test.each(['', 'x', 'a.b.c', '...', token(null), token({ name: 5 }), token([])])(
  'what names nobody is no trouble: %s',
  (text) => expect(visitorName(text)).toBe(''),
);
