import { expect, test } from 'vitest';
import { SharedStream } from '../connection/shared-stream';
import type { LostMessages } from '../engine/protocol';
import { SeriesBuilder } from '../payload';
import { SPEC } from '../testing/test-engine';
import { lostUntil } from './rows-before';

/** A stream with rows of some topics at these times, and what was lost before it opened. */
function streamOf(
  times: Readonly<Record<string, readonly number[]>>,
  lost: LostMessages,
  pendingRows = 100
): SharedStream {
  const stream = new SharedStream(1, '', { ...SPEC, pendingRows });
  const chunks = Object.entries(times).flatMap(([topic, all], number) => {
    const builder = new SeriesBuilder(number, topic, 1_000);
    all.forEach((time) => builder.add(time, 7));
    return builder.take() ?? [];
  });
  stream.append({ stream: 1, stats: stream.stats, chunks, replayed: true, lost });
  return stream;
}

const BEFORE = new Map([
  ['a', 100],
  ['b', 400],
]);

test('rows are missing up to the newest message that is no longer stored of a topic that had older rows', () => {
  expect(lostUntil(streamOf({ a: [310], b: [400] }, new Map([['a', 300]])), BEFORE, 0)).toBe(300);
  expect(lostUntil(streamOf({ b: [400] }, new Map([['a', 300]])), BEFORE, 0)).toBe(300);
  const both = new Map([
    ['a', 300],
    ['b', 450],
  ]);
  expect(lostUntil(streamOf({ a: [310], b: [460] }, both), BEFORE, 0)).toBe(450);
  expect(lostUntil(streamOf({ a: [510] }, 500), BEFORE, 0)).toBe(500);
  // In the same millisecond as the oldest that is stored
  expect(lostUntil(streamOf({ a: [300, 310], b: [400] }, new Map([['a', 300]])), BEFORE, 0)).toBe(300);
});

test.each([
  ['the query was not changed', streamOf({ a: [310] }, new Map([['a', 300]])), new Map(), 0],
  ['the rows were newer than what was lost', streamOf({ a: [310], b: [400] }, new Map([['b', 300]])), BEFORE, 0],
  ['another topic has lost messages', streamOf({ a: [310] }, new Map([['c', 300]])), BEFORE, 0],
  ['a historian has sent older messages', streamOf({ a: [100, 200, 310], b: [400] }, new Map([['a', 300]])), BEFORE, 0],
  ['what was lost is before the time range', streamOf({ a: [310] }, new Map([['a', 300]])), BEFORE, 300],
  ['the query stores fewer rows', streamOf({ a: [310, 320, 330] }, new Map([['a', 300]]), 2), BEFORE, 0],
])('none is missing where %s', (_, stream, before, from) => {
  expect(lostUntil(stream, before, from)).toBeUndefined();
});

test('a historian that is asked for the first time may have them; further requests say nothing', () => {
  const stream = streamOf({ a: [310] }, new Map([['a', 300]]));
  stream.setPast({ state: 'requesting' }, false);
  expect(lostUntil(stream, BEFORE, 0)).toBeUndefined();
  stream.setPast({ state: 'done' }, false);
  expect(lostUntil(stream, BEFORE, 0)).toBe(300);
  stream.setPast({ state: 'requesting' }, false);
  expect(lostUntil(stream, BEFORE, 0)).toBe(300);
});
