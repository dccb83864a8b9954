import { describe, expect, it } from 'vitest';

import { packageRoot, section } from './licences';

describe('the package of a bundled module', () => {
  it.each([
    ['/a/node_modules/svelte/src/index.js', '/a/node_modules/svelte'],
    ['/a/node_modules/@scope/part/x.js?v=1', '/a/node_modules/@scope/part'],
    ['/a/node_modules/one/node_modules/two/x.js', '/a/node_modules/one/node_modules/two'],
    ['\0virtual', undefined],
    ['/a/src/page.ts', undefined],
  ])('of %s is %s', (id, root) => {
    expect(packageRoot(id)).toBe(root);
  });
});

describe('a section', () => {
  it('names package, version and licence above the text', () => {
    const text = section({ name: 'svelte', version: '5.0.0', licence: 'MIT', text: 'Permission …' });
    expect(text).toContain('svelte 5.0.0 (MIT)\n');
    expect(text).toContain('Permission …');
  });
});
