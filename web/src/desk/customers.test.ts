import { describe, expect, it } from 'vitest';

import { identityOf } from './customers';

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
