import { describe, expect, it } from 'vitest';

import type { PastContact } from '../lib/protocol';
import { identityOf, isWritten } from './customers';

describe('the address of a contact', () => {
  it.each([
    ['voice', '+34911234567', { kind: 'phone', value: '+34911234567' }],
    ['chat', 'mei@example.com', { kind: 'email', value: 'mei@example.com' }],
    ['chat', 'mei88', { kind: 'chat', value: 'mei88' }],
    ['voice', 'anonymous', undefined],
    ['chat', '', undefined],
  ])('of %s %s becomes an identity when it says who', (channel, address, identity) => {
    expect(identityOf(channel, address)).toEqual(identity);
  });
});

describe('a past contact', () => {
  it.each([
    ['voice', false],
    ['chat', true],
    ['email', true],
  ])('by %s left something to read: %s', (channel, written) => {
    expect(isWritten({ channel } as PastContact)).toBe(written);
  });
});
