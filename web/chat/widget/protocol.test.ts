import { describe, expect, it } from 'vitest';

import { lengthOf, readMessage } from './protocol';

describe('a message from the service', () => {
  it('is read with its defaults', () => {
    const message = readMessage({ type: 'status_changed', n: 4, status: { state: 'waiting' } });
    expect(message).toEqual({
      type: 'status_changed',
      n: 4,
      status: {
        state: 'waiting',
        position: 0,
        waitLow: null,
        waitHigh: null,
        agentName: '',
        text: '',
      },
    });
  });

  it.each([
    ['nothing', null],
    ['a list', []],
    ['an unknown type', { type: 'surprise', n: 1 }],
    ['an unknown state', { type: 'status_changed', n: 1, status: { state: 'sleeping' } }],
    ['a session without a token', { type: 'session', n: 1, status: { state: 'waiting' }, lines: [] }],
    ['a line by nobody', { type: 'line_added', n: 1, line: { id: 'x', author: 'ghost', text: '' } }],
  ])('is dropped when it is %s', (_, raw) => {
    expect(readMessage(raw)).toBeNull();
  });

  it('never shows a negative wait', () => {
    const status = { state: 'waiting', position: -3, wait_low: -5, wait_high: -1 };
    const message = readMessage({ type: 'status_changed', n: 1, status });
    expect(message).toMatchObject({ status: { position: 0, waitLow: 0, waitHigh: 0 } });
  });

  it('keeps good lines of a session and drops the rest', () => {
    const lines = [{ id: 'a', author: 'agent', text: 'Hi', at: 1, name: 'Ann' }, 7, { id: 'b' }];
    const raw = { type: 'session', n: 1, token: 't', at: 1, status: { state: 'talking' }, lines };
    expect(readMessage(raw)).toMatchObject({ lines: [{ id: 'a', text: 'Hi' }] });
  });
});

it('counts characters as the service does', () => {
  expect([lengthOf('港湾'), lengthOf('👋👋')]).toEqual([2, 2]);
});
