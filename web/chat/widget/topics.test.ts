import { expect, it } from 'vitest';

import { ANY, isOpen, readEntry } from './topics';

it('reads the topics of its own entry point', () => {
  const answer = {
    entry_points: [
      { id: 'shop', choices: ['x'] },
      { id: 'website', choices: ['orders', { id: 'bills', label: 'Bills' }, { id: 'other' }] },
    ],
  };
  expect(readEntry(answer, 'website').topics).toEqual([
    { id: 'orders', label: 'orders', open: true },
    { id: 'bills', label: 'Bills', open: true },
    { id: 'other', label: 'other', open: true },
  ]);
});

it.each([null, 'x', {}, { entry_points: 3 }, { entry_points: [null, { id: 'website' }] }])(
  'has no topics in %j',
  (answer) => {
    expect(readEntry(answer, 'website')).toEqual(ANY);
  },
);

it('is closed where the service says so, for a topic or for all of them', () => {
  const choices = [
    { id: 'day', open: true },
    { id: 'night', open: false },
  ];
  const some = readEntry({ entry_points: [{ id: 'website', choices, open: false }] }, 'website');
  expect(['', 'day', 'night', 'gone'].map((topic) => isOpen(some, topic))).toEqual([true, true, false, true]);
  const none = readEntry({ entry_points: [{ id: 'website', choices: [], open: false }] }, 'website');
  expect(isOpen(none, '')).toBe(false);
  const all = readEntry({ entry_points: [{ id: 'website', choices: [choices[1]] }] }, 'website');
  expect(isOpen(all, '')).toBe(false);
});
