import { expect, test } from 'vitest';
import { count, formatNumber, plural } from './format-number';

test('a number of things has a separator, and its noun agrees with it', () => {
  expect(formatNumber(1_234_567.5)).toBe('1,234,567.5');
  expect([0, 1, 2_000].map((n) => count(n, 'byte'))).toEqual(['0 bytes', '1 byte', '2,000 bytes']);
  expect(count(2, 'entry', 'entries')).toBe('2 entries');
  expect([plural(1, 'is', 'are'), plural(0, 'is', 'are')]).toEqual(['is', 'are']);
});
