import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { align } from './align';

function alignTexts(a: string, b: string): number[] {
  return [...align(a.length, b.length, (x, y) => a[x] === b[y])];
}

/** The length of the longest common subsequence, the plain way. */
function longest(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, () => 0);
  for (const each of a) {
    const next = [0];
    for (let y = 0; y < b.length; y++) {
      next.push(each === b[y] ? row[y] + 1 : Math.max(row[y + 1], next[y]));
    }
    row = next;
  }
  return row[b.length];
}

test.each([
  ['', '', []],
  ['abc', '', []],
  ['', 'abc', [-1, -1, -1]],
  ['abcdef', 'def', [3, 4, 5]],
  ['abcdef', 'bdf', [1, 3, 5]],
  ['aaaaa', 'aa', [3, 4]],
  ['aa', 'aaaa', [-1, -1, 0, 1]],
  ['abc', 'abxc', [0, 1, -1, 2]],
  ['aabb', 'ab', [1, 3]],
])('aligns %j with %j', (a, b, partners) => {
  expect(alignTexts(a, b)).toEqual(partners);
});

test('finds as many pairs as there can be, in order', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 30 });
  fc.assert(
    fc.property(text, text, (a, b) => {
      const partners = alignTexts(a, b);
      const pairs = partners.flatMap((partner, at) => (partner < 0 ? [] : [[partner, at] as const]));
      expect(pairs).toHaveLength(longest(a, b));
      expect(pairs.map(([partner]) => partner)).toEqual(pairs.map(([partner]) => partner).toSorted((x, y) => x - y));
      expect(new Set(pairs.map(([partner]) => partner)).size).toBe(pairs.length);
      expect(pairs.every(([partner, at]) => a[partner] === b[at])).toBe(true);
    })
  );
});

test('runs that have little in common are aligned in time that does not explode', () => {
  const a = Array.from({ length: 20_000 }, (_, n) => n);
  const b = Array.from({ length: 20_000 }, (_, n) => n * 3);
  const partners = align(a.length, b.length, (x, y) => a[x] === b[y]);
  expect(partners.every((partner, at) => partner === -1 || a[partner] === b[at])).toBe(true);
});
