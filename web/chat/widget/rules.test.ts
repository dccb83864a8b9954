import { describe, expect, it } from 'vitest';

import { MAX_TEXT } from './protocol';
import { checkForm } from './rules';

const GOOD = { name: 'Mei', text: 'Hello', choice: 'orders', address: '' };

describe('the start form', () => {
  it('is fine without a mail address', () => {
    expect(checkForm(GOOD, true)).toBeNull();
  });

  it.each([
    ['a name', { name: '' }, 'name'],
    ['a topic when there are topics', { choice: '' }, 'choice'],
    ['a first message', { text: '' }, 'text'],
    ['an address that looks like one', { address: 'mei at home' }, 'address'],
    ['a message that is not too long', { text: 'x'.repeat(MAX_TEXT + 1) }, 'text'],
  ])('asks for %s', (_, change, field) => {
    expect(checkForm({ ...GOOD, ...change }, true)?.field).toBe(field);
  });

  it('must say where to answer when it is a question that is left', () => {
    expect(checkForm(GOOD, true, true)).toEqual({ field: 'address', text: 'needAddress' });
    expect(checkForm({ ...GOOD, address: 'mei' }, true, true)?.text).toBe('badMail');
    expect(checkForm({ ...GOOD, address: 'mei@example.org' }, true, true)).toBeNull();
  });

  it('asks for no topic when there are none', () => {
    expect(checkForm({ ...GOOD, choice: '' }, false)).toBeNull();
  });
});
