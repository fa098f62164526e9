import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Part, PartTopic } from '../testing/history-client';
import { newestFirst } from './newest-first';
import type { HistoryRequest } from './protocol';
import { MAX_PART_BYTES } from './response';
import { select } from './selection';
import { HistoryStore } from './store';

const LIMITS = { age: 1_000_000, messages: 100_000, bytes: 64 << 20, topics: 100 };
const HEAD = { now: 7, run: 'run', mark: false, away: [] };

function requestOf(over: Partial<HistoryRequest> = {}): HistoryRequest {
  const all = { limit: Infinity, maxPoints: Infinity, mark: undefined };
  return { v: 2, filters: ['#'], from: 0, to: Infinity, ...all, ...over };
}

/** A store whose clock the test sets. */
function storeAt(): { store: HistoryStore; at: (time: number) => HistoryStore } {
  let now = 0;
  const store = new HistoryStore(LIMITS, () => now);
  return {
    store,
    at: (time) => {
      now = time;
      return store;
    },
  };
}

function partsOf(store: HistoryStore, request = requestOf(), meanwhile = (): void => {}): Part[] {
  const parts: Part[] = [];
  for (const text of newestFirst(
    select(store, request, () => true),
    HEAD
  )) {
    if (text !== undefined) {
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(MAX_PART_BYTES);
      parts.push(JSON.parse(text) as Part);
      meanwhile();
    }
  }
  return parts;
}

const topicsOf = (parts: Part[]): PartTopic[] => parts.flatMap(({ topics = [] }) => topics);

test('the first part has what is said once, the last part says that it is the last', () => {
  const { store, at } = storeAt();
  at(1).append('a', Buffer.from('1'), false);
  at(2).append('a', Buffer.from('2'), false);
  expect(partsOf(store)).toEqual([
    {
      v: 2,
      part: 0,
      now: 7,
      run: 'run',
      mark: false,
      total: 2,
      done: true,
      truncated: false,
      topics: [{ topic: 'a', first: 0, times: [1, 2], payloads: ['1', '2'] }],
    },
  ]);
  expect(partsOf(store, requestOf({ from: 3 }))).toMatchObject([{ part: 0, total: 0, done: true, topics: [] }]);
});

test('each part is older than the parts before it, with every message once and in the order of its topic', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ topic: fc.constantFrom('a', 'b', 'c/ü'), step: fc.nat(3), size: fc.nat(9_000) }), {
        maxLength: 60,
      }),
      (messages) => {
        const { store, at } = storeAt();
        const sent = new Map<string, string[]>();
        let time = 1;
        for (const [n, { topic, step, size }] of messages.entries()) {
          const payload = `${n} ${'x'.repeat(size)}`;
          at((time += step)).append(topic, Buffer.from(payload), false);
          sent.set(topic, [...(sent.get(topic) ?? []), payload]);
        }
        const parts = partsOf(store);
        expect(parts.map(({ part }) => part)).toEqual(parts.map((_, index) => index));
        let until = Infinity;
        for (const { topics = [] } of parts) {
          const times = topics.flatMap((each) => each.times);
          expect(Math.max(-Infinity, ...times)).toBeLessThanOrEqual(until);
          until = Math.min(until, ...times);
        }
        const received = new Map<string, string[]>();
        for (const { topic, first, payloads } of topicsOf(parts).toReversed()) {
          const known = received.get(topic) ?? [];
          expect(first).toBe(known.length);
          received.set(topic, [...known, ...(payloads as string[])]);
        }
        expect(received).toEqual(sent);
      }
    )
  );
});

test('QoS, retain flag and user properties come only where they are not the default', () => {
  const { store, at } = storeAt();
  at(1).append('a', Buffer.from('1'), true, 1);
  at(2).append('a', Buffer.from('2'), false, 0, { site: 'north', tag: ['x', 'y'] });
  at(3).append('b', Buffer.from('3'), false, 2);
  expect(topicsOf(partsOf(store))).toEqual([
    { topic: 'b', first: 0, times: [3], payloads: ['3'], qos: [2] },
    {
      topic: 'a',
      first: 0,
      times: [1, 2],
      payloads: ['1', '2'],
      qos: [1, 0],
      retain: [1, 0],
      properties: [null, { site: 'north', tag: ['x', 'y'] }],
    },
  ]);
});

test('messages that are published during the response do not belong to it, and evicted ones are reported', () => {
  const { store, at } = storeAt();
  for (let n = 0; n < 20; n += 1) {
    at(n).append('a', Buffer.from('x'.repeat(10_000)), false);
  }
  const parts = partsOf(store, requestOf(), () => at(LIMITS.age * 1_000 + 15).append('a', Buffer.from('new'), false));
  expect(parts.at(-1)).toMatchObject({ done: true, truncated: true });
  const payloads = topicsOf(parts).flatMap((each) => each.payloads);
  expect(payloads).not.toContain('new');
  // Those of the first part, and what is left after the eviction
  expect(payloads.length).toBeLessThan(10);
});

test('a topic that comes again after its eviction does not use its sequences again', () => {
  const { at, store } = storeAt();
  at(1).append('a', Buffer.from('1'), false);
  at(2).append('a', Buffer.from('2'), false);
  at(LIMITS.age * 1_000 + 10).expire();
  store.append('a', Buffer.from('3'), false);
  expect(topicsOf(partsOf(store))).toMatchObject([{ topic: 'a', first: 2, payloads: ['3'] }]);
});

test('numbers are thinned to the first, last, smallest and largest of each interval', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ value: fc.integer({ min: -9, max: 9 }), step: fc.nat(20) }), {
        minLength: 1,
        maxLength: 300,
      }),
      fc.integer({ min: 4, max: 60 }),
      (messages, maxPoints) => {
        const { store, at } = storeAt();
        let time = 1;
        for (const { value, step } of messages) {
          at((time += step)).append('a', Buffer.from(String(value)), false);
        }
        const parts = partsOf(store, requestOf({ maxPoints }));
        const [{ times, payloads, first, sequences }] = topicsOf(parts);
        expect(payloads.length).toBeLessThanOrEqual(maxPoints);
        const rows = sequences ?? payloads.map((_, index) => first! + index);
        expect(payloads).toEqual(rows.map((row) => String(messages[row].value)));
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        expect([rows[0], rows.at(-1)]).toEqual([0, messages.length - 1]);
        const all = messages.map(({ value }) => value);
        expect(Math.max(...payloads.map(Number))).toBe(Math.max(...all));
        expect(Math.min(...payloads.map(Number))).toBe(Math.min(...all));
        expect(parts[0].thinned).toBe(messages.length > maxPoints ? true : undefined);
      }
    )
  );
});

test('payloads that are not a number are not thinned', () => {
  const { store, at } = storeAt();
  for (let n = 0; n < 100; n += 1) {
    at(n).append('number', Buffer.from(n === 50 ? 'unavailable' : '5'), false);
    at(n).append('text', Buffer.from(`{"n":${n}}`), false);
  }
  const parts = partsOf(store, requestOf({ maxPoints: 8 }));
  const [number, text] = topicsOf(parts).toSorted((a, b) => a.topic.localeCompare(b.topic));
  expect(text.payloads).toHaveLength(100);
  expect(number.payloads.length).toBeLessThanOrEqual(9);
  expect(number.payloads).toContain('unavailable');
  expect(parts[0]).toMatchObject({ thinned: true, total: text.payloads.length + number.payloads.length });
});
