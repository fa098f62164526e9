import { describe, expect, it } from 'vitest';

import { readParams } from '../params';
import { inAddress, nextRefId, publishable, startQueries } from './queries';

describe('query rows', () => {
  it.each([
    [[], 'A'],
    [['A', 'B'], 'C'],
    [['B'], 'A'],
    [Array.from({ length: 26 }, (_, index) => String.fromCharCode(65 + index)), 'Q26'],
  ])('after %j comes %s', (taken, next) => {
    expect(nextRefId(taken.map((refId, key) => ({ key, query: { refId } })))).toBe(next);
  });

  it.each([
    ['home/kitchen', 'home/kitchen'],
    ['home/+/x\n home/kitchen \n', 'home/kitchen'],
    ['home/{room}', 'home/room'],
    ['home/{room}/+/{rest#}', 'home/room/test/rest'],
    ['home/#', 'home/test'],
    ['#', 'test'],
    ['$topic\nhome/+', 'home/test'],
    ['$topic', undefined],
    ['', undefined],
    [undefined, undefined],
  ])('of %j one can publish to %j', (topic, expected) => {
    const query = { refId: 'A', topic };
    expect(publishable(query)).toBe(expected);
  });
});

describe('the address', () => {
  it('presets what it names and ignores what it does not know', () => {
    expect(readParams('')).toEqual({ view: 'all', access: 'direct', plots: [], panels: [], queries: [], jsonData: {} });
    expect(readParams('?theme=pink&view=nothing')).toEqual({
      view: 'all',
      access: 'direct',
      plots: [],
      panels: [],
      queries: [],
      jsonData: {},
    });
    expect(
      readParams(
        '?theme=dark&view=explore&topic=a%2F%23&broker=ws%3A%2F%2Fb%3A1&jsonData=%7B%22linger%22%3A1%7D&access=proxy&plot=a&plot=b&panel=%7B%22id%22%3A3%2C%22removed%22%3Atrue%7D&query=%7B%22refId%22%3A%22B%22%7D'
      )
    ).toEqual({
      theme: 'dark',
      view: 'explore',
      topic: 'a/#',
      broker: 'ws://b:1',
      access: 'proxy',
      plots: ['a', 'b'],
      panels: [{ id: 3, removed: true }],
      queries: [{ refId: 'B' }],
      jsonData: { linger: 1 },
    });
    expect(() => readParams('?panel=%7B%7D')).toThrow('needs an id');
    expect(() => readParams('?query=%7B%7D')).toThrow('needs a refId');
  });

  it('has the queries that differ from the one that it names by its topic', () => {
    const first = startQueries({ topic: 'a/b', queries: [] });
    expect(first).toEqual([{ refId: 'A', topic: 'a/b' }]);
    expect(inAddress(first, 'a/b')).toBeNull();
    const changed = [{ refId: 'B', topic: 'a/#', legend: '{{topic}}' }];
    expect(startQueries({ topic: 'a/b', queries: inAddress(changed, 'a/b')!.map((text) => JSON.parse(text)) })).toEqual(
      changed
    );
  });
});
