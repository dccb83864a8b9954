import { describe, expect, it } from 'vitest';

import { isAddress, listed, readRecipients } from './recipients';

const addresses = (written: string) => readRecipients(written).addresses;

describe('a list of recipients', () => {
  it('may be parted by commas, semicolons, line ends and spaces', () => {
    const all = ['a@x.org', 'b@x.org', 'c@x.org', 'd@x.org'];
    expect(addresses('a@x.org, b@x.org;c@x.org\nd@x.org')).toEqual(all);
    expect(addresses('a@x.org b@x.org  c@x.org d@x.org ,')).toEqual(all);
  });

  it('may be pasted with names, also such as hold commas', () => {
    expect(addresses('Ann Lee <ann@x.org>, "Díaz, María" <maria@x.org>')).toEqual([
      'ann@x.org',
      'maria@x.org',
    ]);
  });

  it('has nobody twice', () => {
    expect(addresses('Ann@x.org, ann@X.org')).toEqual(['Ann@x.org']);
  });

  it('says what cannot be an address', () => {
    expect(readRecipients('ann, a@x.org, <>, b@').bad).toEqual(['ann', '<>', 'b@']);
  });

  it('is read again as it was listed', () => {
    const people = [{ address: 'a@x.org' }, { address: 'b@x.org' }];
    expect(addresses(listed(people))).toEqual(['a@x.org', 'b@x.org']);
    expect(readRecipients('')).toEqual({ addresses: [], bad: [] });
  });
});

describe('an address', () => {
  it.each(['a@b', 'maria.diaz+shop@x.example', '李@例子.测试'])('may be %s', (text) => {
    expect(isAddress(text)).toBe(true);
  });

  it.each([
    '',
    '@x.org',
    'a@',
    'a b@x.org',
    'a@x.org\r\nBcc: b@x.org',
    'a@x.org\u202e',
    'a,b@x.org',
    `${'a'.repeat(65)}@x.org`,
    `a@${'x'.repeat(320)}`,
  ])('is never %j', (text) => {
    expect(isAddress(text)).toBe(false);
  });
});
