import { describe, expect, it } from 'vitest';

import { read } from './post';

describe('the answer to a transcript or a question', () => {
  it('says where it went', () => {
    expect(read(true, { address: 'mei@example.org' })).toEqual({ address: 'mei@example.org' });
  });

  it.each([
    ['bad_address', 'badMail'],
    ['other_address', 'mailOther'],
    ['nobody_answered', 'mailLater'],
    ['too_many_mails', 'mailMany'],
    ['too_many_questions', 'mailMany'],
    ['overloaded', 'refusedOther'],
  ])('explains %s', (code, problem) => {
    expect(read(false, { error: { code } })).toEqual({ problem });
  });

  it.each([null, undefined, 3, {}, { address: 3 }, { error: null }, '<html>'])(
    'is a failure when it is %j',
    (answer) => {
      expect(read(true, answer)).toEqual({ problem: 'refusedOther' });
    },
  );
});
