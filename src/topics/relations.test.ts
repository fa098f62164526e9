import { describe, expect, test } from 'vitest';
import { naiveMatch } from '../../testing/naive-match';
import { seededRandom } from '../../testing/random';
import { covers, matches, overlaps } from './relations';

describe('relations of filters', () => {
  test.each([
    ['#', 'a/b', true],
    ['a/#', 'a', true],
    ['a/#', 'ab', false],
    ['a/+/c', 'a/b/c', true],
    ['a/+', 'a', false],
    ['a/+', 'a/', true],
    ['+', '/', false],
    ['+/+', '/', true],
    ['#', '$SYS/x', false],
    ['+/x', '$SYS/x', false],
    ['$SYS/#', '$SYS/x', true],
    ['__proto__', '__proto__', true],
  ])('%s matches %s: %s', (filter, topic, expected) => {
    expect(matches(filter, topic)).toBe(expected);
  });

  test.each([
    ['#', '#', true],
    ['#', '+/a', true],
    ['+', '#', false],
    ['a/#', 'a/+/b', true],
    ['a/+', 'a/#', false],
    ['a/+', 'a/b', true],
    ['a/b', 'a/+', false],
    ['a/#', 'a/#', true],
    ['a', 'a/#', false],
    ['#', '$SYS/#', false],
  ])('%s covers %s: %s', (outer, inner, expected) => {
    expect(covers(outer, inner)).toBe(expected);
  });

  test.each([
    ['a/#', '#', true],
    ['a/+', '+/b', true],
    ['a/+', 'b/+', false],
    ['a', 'a/#', true],
    ['a/b', 'a', false],
    ['a/b/c', 'a/+/d', false],
    ['#', '$SYS/#', false],
    ['+/b/#', 'a/#', true],
  ])('%s overlaps %s: %s, both ways', (one, other, expected) => {
    expect(overlaps(one, other)).toBe(expected);
    expect(overlaps(other, one)).toBe(expected);
  });
});

describe('compared with a naive matcher', () => {
  const random = seededRandom(2);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)];
  const newFilter = (): string => {
    const levels = Array.from({ length: 1 + Math.floor(random() * 3) }, () => pick(['a', 'b', '', '+', '$x']));
    return [...levels, ...(random() < 0.4 ? ['#'] : [])].join('/');
  };
  /** Every topic that tells such filters apart: with one level more than they have, and with a word that they lack. */
  const words = ['a', 'b', '', '$x', 'z'];
  const longer = (topics: readonly string[]): string[] =>
    topics.flatMap((topic) => words.map((word) => `${topic}/${word}`));
  const topics = [...words, ...longer(words), ...longer(longer(words)), ...longer(longer(longer(words)))];

  test('matches', () => {
    const wrong: string[] = [];
    for (let i = 0; i < 300; i++) {
      const filter = newFilter();
      const expected = topics.filter((topic) => naiveMatch(filter, topic));
      const found = topics.filter((topic) => matches(filter, topic));
      if (found.join() !== expected.join()) {
        wrong.push(filter);
      }
    }
    expect(wrong).toEqual([]);
  });

  test('covers and overlaps', () => {
    const wrong: string[] = [];
    let covered = 0;
    for (let i = 0; i < 1_500; i++) {
      const [outer, inner] = [newFilter(), pick([newFilter(), newFilter(), '#'])];
      const ofInner = topics.filter((topic) => matches(inner, topic));
      const ofBoth = ofInner.filter((topic) => matches(outer, topic));
      // The exception that the comment of `covers` names
      const isCovered = ofBoth.length === ofInner.length && !(outer === '+/#' && inner === '#');
      covered += isCovered ? 1 : 0;
      if (covers(outer, inner) !== isCovered) {
        wrong.push(`${outer} covers ${inner}`);
      }
      if (overlaps(outer, inner) !== ofBoth.length > 0 || overlaps(inner, outer) !== ofBoth.length > 0) {
        wrong.push(`${outer} overlaps ${inner}`);
      }
    }
    expect(wrong).toEqual([]);
    expect(covered).toBeGreaterThan(50);
  });
});
