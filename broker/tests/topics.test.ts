import { describe, expect, test } from 'vitest';
import { naiveMatch } from '../../testing/naive-match';
import { checkFilter, FilterTrie, matches, parsePattern, TopicTree } from '../../src/topics';
import { validateClientId, validateFilter, validateTopic } from '../topic';

/** Filters: whether the plugin subscribes to them, and whether the broker grants them. */
const FILTERS: Array<[filter: string, plugin: boolean, broker: boolean]> = [
  ['a', true, true],
  ['#', true, true],
  ['a/#', true, true],
  ['+/a/+', true, true],
  ['/', true, true],
  ['a//b', true, true],
  ['$SYS/#', true, true],
  ['🌡/a', true, true],
  ['a'.repeat(65_535), true, true],
  ['度'.repeat(21_845), true, true],
  ['$share', true, true],
  ['$shared/#', true, true],
  ['$share/group/home/+', true, true],
  ['', false, false],
  ['a\0', false, false],
  ['a/\uD83C', false, false],
  ['a'.repeat(65_536), false, false],
  ['度'.repeat(21_846), false, false],
  ['a/#/b', false, false],
  ['a#', false, false],
  ['#/', false, false],
  ['+a', false, false],
  ['a/b+/c', false, false],
  ['++', false, false],
  ['+#', false, false],
  ['$share/group/a+', false, false],
  // The broker may have read it from bytes that are not UTF-8; in the plugin, somebody has typed it.
  ['a/\uFFFD', true, false],
  // Malformed shared subscriptions for the plugin, ordinary filters for a broker of MQTT 3.1.1
  ['$share/group', false, true],
  ['$share/group/', false, true],
  ['$share//a', false, true],
  ['$share/+/a', false, true],
  ['$share/', false, true],
];

/** Whether the plugin subscribes to a filter. */
function isAllowed(filter: string): boolean {
  try {
    checkFilter(filter);
    return true;
  } catch {
    return false;
  }
}

describe('filters', () => {
  test.each(FILTERS)('%j: valid in the plugin %s, in the broker %s', (filter, plugin, broker) => {
    expect([isAllowed(filter), validateFilter(filter) === undefined]).toEqual([plugin, broker]);
  });
});

/** Pairs of filter and topic: whether they match as an ordinary filter, and where `$share` is a shared subscription. */
const PAIRS: Array<[filter: string, topic: string, ordinary: boolean, shared: boolean]> = [
  ['sport/#', 'sport', true, true],
  ['sport/+', 'sport/', true, true],
  ['+/+', '/finance', true, true],
  ['+', '/finance', false, false],
  ['#', '$SYS/clients', false, false],
  ['+/clients', '$SYS/clients', false, false],
  ['$SYS/+', '$SYS/clients', true, true],
  ['a/+/c', 'a/b/c', true, true],
  ['a/b', 'A/b', false, false],
  ['__proto__/#', '__proto__/a', true, true],
  ['$share/group/a/+', 'a/b', false, true],
  ['$share/group/a/+', '$share/group/a/b', true, false],
  ['$share/group/#', 'a', false, true],
  ['$share/group/#', '$SYS/a', false, false],
  ['$shared/+', '$shared/a', true, true],
];

describe('matching', () => {
  test.each(PAIRS)('%j and %j: as an ordinary filter %s, as a shared one %s', (filter, topic, ordinary, shared) => {
    const tree = new TopicTree<true>();
    tree.set(filter, true);
    expect([tree.matching(topic).length > 0, matches(filter, topic), naiveMatch(filter, topic)]).toEqual([
      ordinary,
      ordinary,
      ordinary,
    ]);

    const trie = new FilterTrie<true>();
    trie.add(filter, true);
    expect([trie.match(topic).size > 0, parsePattern(filter).labels(topic) !== undefined]).toEqual([shared, shared]);
  });
});

describe('names from the network', () => {
  test.each([
    ['a/b', true, true],
    ['$SYS/a', true, true],
    ['a/+', false, true],
    ['#', false, true],
    ['', false, true],
    ['a\0', false, false],
    ['\uFFFD', false, false],
    ['\uD83C', false, false],
    ['é'.repeat(32_768), false, false],
  ])('%j: valid as a topic %s, as a client id %s', (name, topic, clientId) => {
    expect([validateTopic(name) === undefined, validateClientId(name) === undefined]).toEqual([topic, clientId]);
  });
});
