import { expect, test } from 'vitest';
import { readWholeNumber } from './whole-number';

const rule = { label: 'Keepalive', min: 1, max: 65_535 };

test.each([
  ['60', 60],
  [' 060 ', 60],
  ['1', 1],
  ['65535', 65_535],
  ['', undefined],
  ['  ', undefined],
])('%j is %s', (text, value) => {
  expect(readWholeNumber(text, rule)).toEqual({ value });
});

test.each(['0', '65536', '-5', '1.5', '1,5', '1e3', '0x10', 'NaN', 'Infinity', 'ten', '9'.repeat(400)])(
  '%j is refused in words',
  (text) => {
    expect(readWholeNumber(text, rule)).toEqual({
      problem: 'Keepalive must be a whole number from 1 to 65,535. Not saved.',
    });
  }
);
