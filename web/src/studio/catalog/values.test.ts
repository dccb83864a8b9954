import { expect, it } from 'vitest';

import { readCatalogPlace, writeCatalogPlace } from './place';
import { SCHEMA } from './sample';
import { sectionShape, shapeOf, type Thing } from './schema';
import { fits, freeKey, freshOf, openingsText, openingsValue, shortThing, shortValue } from './values';

it.each([
  ['openings', '09:00-17:30', true], ['openings', '09:00-12:00, 13:00-24:00', true], ['openings', 'usual', false],
  ['override', 'usual', true], ['openings', '9-17', false], ['share', '80%', true], ['share', '0.8', true], ['share', '80', false],
  ['amount', '20', true], ['amount', '5m', true], ['amount', 'soon', false], ['holidays', 'GB-ENG', true], ['holidays', 'gb', false],
  ['weekdays', 'mon-fri', true], ['weekdays', 'monday', false], ['date', '2026-12-24', true], ['date', '24.12.', false],
])('a value of kind %s written %s fits: %s', (kind, typed, fit) => {
  expect(fits(kind, typed)).toBe(fit);
});

it('several openings of a day are a list, one is not', () => {
  expect(openingsValue('09:00-12:00, 13:00-17:00')).toEqual(['09:00-12:00', '13:00-17:00']);
  expect(openingsValue('open')).toBe('open');
  expect(openingsText(['09:00-12:00', '13:00-17:00'])).toBe('09:00-12:00, 13:00-17:00');
});

it('a name alone stays a name alone until more is said about it', () => {
  const thing = shapeOf(SCHEMA, { $ref: '#/$defs/ProfileQueue' }) as Thing;
  expect(shortThing(thing, 'help')).toEqual({ queue: 'help' });
  expect(shortValue(thing, { queue: 'help' })).toBe('help');
  expect(shortValue(thing, { queue: 'help', band: '2' })).toEqual({ queue: 'help', band: '2' });
});

it('what is new has what it cannot do without', () => {
  expect(freshOf(sectionShape(SCHEMA, 'agents'))).toEqual({ name: '', profile: '' });
  expect(freshOf(shapeOf(SCHEMA, { $ref: '#/$defs/Overflow' }))).toEqual({ when: 'wait', to: 'callback' });
});

it('a new line gets a name that is free', () => {
  expect(freeKey({ type: 'weekdays' }, { 'mon-fri': '' })).toBe('sat');
  expect(freeKey({ type: 'text', most: 9 }, { new: '', new_2: '' })).toBe('new_3');
});

it.each(['', '#/catalog', '#/catalog/nothing/x', '#/catalog/queues/%E0%A4%A'])('the address %s is the list of queues', (hash) => {
  expect(readCatalogPlace(hash)).toEqual({ section: 'queues', item: '' });
});

it.each([{ section: 'agents', item: 'ann' }, { section: 'queues', item: 'odd id/é' }, { section: 'text', item: '' }] as const)(
  'the place %o is found again by its address',
  (place) => {
    expect(readCatalogPlace(writeCatalogPlace(place))).toEqual(place);
  },
);
