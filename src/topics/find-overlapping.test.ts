import { expect, test } from 'vitest';
import { seededRandom } from '../../testing/random';
import { findOverlapping } from './find-overlapping';
import { overlaps } from './relations';
import { TopicTree } from './tree';

test('finds the filters that overlap, as the comparison with each of them does', () => {
  const random = seededRandom(3);
  const level = (): string => ['a', 'b', '', '+', '$x'][Math.floor(random() * 5)];
  const filter = (): string => {
    const levels = Array.from({ length: 1 + Math.floor(random() * 4) }, level);
    return (random() < 0.3 ? [...levels.slice(1), '#'] : levels).join('/');
  };
  for (let round = 0; round < 300; round++) {
    const filters = [...new Set(Array.from({ length: 12 }, filter))].filter((each) => each !== '');
    const tree = new TopicTree<string>();
    filters.forEach((each) => tree.set(each, each));
    for (const wanted of Array.from({ length: 10 }, filter).filter((each) => each !== '')) {
      const expected = filters.filter((each) => overlaps(each, wanted)).toSorted();
      expect({ wanted, filters, found: findOverlapping(tree, wanted).toSorted() }).toEqual({
        wanted,
        filters,
        found: expected,
      });
    }
  }
});
