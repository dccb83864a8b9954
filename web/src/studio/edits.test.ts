import { describe, expect, it } from 'vitest';

import { list, record } from './document';
import * as edits from './edits';
import { SAMPLE } from './samples';

const before = structuredClone(SAMPLE);

describe('adding', () => {
  it('makes the first node the start', () => {
    const empty = { flow: 'a', languages: ['en'], nodes: {}, tests: [] };
    const doc = edits.addNode(empty, 'say', 'say');
    expect([doc.start, edits.addNode(doc, 'menu', 'menu').start]).toEqual(['say', 'say']);
  });

  it('finds an id that is free', () => {
    expect(edits.freeId(SAMPLE.nodes, 'open')).toBe('open_2');
    expect(edits.freeId({ ...SAMPLE.nodes, open_2: { kind: 'say' } }, 'open')).toBe('open_3');
    expect(edits.freeId(SAMPLE.nodes, 'toString')).toBe('toString');
  });
});

describe('removing', () => {
  it('takes along the exits that led there, and the start', () => {
    const doc = edits.removeNodes(SAMPLE, ['support', 'open']);
    expect(Object.keys(doc.nodes)).toEqual(['language', 'closed', 'alone']);
    expect(doc.nodes['language']?.exits).toEqual({ timeout: 'language', invalid: 'closed' });
    expect('start' in doc).toBe(false);
  });

  it('leaves the document before it as it was', () => {
    edits.removeNodes(SAMPLE, ['support']);
    expect(SAMPLE).toEqual(before);
  });
});

describe('renaming', () => {
  it('changes the id wherever it is named, in its place', () => {
    const doc = edits.renameNode(SAMPLE, 'language', 'tongue');
    expect(Object.keys(doc.nodes)).toEqual(['open', 'tongue', 'support', 'closed', 'alone']);
    expect(doc.nodes['open']?.exits).toEqual({ open: 'tongue', closed: 'closed' });
    expect(doc.nodes['tongue']?.exits?.['timeout']).toBe('tongue');
    expect(record(record(list(doc.tests)[0])['expect'])).toEqual({ ends: 'waiting', at: 'tongue', path: ['open', 'tongue'] });
    expect(edits.renameNode(SAMPLE, 'open', 'door').start).toBe('door');
  });

  it.each([['Open', 'name'], ['', 'name'], ['a b', 'name'], ['x'.repeat(65), 'name'], ['closed', 'taken'], ['open', ''], ['door', '']])(
    'to %j: %j',
    (to, problem) => {
      expect(edits.idProblem(SAMPLE, 'open', to)).toBe(problem);
    },
  );
});

describe('ways', () => {
  it('are laid and taken away', () => {
    const doc = edits.connect(SAMPLE, 'alone', 'next', 'closed');
    expect(doc.nodes['alone']?.exits).toEqual({ next: 'closed' });
    expect(edits.disconnect(doc, 'alone', 'next').nodes['alone']).toEqual(SAMPLE.nodes['alone']);
  });

  it('of nodes that are not there change nothing', () => {
    expect(edits.connect(SAMPLE, 'ghost', 'next', 'closed')).toBe(SAMPLE);
  });
});

describe('fields', () => {
  it('go back to their default when they are taken away', () => {
    const doc = edits.setField(SAMPLE, 'alone', 'barge_in', false);
    expect(doc.nodes['alone']?.['barge_in']).toBe(false);
    expect(edits.setField(doc, 'alone', 'barge_in', undefined).nodes['alone']).toEqual(SAMPLE.nodes['alone']);
  });

  it('that name exits take the way along: another key, one key less', () => {
    const other = edits.setField(SAMPLE, 'language', 'choices', { 1: {}, 3: {} });
    expect(other.nodes['language']?.exits).toEqual({ 1: 'support', 3: 'support', timeout: 'language', invalid: 'closed' });
    const fewer = edits.setField(SAMPLE, 'language', 'choices', { 1: {} });
    expect(Object.keys(fewer.nodes['language']?.exits ?? {})).toEqual(['1', 'timeout', 'invalid']);
  });
});

it('places are whole numbers within bounds', () => {
  const doc = edits.moveNodes(SAMPLE, new Map([['open', { x: 1.6, y: -9e9 }], ['ghost', { x: 1, y: 1 }]]));
  expect(doc.nodes['open']?.position).toEqual({ x: 2, y: -1_000_000 });
  expect(Object.keys(doc.nodes)).toEqual(Object.keys(SAMPLE.nodes));
});
