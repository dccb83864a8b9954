import { expect, it } from 'vitest';

import { elsewhere, marks, ofField, type Problem } from './problems';
import { SAMPLE } from './samples';
import { found } from './search';

const kinds = (kind: string) => (kind === 'hang_up' ? 'Goodbye' : kind);

it.each([
  ['language', ['language', 'open']],
  ['CLOSED are', ['closed']],
  ['goodbye', ['closed']],
  ['中文', ['language']],
  ['nobody', ['alone']],
  ['  ', []],
  ['zzz', []],
])('a search for %j finds %j', (typed, ids) => {
  expect(found(SAMPLE, typed, kinds)).toEqual(ids);
});

it('problems are counted by node and found at their field', () => {
  const problem = (severity: 'error' | 'warning', ...path: (string | number)[]): Problem => ({
    severity, path, node: path[0] === 'nodes' ? String(path[1]) : '', what: 'w', fix: 'f',
  });
  const all = [
    problem('error', 'nodes', 'a', 'exits', '1'),
    problem('error', 'nodes', 'a', 'cases', 0, 'when'),
    problem('warning', 'nodes', 'a'),
    problem('error', 'safe_queue'),
  ];
  expect(marks(all).get('a')).toEqual({ errors: 2, warnings: 1 });
  expect(ofField(all, 'a', 'cases')).toEqual([all[1]]);
  expect(ofField(all, '', 'safe_queue')).toEqual([all[3]]);
  expect(elsewhere(all, 'a', ['exits', 'cases'])).toEqual([all[2]]);
});
