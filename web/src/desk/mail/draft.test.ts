import { describe, expect, it } from 'vitest';

import {
  EMPTY,
  fitting,
  isEmpty,
  LONGEST_TEXT,
  MOST_BYTES,
  MOST_FILES,
  newer,
  objection,
  readDraft,
  replyOf,
  sameReply,
} from './draft';
import { answer } from './samples';

const HASH = '0'.repeat(64);
const file = { sha256: HASH, name: 'a.pdf', content_type: 'application/pdf', size: 3 };

describe('a draft', () => {
  it('is the same after it was kept', () => {
    const draft = { text: 'Hi', to: 'a@x.org', cc: null, subject: 'S', files: [file], at: 7 };
    expect(readDraft(JSON.parse(JSON.stringify(draft)))).toEqual(draft);
  });

  it.each([null, 1, 'text', [], {}, { text: 1, at: 1 }, { text: 'x' }])('is not %j', (raw) => {
    expect(readDraft(raw)).toBeUndefined();
  });

  it('loses only what nobody understands', () => {
    const raw = { text: 'Hi', at: 1, to: 5, files: [file, { sha256: '../x' }, null] };
    expect(readDraft(raw)).toEqual({ ...EMPTY, text: 'Hi', files: [file], at: 1 });
  });

  it('that was changed last counts, wherever it was kept', () => {
    const [old, young] = [{ ...EMPTY, at: 1 }, { ...EMPTY, at: 2 }];
    expect(newer(old, young)).toBe(young);
    expect(newer(young, old)).toBe(young);
    expect(newer(undefined, old)).toBe(old);
  });

  it('is empty until something of it is the agent’s own', () => {
    expect(isEmpty({ ...EMPTY, text: ' \n' })).toBe(true);
    expect(isEmpty({ ...EMPTY, files: [file] })).toBe(false);
    expect(isEmpty({ ...EMPTY, to: '' })).toBe(false);
  });
});

describe('a reply', () => {
  it('goes where the answer says until the agent says otherwise', () => {
    const to = answer({ cc: [{ address: 'boss@x.org', name: '' }] });
    const reply = replyOf({ ...EMPTY, text: 'Hi', files: [file] }, to);
    expect(reply).toEqual({
      text: 'Hi',
      to: ['maria@outside.test'],
      cc: ['boss@x.org'],
      subject: 'Re: My order',
      files: [{ sha256: HASH, name: 'a.pdf', content_type: 'application/pdf' }],
    });
    expect(replyOf({ ...EMPTY, cc: '', to: 'b@x.org' }, to)).toMatchObject({ to: ['b@x.org'], cc: [] });
  });

  it('is another one as soon as a word of it changed', () => {
    const one = replyOf({ ...EMPTY, text: 'Hi' }, answer());
    expect(sameReply(one, replyOf({ ...EMPTY, text: 'Hi', at: 9 }, answer()))).toBe(true);
    expect(sameReply(one, replyOf({ ...EMPTY, text: 'Hi!' }, answer()))).toBe(false);
  });
});

describe('what cannot be sent', () => {
  const why = (changes: Partial<typeof EMPTY>) =>
    objection({ ...EMPTY, text: 'Hi', ...changes }, answer())?.key;

  it('says why', () => {
    expect(why({ to: '' })).toBe('bad.nobody');
    expect(why({ to: 'maria' })).toBe('bad.address');
    expect(why({ cc: 'maria' })).toBe('bad.address');
    expect(why({ text: ' ' })).toBe('bad.empty');
    expect(why({ text: 'x'.repeat(LONGEST_TEXT + 1) })).toBe('bad.long');
    expect(why({ subject: 'x'.repeat(301) })).toBe('bad.subject');
    expect(why({ to: Array.from({ length: 51 }, (_, n) => `a${n}@x.org`).join() })).toBe('bad.many');
  });

  it('does not keep back what can', () => {
    expect(why({})).toBeUndefined();
    expect(why({ text: '', files: [file] })).toBeUndefined();
  });
});

describe('files', () => {
  it('are taken as far as they fit', () => {
    const big = { size: MOST_BYTES - 5 };
    expect(fitting([file], [big, { size: 1 }])).toEqual({ fit: [big, { size: 1 }], over: [] });
    expect(fitting([file, file], [big, { size: 1 }])).toEqual({ fit: [{ size: 1 }], over: [big] });
  });

  it('are a set number at most', () => {
    const many = Array.from({ length: MOST_FILES + 2 }, () => ({ size: 0 }));
    expect(fitting([], many).over).toHaveLength(2);
  });
});
