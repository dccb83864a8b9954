import { describe, expect, it } from 'vitest';

import { at, done } from './document';
import { DOCUMENT, SCHEMA } from './sample';
import { sectionOf, sectionShape, shapeOf } from './schema';
import { renamed, usesOf } from './uses';

describe('the shape of a form', () => {
  const queue = sectionShape(SCHEMA, 'queues');
  const fields = queue.type === 'object' ? Object.fromEntries(queue.fields.map((one) => [one.name, one.shape])) : {};

  it('follows the schema of the section', () => {
    expect(fields['label']).toEqual({ type: 'text', most: 80 });
    expect(fields['callback']?.type).toBe('maybe');
    expect(sectionShape(SCHEMA, 'skills')).toEqual({ type: 'text', most: 80 });
  });

  it('knows durations, names and destinations from texts', () => {
    const overflow = fields['overflow'];
    const rule = overflow?.type === 'list' && overflow.item.type === 'object' ? overflow.item.fields : [];
    expect(rule.map((one) => one.shape.type)).toEqual(['pick', 'destination']);
    expect(shapeOf(SCHEMA, { kind: 'duration', anyOf: [{ type: 'string' }] })).toEqual({ type: 'duration' });
  });

  it('takes what it does not know as text', () => {
    expect(shapeOf(SCHEMA, {}).type).toBe('text');
    expect(sectionOf(['surprise'])).toBe('general');
  });
});

describe('what names something', () => {
  it('is found as a value, as a key, and in demands', () => {
    expect(usesOf(SCHEMA, DOCUMENT, 'skill', 'spanish').map((use) => use.path.join('.'))).toEqual([
      'queues.help.steps.0.ask.any.0.spanish', 'queues.help.steps.0.ask.spanish', 'queues.help.steps.1.ask', 'agents.ann.skills.spanish',
    ]);
    expect(usesOf(SCHEMA, DOCUMENT, 'queue', 'later').map((use) => use.path.join('.'))).toEqual([
      'queues.help.overflow.0.to.queue', 'profiles.all.queues.1.queue',
    ]);
    expect(usesOf(SCHEMA, DOCUMENT, 'queue', 'help').map((use) => use.path.join('.'))).toEqual(['profiles.all.queues.0']);
  });

  it('is named otherwise everywhere, and nothing is left', () => {
    const uses = usesOf(SCHEMA, DOCUMENT, 'skill', 'spanish');
    const next = renamed(uses, 'castilian', (path) => at(DOCUMENT, path)).reduce(done, DOCUMENT);
    expect(usesOf(SCHEMA, next, 'skill', 'spanish')).toEqual([]);
    expect(at(next, ['queues', 'help', 'steps', 0])).toEqual({
      ask: { any: [{ castilian: '4' }, { billing: '2' }], castilian: '2' }, for: '30s',
    });
  });

  it('is looked for in a bounded number of places', () => {
    const agents = Object.fromEntries(Array.from({ length: 2_000 }, (_, n) => [`a${n}`, { profile: 'all' }]));
    expect(usesOf(SCHEMA, { agents }, 'profile', 'all').length).toBe(401);
  });
});
