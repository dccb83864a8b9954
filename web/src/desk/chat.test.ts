import { describe, expect, it } from 'vitest';
import { isDrawn, markOf, pageOf } from './chat';
import { card } from './samples';

const on = (page: string, page_title = '') => pageOf(card({ attributes: { page, page_title } }));

describe('the page a visitor is on', () => {
  it('is shown by its title and opened by its address', () => {
    expect(on('https://shop.example/plans', 'Plans')).toEqual({
      title: 'Plans',
      link: 'https://shop.example/plans',
    });
  });

  it('has its address as title when it has none', () => {
    expect(on('http://shop.example/')?.title).toBe('http://shop.example/');
  });

  it('is not there for who is on none', () => {
    expect(on('')).toBeUndefined();
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', ' https://x', '//x', 'x'])(
    'cannot be opened when it is no address of the web: %s',
    (url) => expect(on(url, 'x')?.link).toBe(''),
  );
});

describe('how far the last words have come', () => {
  const said = (author: 'agent' | 'customer', at: number) =>
    card({ channel: 'chat', messages: [{ id: '1', author, text: 'x', at, agent: '' }] });

  it('is sent, received, then read', () => {
    expect(markOf(said('agent', 5), undefined)).toBe('sent');
    expect(markOf(said('agent', 5), { received: 5, read: 4 })).toBe('received');
    expect(markOf(said('agent', 5), { received: 5, read: 5 })).toBe('read');
  });

  it('is not said about the customer, or of a mail', () => {
    expect(markOf(said('customer', 5), { received: 5, read: 5 })).toBe('');
    expect(markOf({ ...said('agent', 5), channel: 'email' }, undefined)).toBe('');
  });
});

describe('a file', () => {
  const file = (content_type: string, size = 10) => ({ id: '0', name: 'x', content_type, size });

  it('is drawn when it is a picture that runs nothing and is not huge', () => {
    expect(isDrawn(file('image/png'))).toBe(true);
    for (const kind of ['image/svg+xml', 'text/html', 'application/pdf', '']) {
      expect(isDrawn(file(kind))).toBe(false);
    }
    expect(isDrawn(file('image/png', 9_000_000))).toBe(false);
  });
});
