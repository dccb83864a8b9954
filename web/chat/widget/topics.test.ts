import { expect, it } from 'vitest';

import { readTopics } from './topics';

it('reads the topics of its own entry point', () => {
  const answer = {
    entry_points: [
      { id: 'shop', choices: ['x'] },
      { id: 'website', choices: ['orders', { id: 'bills', label: 'Bills' }, { id: 'other' }] },
    ],
  };
  expect(readTopics(answer, 'website')).toEqual([
    { id: 'orders', label: 'orders' },
    { id: 'bills', label: 'Bills' },
    { id: 'other', label: 'other' },
  ]);
});

it.each([null, 'x', {}, { entry_points: 3 }, { entry_points: [null, { id: 'website' }] }])(
  'has no topics in %j',
  (answer) => {
    expect(readTopics(answer, 'website')).toEqual([]);
  },
);
