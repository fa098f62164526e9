import { describe, expect, test } from 'vitest';
import { naiveMatch } from '../../testing/naive-match';
import { seededRandom } from '../../testing/random';
import { findTopics } from './find-topics';
import { TopicTree } from './tree';

function treeOf(names: readonly string[]): TopicTree<string> {
  const tree = new TopicTree<string>();
  for (const name of names) {
    tree.set(name, name);
  }
  return tree;
}

function matchesOf(tree: TopicTree<string>, topic: string): string[] {
  return tree.matching(topic).toSorted();
}

describe('a tree of topics', () => {
  const tree = treeOf(['a', 'a/b', 'a/b/c', 'a/', '/', 'x/b', '$SYS', '$SYS/a', 'a/$b']);

  test.each([
    ['#', ['/', 'a', 'a/', 'a/$b', 'a/b', 'a/b/c', 'x/b']],
    ['+', ['a']],
    ['+/#', ['/', 'a', 'a/', 'a/$b', 'a/b', 'a/b/c', 'x/b']],
    ['a/#', ['a', 'a/', 'a/$b', 'a/b', 'a/b/c']],
    ['a/+', ['a/', 'a/$b', 'a/b']],
    ['+/b', ['a/b', 'x/b']],
    ['+/+/+', ['a/b/c']],
    ['/', ['/']],
    ['a/b', ['a/b']],
    ['$SYS/#', ['$SYS', '$SYS/a']],
    ['$SYS/+', ['$SYS/a']],
    ['a/b/c/d', []],
    ['nothing/#', []],
  ])('%s finds %j', (filter, expected) => {
    expect([...findTopics(tree, filter)].toSorted()).toEqual(expected.toSorted());
  });

  test('holds a value for each name, and counts them', () => {
    const own = treeOf(['a', 'a/b']);
    own.set('a', 'again');
    expect([own.size, own.get('a'), own.get('a/b'), own.get('b')]).toEqual([2, 'again', 'a/b', undefined]);
    own.delete('a');
    own.delete('a');
    own.delete('b/c');
    expect([own.size, own.get('a'), [...findTopics(own, '#')]]).toEqual([1, undefined, ['a/b']]);
  });

  test('may change while it is searched', () => {
    const own = treeOf(['a/1', 'a/2', 'a/3', 'b']);
    const found: string[] = [];
    for (const topic of findTopics(own, '#')) {
      found.push(topic);
      own.delete(topic);
      own.delete('a/2');
      if (found.length === 1) {
        own.set('c', 'c');
      }
    }
    expect(found).toEqual(['a/1', 'a/3', 'b', 'c']);
  });

  test('may hold a topic of as many levels as there can be', () => {
    const deep = 'a/'.repeat(32_767);
    const own = treeOf([deep, 'b']);
    expect([...findTopics(own, '#')].toSorted()).toEqual([deep, 'b']);
    expect([...findTopics(own, 'a/#')]).toEqual([deep]);
  });
});

test('both directions find the same as a naive matcher', () => {
  const random = seededRandom(3);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)];
  const levels = (words: readonly string[]): string[] =>
    Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(words));
  const topics = new Set(Array.from({ length: 200 }, () => levels(['a', 'b', '', '$x', '.']).join('/')));
  const filters = new Set(
    Array.from({ length: 200 }, () => {
      const head = levels(['a', 'b', '', '+', '+', '$x', '.']);
      return [...head, ...(random() < 0.3 ? ['#'] : [])].join('/');
    })
  );
  const [topicTree, filterTree] = [treeOf([...topics]), treeOf([...filters])];
  let count = 0;
  for (const filter of filters) {
    const expected = [...topics].filter((topic) => naiveMatch(filter, topic)).toSorted();
    expect([...findTopics(topicTree, filter)].toSorted(), filter).toEqual(expected);
    count += expected.length;
  }
  for (const topic of topics) {
    const expected = [...filters].filter((filter) => naiveMatch(filter, topic)).toSorted();
    expect(matchesOf(filterTree, topic), topic).toEqual(expected);
  }
  expect(count).toBeGreaterThan(500);
});

test('a topic with a wildcard, which a broker let pass, matches each filter once', () => {
  const tree = treeOf(['+', '#', 'a/+', 'a/#']);
  expect(['+', '#', 'a/+', 'a/#'].map((topic) => matchesOf(tree, topic))).toEqual([
    ['#', '+'],
    ['#', '+'],
    ['#', 'a/#', 'a/+'],
    ['#', 'a/#', 'a/+'],
  ]);
});
