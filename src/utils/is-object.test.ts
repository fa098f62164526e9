import { expect, test } from 'vitest';
import { isObject, isRecord } from './is-object';

test.each([
  [{}, true, true],
  [Object.create(null), true, true],
  [[], true, false],
  [null, false, false],
  [undefined, false, false],
  ['text', false, false],
  [() => undefined, false, false],
])('%o: object %s, record %s', (value, object, record) => {
  expect([isObject(value), isRecord(value)]).toEqual([object, record]);
});
