import { describe, expect, it } from 'vitest';

import { type Binding, chord, isTaken, matches } from './keys.svelte';

const event = (key: string, more: Partial<KeyboardEvent> = {}) =>
  ({ key, code: '', ctrlKey: false, altKey: false, metaKey: false, shiftKey: false, ...more }) as KeyboardEvent;

describe('a chord', () => {
  it.each([
    [event('j'), 'J'],
    [event('?', { shiftKey: true }), '?'],
    [event('Enter', { altKey: true, code: 'Enter' }), 'Alt+Enter'],
    [event('¡', { altKey: true, code: 'Digit1' }), 'Alt+1'],
    [event('å', { altKey: true, code: 'KeyA' }), 'Alt+A'],
    [event('J', { shiftKey: true }), 'Shift+J'],
    [event('Enter', { shiftKey: true }), 'Shift+Enter'],
  ])('is read from what was pressed', (pressed, expected) => {
    expect(chord(pressed)).toBe(expected);
  });
});

describe('a binding', () => {
  const binding = (changes: Partial<Binding>): Binding => ({
    keys: 'J',
    label: '',
    group: '',
    run: () => undefined,
    ...changes,
  });

  it('stays quiet while somebody writes, unless it is meant for that', () => {
    expect(matches(binding({}), 'J', true)).toBe(false);
    expect(matches(binding({ keys: 'Alt+1', inFields: true }), 'Alt+1', true)).toBe(true);
  });

  it('answers only while it makes sense', () => {
    expect(matches(binding({ when: () => false }), 'J', false)).toBe(false);
  });
});

describe("the browser's own keys", () => {
  it.each(['Ctrl+T', 'Meta+L', 'Alt+D', 'Alt+F4', 'F5', 'Tab', 'Alt+ArrowLeft'])('include %s', (keys) => {
    expect(isTaken(keys)).toBe(true);
  });

  it.each(['J', 'Alt+1', 'Enter', '?'])('leave %s free', (keys) => {
    expect(isTaken(keys)).toBe(false);
  });
});
