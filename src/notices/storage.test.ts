import { expect, test } from 'vitest';
import { storageProblem } from '../engine/history/storage-problem';
import { storageText } from './storage';

test('a storage that works, or is off, needs no words', () => {
  expect(storageText({ state: 'off' })).toBeUndefined();
  expect(storageText({ state: 'on', skipped: 0, restored: { messages: 3, newest: 1 } })).toBeUndefined();
});

test.each<[string, unknown, RegExp]>([
  ['denied', new DOMException('The operation is insecure.', 'SecurityError'), /denies storage .* Allow this site/],
  [
    'denied in a private window of Firefox',
    new DOMException('A mutation operation was attempted', 'InvalidStateError'),
    /private windows/,
  ],
  ['full', new DOMException('', 'QuotaExceededError'), /disk is full.* Free disk space.* reload the page/],
  ['broken', new DOMException('Internal error opening backing store', 'UnknownError'), /backing store\. Reload/],
  ['unlike any other', 'no', /: no\. Reload the page/],
])('a storage that is %s', (_, thrown, text) => {
  expect(storageText(storageProblem(thrown))).toMatch(/^Messages are not stored for a reload of the page: /);
  expect(storageText(storageProblem(thrown))).toMatch(text);
});

test('messages beyond what is written in a second are counted', () => {
  expect(storageText({ state: 'on', skipped: 1_200 })).toBe(
    '1,200 messages were not stored for a reload of the page, because at most 2 MB are stored per second. Narrow the topic filters to store all messages.'
  );
  expect(storageText({ state: 'on', skipped: 1 })).toMatch(/^1 message was not/);
});
