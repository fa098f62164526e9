import { expect, test, vi } from 'vitest';
import { getOrSet } from './get-or-set';

test('a value is made once', () => {
  const map = new Map<string, number[]>();
  const make = vi.fn(() => [1]);
  const first = getOrSet(map, 'a', make);
  expect(getOrSet(map, 'a', make)).toBe(first);
  expect(make).toHaveBeenCalledTimes(1);
  expect([...map]).toEqual([['a', [1]]]);
});
