import { expect, test } from 'vitest';
import { fileOf, nextRecording } from './recording';
import { card } from './samples';

test.each([
  ['on', 'paused'],
  ['paused', 'on'],
  ['', undefined],
  ['nonsense', undefined],
])('a recording that is %s becomes %s', (recording, next) => {
  expect(nextRecording(card({ attributes: { recording } }))).toBe(next);
});

test('what is over is neither paused nor resumed', () => {
  expect(nextRecording(card({ doing: 'wrapping', attributes: { recording: 'on' } }))).toBeUndefined();
  expect(nextRecording(undefined)).toBeUndefined();
});

test('only a message or a document has a file to play', () => {
  expect(fileOf(card({ attributes: {} }))).toBe('');
  expect(fileOf(card({ contact: 'main:1.2', attributes: { file: 'x.wav' } }))).toBe(
    '/api/v1/contacts/main%3A1.2/recording',
  );
});
