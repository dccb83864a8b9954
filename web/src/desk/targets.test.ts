import { describe, expect, it } from 'vitest';

import { parseTarget, targets } from './targets';

describe('whom a contact can go to', () => {
  it('are colleagues at work, the ready ones first, then queues', () => {
    const found = targets({
      not_ready_reasons: [],
      catalog: 0,
      queues: [['billing', 'Billing']],
      colleagues: [
        { agent: 'chi', name: 'Chi', state: 'not_ready', team: '' },
        { agent: 'dan', name: 'Dan', state: 'signed_out', team: '' },
        { agent: 'ben', name: 'Ben', state: 'ready', team: '' },
      ],
    });
    expect(found.map((option) => option.id)).toEqual(['agent:ben', 'agent:chi', 'queue:billing']);
  });
});

describe('a target', () => {
  it('is a queue, a colleague, a number or a mail address', () => {
    expect(parseTarget('agent:ben', true)).toEqual({ agent: 'ben' });
    expect(parseTarget('queue:billing', true)).toEqual({ queue: 'billing' });
    expect(parseTarget(' +49 30 123456 ', true)).toEqual({ address: '+49 30 123456' });
    expect(parseTarget('shop@example.com', true)).toEqual({ address: 'shop@example.com' });
  });

  it('is nothing else', () => {
    expect(parseTarget('somebody', true)).toBeUndefined();
    expect(parseTarget('', true)).toBeUndefined();
  });

  it('of a consultation is inside the centre', () => {
    expect(parseTarget('+49 30 123456', false)).toBeUndefined();
  });
});
