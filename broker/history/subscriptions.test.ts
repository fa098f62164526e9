import { describe, expect, test } from 'vitest';
import { commonCover, disjointSubscriptions } from './subscriptions';

const RESERVED = ['history/request/+/+', 'history/mark/+/+'];

test.each([
  ['a/b', 'a/c', 'a/+'],
  ['a/+/c', 'a/b/+', 'a/+/+'],
  ['a/b', 'a/b/c', 'a/b/#'],
  ['a/#', 'b/c', '+/#'],
  ['a/#', '+/c', '+/#'],
  ['#', 'a', '#'],
  ['a/+', 'a/b', 'a/+'],
])('%s and %s have the common cover %s', (one, other, cover) => {
  expect(commonCover(one, other)).toBe(cover);
  expect(commonCover(other, one)).toBe(cover);
});

describe('a historian', () => {
  test.each<[recorded: string[], subscribed: string[], reserved: string[]]>([
    [['home/#', 'garden/+'], ['home/#', 'garden/+'], RESERVED],
    [['#'], ['#'], []],
    [['a/+/c', 'x', 'a/b/+'], ['x', 'a/+/+'], RESERVED],
    [['home/#', '+/temperature'], ['+/#'], []],
    [['history/#'], ['history/#'], []],
    [['+/request/#'], ['+/request/#'], ['history/mark/+/+']],
    [['+/+/me/1'], ['+/+/+/+'], []],
  ])('that records %j subscribes to %j, and to %j besides', (recorded, subscribed, reserved) => {
    const found = disjointSubscriptions(recorded, RESERVED);
    expect(found.recorded.map(({ filter }) => filter)).toEqual(subscribed);
    expect(found.reserved).toEqual(reserved);
  });
});
