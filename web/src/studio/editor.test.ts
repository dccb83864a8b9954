import { beforeEach, describe, expect, it } from 'vitest';

import { Editor } from './editor.svelte';
import { SAMPLE } from './samples';

let editor: Editor;

beforeEach(() => {
  editor = new Editor();
  editor.open(SAMPLE);
});

describe('undo and redo', () => {
  it('go step by step through every kind of change', () => {
    const steps = [editor.doc];
    const acts = [
      () => editor.add('menu'),
      () => editor.rename('menu', 'main'),
      () => editor.connect('main', 'timeout', 'closed'),
      () => editor.set('main', 'label', 'Main'),
      () => editor.setFlow('label', 'Door'),
      () => editor.tidy(),
      () => editor.remove(['main', 'open']),
    ];
    for (const act of acts) {
      act();
      steps.push(editor.doc);
    }
    for (const doc of [...steps].reverse().slice(1)) {
      editor.undo();
      expect(editor.doc).toEqual(doc);
    }
    expect(editor.canUndo).toBe(false);
    for (const doc of steps.slice(1)) {
      editor.redo();
      expect(editor.doc).toEqual(doc);
    }
    expect(editor.canRedo).toBe(false);
  });

  it('take what was typed into one field as one step, until the field is left', () => {
    for (const text of ['H', 'He', 'Hey']) editor.set('alone', 'note', text);
    editor.settle();
    editor.set('alone', 'note', 'Hey!');
    editor.undo();
    expect(editor.doc.nodes['alone']?.note).toBe('Hey');
    editor.undo();
    expect(editor.doc).toBe(SAMPLE);
  });

  it('forget what was undone after another change', () => {
    editor.add('say');
    editor.undo();
    editor.add('menu');
    expect(editor.canRedo).toBe(false);
  });

  it('are bounded', () => {
    for (let turn = 0; turn < 300; turn += 1) editor.add('say');
    let undone = 0;
    for (; editor.canUndo; undone += 1) editor.undo();
    expect(undone).toBe(200);
  });
});

describe('the selection', () => {
  it('is what was added, and follows a new name', () => {
    const id = editor.add('say');
    expect(editor.node).toBe(id);
    editor.rename(id, 'hello');
    expect(editor.node).toBe('hello');
  });

  it('forgets nodes that are gone', () => {
    editor.select(['open', 'closed', 'ghost']);
    expect(editor.selection).toEqual(['open', 'closed']);
    editor.remove(['open']);
    expect(editor.selection).toEqual(['closed']);
  });
});

describe('copies', () => {
  it('keep the ways among themselves and to nodes that are there', () => {
    editor.select(['open', 'language']);
    const text = editor.copy();
    expect(editor.paste(text)).toBe(2);
    expect(editor.selection).toEqual(['open_2', 'language_2']);
    expect(editor.doc.nodes['open_2']?.exits).toEqual({ open: 'language_2', closed: 'closed' });
    expect(editor.doc.nodes['language_2']?.exits?.['timeout']).toBe('language_2');
  });

  it('go to another flow without the ways to what is not there', () => {
    editor.select(['open', 'language']);
    const text = editor.copy();
    editor.open({ flow: 'other', languages: ['en'], nodes: {}, tests: [] });
    editor.paste(text);
    expect(editor.doc.nodes['open']?.exits).toEqual({ open: 'language' });
  });

  it.each([['hello'], ['{"patchbay_nodes": 3}'], ['{"patchbay_nodes": {"a": []}}'], ['patchbay_nodes {']])(
    'of something else are refused: %s',
    (text) => {
      expect(editor.paste(text)).toBe(0);
      expect(editor.doc).toBe(SAMPLE);
    },
  );

  it('never take an id that is no name', () => {
    editor.paste('{"patchbay_nodes": {"<b>": {"kind": "say"}, "__proto__": {"kind": "say"}}}');
    expect(editor.selection.every((id) => /^[a-z0-9_]+$/.test(id))).toBe(true);
  });
});

it('a move to where it is already changes nothing', () => {
  editor.tidy();
  const doc = editor.doc;
  editor.tidy();
  expect(editor.doc).toBe(doc);
});
