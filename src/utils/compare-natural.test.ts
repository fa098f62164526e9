import { assert, property, stringMatching } from 'fast-check';
import { expect, test } from 'vitest';

import { compareNatural } from './compare-natural';

test('numbers in texts count as numbers', () => {
  const sorted = [
    '',
    '0',
    '00',
    '01',
    '1',
    '2',
    '10',
    '100',
    'a',
    'a/b',
    'a0',
    'a1/c',
    'a02/c',
    'a2/b',
    'a10',
    'b',
    'ä',
  ];
  expect(sorted.toReversed().toSorted(compareNatural)).toEqual(sorted);
  expect(['1.10', '1.9', '-2', '10-1', '9-2'].toSorted(compareNatural)).toEqual(['-2', '1.9', '1.10', '9-2', '10-1']);
  expect(compareNatural('9'.repeat(400), '1'.repeat(401))).toBeLessThan(0);
});

test('is an order: equal only to itself, and never in a circle', () => {
  const text = stringMatching(/^[a0-2/]{0,5}$/);
  assert(
    property(text, text, text, (a, b, c) => {
      expect(compareNatural(a, b) === 0).toBe(a === b);
      expect(Math.sign(compareNatural(a, b))).toBe(-Math.sign(compareNatural(b, a)) + 0);
      if (compareNatural(a, b) < 0 && compareNatural(b, c) < 0) {
        expect(compareNatural(a, c)).toBeLessThan(0);
      }
    }),
    { numRuns: 3_000 }
  );
});
