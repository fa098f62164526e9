import { expect, test } from 'vitest';

import { spansOf } from './spans';

const show = (value: unknown) => ({ text: String(value), color: 'green' });

test('a value lasts until the next one, the newest until the end of the range', () => {
  expect(spansOf([10, 20, 30], ['on', 'on', 'off'], { from: 15, to: 50 }, show)).toEqual([
    { from: 15, to: 30, text: 'on', color: 'green' },
    { from: 30, to: 50, text: 'off', color: 'green' },
  ]);
});

test('null ends a span; undefined does not', () => {
  expect(spansOf([0, 1, 2, 3], ['a', undefined, null, 'b'], { from: 0, to: 4 }, show)).toEqual([
    { from: 0, to: 2, text: 'a', color: 'green' },
    { from: 3, to: 4, text: 'b', color: 'green' },
  ]);
});

test('a value that ended before the range has no span', () => {
  expect(spansOf([0, 5], ['a', 'b'], { from: 10, to: 20 }, show)).toEqual([
    { from: 10, to: 20, text: 'b', color: 'green' },
  ]);
});
