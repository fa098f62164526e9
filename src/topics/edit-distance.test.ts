import { expect, test } from 'vitest';
import { seededRandom } from '../../testing/random';
import { editDistance } from './edit-distance';

test.each([
  ['', '', 0],
  ['port', 'port', 0],
  ['port', 'prot', 1],
  ['port', 'ports', 1],
  ['port', 'pot', 1],
  ['port', 'part', 1],
  ['listeners', 'lisetnres', 2],
  ['ab', 'ba', 1],
  ['abc', 'xyz', Infinity],
  ['a', 'abcd', Infinity],
  ['', 'ab', 2],
])('%j to %j: %s', (one, other, expected) => {
  expect(editDistance(one, other, 2)).toBe(expected);
  expect(editDistance(other, one, 2)).toBe(expected);
});

/** The whole table, as the definition has it. */
function naiveDistance(one: string, other: string): number {
  const table = Array.from({ length: one.length + 1 }, (_, i) =>
    Array.from({ length: other.length + 1 }, (_, j) => (i === 0 ? j : j === 0 ? i : 0))
  );
  for (let i = 1; i <= one.length; i++) {
    for (let j = 1; j <= other.length; j++) {
      const replaced = table[i - 1][j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const swapped = isSwap ? table[i - 2][j - 2] + 1 : Infinity;
      table[i][j] = Math.min(table[i - 1][j] + 1, table[i][j - 1] + 1, replaced, swapped);
    }
  }
  return table[one.length][other.length];
}

test('is the distance of the whole table, up to the limit', () => {
  const random = seededRandom(4);
  const letter = (): string => 'abc'[Math.floor(random() * 3)];
  const word = (): string => Array.from({ length: Math.floor(random() * 6) }, letter).join('');
  for (let i = 0; i < 2_000; i++) {
    const [one, other, max] = [word(), word(), Math.floor(random() * 4)];
    const distance = naiveDistance(one, other);
    expect(editDistance(one, other, max), `${one} to ${other}`).toBe(distance <= max ? distance : Infinity);
  }
});
