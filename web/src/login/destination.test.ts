import { describe, expect, it } from 'vitest';

import { destination } from './destination';

const agent = { roles: ['agent' as const] };
const supervisor = { roles: ['supervisor' as const] };
const admin = { roles: ['admin' as const] };

describe('after signing in', () => {
  it('goes back to the page that asked', () => {
    expect(destination('/board', agent)).toBe('/board');
    expect(destination('/desk?contact=1', supervisor)).toBe('/desk?contact=1');
    expect(destination('/studio#main', supervisor)).toBe('/studio#main');
  });

  it('goes to the page of the role when none asked', () => {
    expect(destination(null, agent)).toBe('/desk');
    expect(destination(null, supervisor)).toBe('/board');
    expect(destination(null, admin)).toBe('/studio');
  });

  it.each([
    'https://evil.example/desk',
    '//evil.example/desk',
    '/\\evil.example',
    '/desk/../../x',
    'javascript:alert(1)',
    '/deskx',
  ])('never leaves for %s', (next) => {
    expect(destination(next, agent)).toBe('/desk');
  });
});
