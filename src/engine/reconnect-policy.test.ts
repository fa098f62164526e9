import { expect, test } from 'vitest';
import { backoff } from './reconnect-policy';

test('waits longer with each failure, up to half a minute, and never hammers', () => {
  const longest = Array.from({ length: 12 }, (_, i) => backoff(i + 1, 0.999_999));
  expect(longest[0]).toBeLessThan(500);
  expect(longest[3]).toBeGreaterThan(3_900);
  expect(Math.max(...longest)).toBeLessThan(30_000);
  expect(longest.toSorted((a, b) => a - b)).toEqual(longest);
  expect(Array.from({ length: 12 }, (_, i) => backoff(i + 1, 0))).toEqual(Array.from({ length: 12 }, () => 100));
});

test('spreads a thousand dashboards over the whole wait', () => {
  const waits = Array.from({ length: 1_000 }, (_, i) => backoff(5, i / 1_000));
  const inEachSecond = Array.from({ length: 8 }, (_, s) => waits.filter((ms) => Math.floor(ms / 1_000) === s).length);
  expect(Math.min(...inEachSecond)).toBeGreaterThan(100);
});
