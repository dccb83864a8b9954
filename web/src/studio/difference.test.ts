import { describe, expect, it } from 'vitest';

import type { Change } from './api';
import { concerned, difference, marksOf, shownExits, withWaysBefore } from './difference';
import * as edits from './edits';
import { Places } from './places';
import { SAMPLE } from './samples';

const change = (what: Change['what'], node: string): Change => ({ what, node, sentence: '' });

describe('marks', () => {
  it('say what became of each node', () => {
    const marks = marksOf([change('added', 'a'), change('led', 'a'), change('removed', 'b'), change('led', 'c'), change('changed', '')]);
    expect([...marks]).toEqual([['a', 'added'], ['b', 'removed'], ['c', 'changed']]);
  });

  it('leave out what only stands elsewhere', () => {
    expect(marksOf([change('moved', 'a')]).size).toBe(0);
  });
});

describe('the picture', () => {
  const added = edits.addNode(edits.removeNodes(SAMPLE, ['closed']), 'box', 'voicemail');
  const after = edits.connect(added, 'open', 'closed', 'box');
  const picture = difference(SAMPLE, after, [change('added', 'box'), change('removed', 'closed'), change('led', 'open')]);

  it('shows what there is and what there was', () => {
    expect(Object.keys(picture.doc.nodes).sort()).toEqual(['alone', 'box', 'closed', 'language', 'open', 'support']);
  });

  it('marks ways that are new and ways that are gone', () => {
    const marked = picture.ways.filter((way) => way.mark).map((way) => `${way.mark} ${way.source} ${way.exit} ${way.target}`);
    expect(marked.sort()).toEqual(['added open closed box', 'removed language invalid closed', 'removed open closed closed']);
  });

  it('has an exit for every way, also for one that is gone', () => {
    const less = { ...after, nodes: { ...after.nodes, language: { kind: 'menu' } } };
    expect(shownExits(difference(SAMPLE, less, []), 'language')).toEqual(expect.arrayContaining(['1', '2', 'timeout', 'invalid']));
  });

  it('has what is gone where it was led to', () => {
    const places = new Places().of(withWaysBefore(picture.doc, picture.ways));
    expect(places.get('closed')?.x).toBeGreaterThan(places.get('open')?.x ?? NaN);
  });

  it('can be cut down to what is concerned', () => {
    const only = difference(SAMPLE, edits.setField(SAMPLE, 'alone', 'label', 'Alone'), [change('changed', 'alone')]);
    expect([...concerned(only, 10)]).toEqual(['alone']);
    expect([...concerned(picture, 10)].sort()).toEqual(['box', 'closed', 'language', 'open']);
    expect(concerned(picture, 2).size).toBe(2);
  });
});
