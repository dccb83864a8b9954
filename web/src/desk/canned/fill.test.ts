import { describe, expect, it } from 'vitest';

import type { ContactCard } from '../../lib/protocol';
import { clean, FIELDS, fill, type Known } from './fill';

function known(name: string, changes: Partial<ContactCard> = {}): Known {
  const customer = name ? { id: 'c1', name, tier: '', value: 0 } : null;
  const card = {
    customer, pop: { case: 'none', customer: null, candidates: [] }, attributes: {},
    address: 'ann@example.com', queue_label: 'Help desk', ...changes,
  } as unknown as ContactCard;
  return { card, agentName: 'Ann', fullName: 'Ann Lindqvist' };
}

describe('fields', () => {
  it('are filled in from what is known', () => {
    const all = Object.keys(FIELDS).map((name) => `{${name}}`).join(' / ');
    const here = known('María Díaz', { attributes: { subject: 'My bill' } });
    expect(fill(all, here)).toBe(
      'María Díaz / María / ann@example.com / Ann / Ann Lindqvist / My bill / Help desk',
    );
  });

  it('of nobody known say what they are to say, or nothing', () => {
    const nobody = known('', { address: 'visitor-4711' });
    expect(fill('Hello {customer.first_name|there}!', nobody)).toBe('Hello there!');
    expect(fill('Hello {customer.first_name}, welcome', nobody)).toBe('Hello, welcome');
    expect(fill('{customer.address}', nobody)).toBe('');
  });

  it('take the name that was given when there is no record', () => {
    expect(fill('{customer.name}', known('', { attributes: { name: 'Wei' } }))).toBe('Wei');
  });

  it('leave names together that are written without spaces', () => {
    expect(fill('{customer.first_name}', known('王 芳'))).toBe('王 芳');
  });

  it('leave doubled braces as one, and what they do not know as it is', () => {
    const here = known('Mei');
    expect(fill('{{customer.name}} {nobody.knows} {toString} {constructor}', here)).toBe(
      '{customer.name} {nobody.knows} {toString} {constructor}',
    );
  });
});

describe('values are text and nothing else', () => {
  it.each([
    '{agent.name}', '{agent.full_name|x}', '{{', '$&$1$`', '<img src=x onerror=alert(1)>',
    '/hello', '\\{queue.label}', '{customer.name}',
  ])('%s', (name) => {
    expect(fill('Dear {customer.name}.', known(name))).toBe(`Dear ${name}.`);
  });

  it('on one line, without what hides or turns text, and cut', () => {
    expect(clean('  a\r\nb\u0000c\u202egnp\u2066x\u2028y\u200b ')).toBe('a b cgnpxy');
    expect([...clean('😀'.repeat(300))]).toHaveLength(200);
  });

  it('are read in a bounded time', () => {
    const long = '{customer.name|'.repeat(20_000);
    expect(fill(long, known('Mei'))).toBe(long);
    expect(fill('{'.repeat(40_000), known('Mei'))).toHaveLength(20_000);
  });
});
