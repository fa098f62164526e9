import { afterEach, describe, expect, test, vi } from 'vitest';
import { parsePattern } from './pattern';
import { FilterTrie } from './trie';
import { naiveMatch } from '../../testing/naive-match';
import { seededRandom } from '../../testing/random';

function found(filters: readonly string[], topic: string): string[] {
  const trie = new FilterTrie<string>();
  for (const filter of filters) {
    trie.add(filter, filter);
  }
  return [...trie.match(topic)].toSorted();
}

describe('match', () => {
  test.each<[string, string[], string[]]>([
    // The examples of MQTT 4.7.1.2 and 4.7.1.3.
    ['sport/tennis/player1', ['sport/tennis/player1/#'], []],
    ['sport/tennis/player1/ranking', ['sport/tennis/player1/#'], []],
    ['sport', ['sport/#', '#', '+'], []],
    ['sport/', ['sport/+', 'sport/#', '+/+'], ['sport', '+']],
    ['sport/tennis/player1', ['sport/tennis/+'], ['sport/+', 'sport/tennis']],
    ['/finance', ['+/+', '/+'], ['+', 'finance']],
    ['finance', ['+'], ['/+', '+/+']],
    ['/', ['/', '+/+', '/#', '+/#', '#'], ['+', '']],
    ['a//b', ['a/+/b', 'a//b', 'a//+'], ['a/b', 'a/+']],
    ['ACCOUNTS', ['ACCOUNTS'], ['Accounts']],
    // [MQTT-4.7.2-1]
    [
      '$SYS/monitor/Clients',
      ['$SYS/#', '$SYS/monitor/+', '$SYS/+/Clients'],
      ['#', '+/monitor/Clients', '+/#', '+/+/+'],
    ],
    ['$SYS', ['$SYS', '$SYS/#'], ['#', '+', '+/#']],
    ['a/$b', ['a/+', 'a/#', '#', '+/+'], []],
    ['home/a', ['$share/g/home/+', '$share/h/#'], ['$share/g/house/+']],
  ])('%j', (topic, matching, others) => {
    expect(found([...matching, ...others], topic)).toEqual(matching.toSorted());
  });

  test('gives a value once, however many of its filters match', () => {
    const trie = new FilterTrie<object>();
    const [value, other] = [{}, {}];
    for (const filter of ['a/b', 'a/+', 'a/#', '#', '$share/g/a/b']) {
      trie.add(filter, value);
    }
    trie.add('a/b', other);
    expect(trie.match('a/b')).toEqual(new Set([value, other]));
    expect([...trie.match('a/b')]).toHaveLength(2);
  });

  test('finds what a naive matcher finds, with filters coming and going', () => {
    const random = seededRandom(1);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)];
    const levels = (words: readonly string[]): string[] =>
      Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(words));
    const trie = new FilterTrie<string>();
    const filters = new Set<string>();
    let matches = 0;
    for (let i = 0; i < 5_000; i++) {
      if (filters.size > 60 || (filters.size > 0 && random() < 0.3)) {
        const gone = pick([...filters]);
        filters.delete(gone);
        trie.delete(gone, gone);
      } else {
        const words = levels(['a', 'b', '', '+', '+', '$x', '.']);
        const filter = [...words, ...(random() < 0.3 ? ['#'] : [])].join('/') || '+';
        filters.add(filter);
        trie.add(filter, filter);
      }
      const topic = levels(['a', 'b', '', '$x', '.']).join('/');
      const expected = [...filters].filter((filter) => naiveMatch(filter, topic)).toSorted();
      expect([...trie.match(topic)].toSorted(), `filters matching ${JSON.stringify(topic)}`).toEqual(expected);
      for (const filter of expected) {
        expect(parsePattern(filter).labels(topic), `${filter} matches ${topic}`).toEqual({});
      }
      matches += expected.length;
    }
    expect(matches).toBeGreaterThan(5_000);
  });
});

describe('delete', () => {
  afterEach(() => vi.restoreAllMocks());

  test('leaves nothing behind', () => {
    const opened = vi.spyOn(Map.prototype, 'set');
    const closed = vi.spyOn(Map.prototype, 'delete');
    const trie = new FilterTrie<number>();
    const filters = ['a', 'a/b', 'a/b/c', 'a/+/c', '#', '$share/g/x/y', '/', '+/+/#'];
    for (const filter of filters) {
      trie.add(filter, 1);
      trie.add(filter, 2);
    }
    for (const filter of filters) {
      trie.delete(filter, 1);
    }
    expect([...trie.match('a/b/c')]).toEqual([2]);
    for (const filter of filters.toReversed()) {
      trie.delete(filter, 2);
    }
    const [levels, gone] = [opened.mock.calls.length, closed.mock.results.filter(({ value }) => value === true).length];
    expect(levels).toBeGreaterThan(8);
    expect(gone).toBe(levels);
  });

  test('keeps what is above and below', () => {
    const trie = new FilterTrie<string>();
    trie.add('a', 'above');
    trie.add('a/b', 'here');
    trie.add('a/b/c', 'below');
    trie.delete('a/b', 'here');
    expect([...trie.match('a')]).toEqual(['above']);
    expect([...trie.match('a/b')]).toEqual([]);
    expect([...trie.match('a/b/c')]).toEqual(['below']);
  });

  test('of what is not there does nothing', () => {
    const trie = new FilterTrie<number>();
    trie.add('a/b', 1);
    trie.delete('a', 1);
    trie.delete('a/b/c', 1);
    trie.delete('a/b', 2);
    trie.delete('x', 1);
    expect([...trie.match('a/b')]).toEqual([1]);
  });
});

describe('hostile topics', () => {
  test('as many levels as a topic can have', () => {
    const deep = '/'.repeat(65_535);
    const trie = new FilterTrie<string>();
    trie.add(deep, 'deep');
    trie.add('#', 'all');
    expect([...trie.match(deep)].toSorted()).toEqual(['all', 'deep']);
    trie.delete(deep, 'deep');
    expect([...trie.match(deep)]).toEqual(['all']);
  });

  test('a broker that lets wildcards in topics pass does not make matching exponential', () => {
    const levels = Array.from({ length: 40 }, () => '+').join('/');
    const trie = new FilterTrie<string>();
    trie.add(levels, 'here');
    expect([...trie.match(levels)]).toEqual(['here']);
  });
});
