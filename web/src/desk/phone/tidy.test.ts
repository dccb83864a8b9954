import { describe, expect, it } from 'vitest';

import { callerOf, contactOf } from './tidy';

describe('who calls', () => {
  it('is the name, else the number', () => {
    expect(callerOf('María Díaz', '+4420')).toBe('María Díaz');
    expect(callerOf('', '+4420')).toBe('+4420');
    expect(callerOf(undefined, null)).toBe('');
  });

  it.each([
    ['a\r\nb', 'a b'],
    ['  a\t\u0000 b ', 'a b'],
    ['evil\u202egnp.exe', 'evil gnp.exe'],
    ['\u2066x\u2069', 'x'],
    ['\u200f\u202d', ''],
  ])('is one printable line: %j', (said, seen) => {
    expect(callerOf(said, '')).toBe(seen);
  });

  it('is never longer than a line', () => {
    expect([...callerOf('李'.repeat(10_000), '')]).toHaveLength(64);
    expect([...callerOf('😀'.repeat(10_000), '')]).toHaveLength(64);
  });

  it.each([7, {}, [], true])('is nothing that is no text: %j', (said) => {
    expect(callerOf(said, said)).toBe('');
  });
});

describe('the contact of a call', () => {
  it('is the id its header holds', () => {
    expect(contactOf('pbx-1700000000.17')).toBe('pbx-1700000000.17');
  });

  it.each(['', ' ', 'a b', 'a\r\nb', '李', 'x'.repeat(129), undefined, null, 7])(
    'is none when the header holds no id: %j',
    (header) => {
      expect(contactOf(header)).toBe('');
    },
  );
});
