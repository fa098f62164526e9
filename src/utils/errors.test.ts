import { expect, test } from 'vitest';
import { messageOf, toError } from './errors';

const error = new RangeError('too far');

test.each([
  [error, 'too far'],
  ['a text', 'a text'],
  [undefined, 'undefined'],
  [{ toString: (): string => 'its own words' }, 'its own words'],
])('the message of %s is "%s"', (thrown, message) => {
  expect(messageOf(thrown)).toBe(message);
  expect(toError(thrown)).toBeInstanceOf(Error);
  expect(toError(thrown).message).toBe(message);
});

test('an Error stays itself, with its stack', () => {
  expect(toError(error)).toBe(error);
});
