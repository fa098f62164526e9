import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as immediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { HistoryDisk } from './disk';
import { EvictionQueue } from './eviction';
import { MAX_PAYLOAD_BYTES, ROW_OVERHEAD, TOPIC_OVERHEAD, type HistoryLimits } from './options';
import type { Series } from './series';
import { HistoryStore } from './store';

const TOPICS = ['a', 'a/b', 'c/d/e', '__proto__', 'constructor/toString', 'ü/ /x'];

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'history-'));
});
afterEach(() => rm(folder, { recursive: true }));

const rowsOf = (series: Series): Array<[number, string]> =>
  Array.from({ length: series.length }, (_, index) => {
    const row = series.first + index;
    return [series.timeOf(row), Buffer.from(series.payloadOf(row), 'latin1').toString('hex')];
  });

const contentOf = (store: HistoryStore): Record<string, Array<[number, string]>> =>
  Object.fromEntries(Array.from(store.matching('#'), (series) => [series.topic, rowsOf(series)] as const));

/** A store as a plain model, to compare with. */
class Model {
  /** The topic that was written least recently first. */
  topics: Array<{ topic: string; rows: Array<[number, string]> }> = [];
  readonly #limits: HistoryLimits;

  constructor(limits: HistoryLimits) {
    this.#limits = limits;
  }

  append(topic: string, payload: Buffer, now: number): void {
    let entry = this.topics.find((each) => each.topic === topic);
    if (!entry && this.topics.length >= this.#limits.topics) {
      this.topics.shift();
    }
    entry ??= { topic, rows: [] };
    this.topics = [...this.topics.filter((each) => each !== entry), entry];
    entry.rows.push([Math.max(now, entry.rows.at(-1)?.[0] ?? 0), payload.toString('hex')]);
    entry.rows.splice(0, entry.rows.length - this.#limits.messages);
    this.trim(now);
  }

  trim(now: number): void {
    for (;;) {
      const [oldest] = this.topics.toSorted((one, other) => one.rows[0][0] - other.rows[0][0]);
      if (!oldest || (this.bytes <= this.#limits.bytes && oldest.rows[0][0] >= now - this.#limits.age * 1_000)) {
        return;
      }
      oldest.rows.shift();
      this.topics = this.topics.filter(({ rows }) => rows.length > 0);
    }
  }

  get bytes(): number {
    return this.topics
      .map(({ topic, rows }) =>
        rows.reduce((sum, [, hex]) => sum + hex.length / 2 + ROW_OVERHEAD, topic.length + TOPIC_OVERHEAD)
      )
      .reduce((sum, each) => sum + each, 0);
  }

  get content(): Record<string, Array<[number, string]>> {
    return Object.fromEntries(this.topics.map(({ topic, rows }) => [topic, rows]));
  }
}

const limitsOf = fc.record<HistoryLimits>({
  age: fc.integer({ min: 1, max: 30 }),
  messages: fc.integer({ min: 1, max: 20 }),
  bytes: fc.integer({ min: TOPIC_OVERHEAD + 1_000, max: 6 * TOPIC_OVERHEAD + 4_000 }),
  topics: fc.integer({ min: 1, max: TOPICS.length }),
});

/** An event, and how many milliseconds after the one before it happens. */
const steps = fc.array(
  fc.record({
    later: fc.oneof({ weight: 5, arbitrary: fc.integer({ min: 1, max: 500 }) }, fc.integer({ min: 1, max: 20_000 })),
    topic: fc.constantFrom(...TOPICS),
    payload: fc.uint8Array({ maxLength: 100 }),
    what: fc.constantFrom('append', 'append', 'append', 'append', 'sweep', 'write', 'restart'),
  }),
  { maxLength: 120 }
);

/** The counts are those of what is there, and the limits hold. */
function expectBounds(store: HistoryStore, limits: HistoryLimits): void {
  const all = Array.from(store.matching('#'));
  expect(store.counts).toMatchObject({
    topics: all.length,
    messages: all.reduce((sum, { length }) => sum + length, 0),
    bytes: all.reduce((sum, { bytes, ownBytes }) => sum + bytes + ownBytes, 0),
  });
  expect(store.counts.bytes).toBeLessThanOrEqual(limits.bytes);
  expect(all.length).toBeLessThanOrEqual(limits.topics);
  for (const series of all) {
    expect(series.length).toBeGreaterThan(0);
    expect(series.length).toBeLessThanOrEqual(limits.messages);
    const times = rowsOf(series).map(([time]) => time);
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  }
}

/** Appends a message to a store and to the model of it. */
function appendToBoth(store: HistoryStore, model: Model, topic: string, payload: Uint8Array, now: number): void {
  store.append(topic, Buffer.from(payload), false);
  model.append(topic, Buffer.from(payload), now);
}

test('in memory, it has the messages of a plain model', () => {
  fc.assert(
    fc.property(limitsOf, steps, (limits, all) => {
      let now = 1_000_000;
      const store = new HistoryStore(limits, () => now);
      const model = new Model(limits);
      for (const { later, topic, payload, what } of all) {
        now += later;
        if (what === 'append') {
          appendToBoth(store, model, topic, payload, now);
        } else {
          store.expire();
          model.trim(now);
        }
        expect(contentOf(store)).toEqual(model.content);
        expectBounds(store, limits);
      }
    }),
    { numRuns: 200 }
  );
});

test('on disk, it has the same messages after any number of restarts', async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(limitsOf, steps, async (limits, all) => {
      let now = 1_000_000;
      const path = join(folder, String((run += 1)));
      const onFault = (error: Error): void => {
        throw error;
      };
      let store = new HistoryStore(limits, () => now);
      let disk = await HistoryDisk.open(path, store, onFault);
      const model = new Model(limits);
      for (const { later, topic, payload, what } of all) {
        now += later;
        if (what === 'append') {
          appendToBoth(store, model, topic, payload, now);
        } else if (what === 'write') {
          // The next message comes while it is being written, or after it
          const written = disk.write();
          await (payload.length % 2 === 0 ? written : immediate());
        } else if (what === 'restart') {
          await disk.close();
          store = new HistoryStore(limits, () => now);
          disk = await HistoryDisk.open(path, store, onFault);
          model.trim(now);
        } else {
          store.expire();
          model.trim(now);
        }
        expect(contentOf(store)).toEqual(model.content);
        expectBounds(store, limits);
      }
      await disk.close();
    }),
    { numRuns: 60 }
  );
});

test('times never go back, and the bounds hold, whatever the clock does', () => {
  const clock = fc.array(fc.tuple(fc.integer({ min: -60_000, max: 60_000 }), fc.constantFrom(...TOPICS), fc.nat(60)), {
    maxLength: 200,
  });
  fc.assert(
    fc.property(limitsOf, clock, (limits, all) => {
      let now = 1_000_000;
      const store = new HistoryStore(limits, () => now);
      for (const [step, topic, size] of all) {
        now += step;
        store.append(topic, Buffer.alloc(size), false);
        expectBounds(store, limits);
        expect(store.counts.messages).toBeGreaterThan(0);
      }
    })
  );
});

test('the oldest is found among many, whatever is thrown away meanwhile', () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.nat(1_000), { minLength: 1, maxLength: 10 }), { minLength: 1 }), (lists) => {
      const heap = new EvictionQueue<{
        first: number;
        length: number;
        removed: boolean;
        dueTime: number;
      }>();
      const all = lists.map((list) => {
        const times = list.toSorted((one, other) => one - other);
        return {
          first: 0,
          length: times.length,
          removed: false,
          get dueTime() {
            return times[this.first];
          },
        };
      });
      for (const each of all) {
        heap.add(each);
      }
      const found: number[] = [];
      for (let each = heap.oldest(); each; each = heap.oldest()) {
        found.push(each.dueTime);
        each.first += 1;
        each.length -= 1;
      }
      expect(found).toEqual(lists.flat().toSorted((one, other) => one - other));
    })
  );
});

const LIMITS: HistoryLimits = { age: 60, messages: 100, bytes: 1 << 20, topics: 10 };

test('an oversized payload is counted and not recorded', () => {
  const store = new HistoryStore(LIMITS, () => 0);
  store.append('a', Buffer.alloc(MAX_PAYLOAD_BYTES + 1), false);
  store.append('a', Buffer.alloc(MAX_PAYLOAD_BYTES), false);
  expect(store.counts).toMatchObject({ messages: 1, oversized: 1 });
});

test('a repeated retained message after a restart is skipped, and the next one is recorded', async () => {
  let now = 1_000;
  const first = new HistoryStore(LIMITS, () => now);
  const disk = await HistoryDisk.open(folder, first, () => {});
  for (const topic of ['a', 'b', 'c']) {
    first.append(topic, Buffer.from('on'), true);
  }
  first.append('a', Buffer.from('on'), true);
  expect(first.counts.messages).toBe(4);
  await disk.close();

  const store = new HistoryStore(LIMITS, () => now);
  const again = await HistoryDisk.open(folder, store, () => {});
  now = 2_000;
  store.append('a', Buffer.from('on'), true);
  store.append('b', Buffer.from('off'), true);
  store.append('c', Buffer.from('on'), false);
  now = 3_000;
  store.append('a', Buffer.from('on'), true);
  const on = '6f6e';
  expect(contentOf(store)).toEqual({
    a: [1_000, 1_000, 3_000].map((time) => [time, on]),
    b: [
      [1_000, on],
      [2_000, '6f6666'],
    ],
    c: [
      [1_000, on],
      [2_000, on],
    ],
  });
  await again.close();
});

describe('the last birth of a Sparkplug node or device', () => {
  const [node, device, data] = ['NBIRTH/N', 'DBIRTH/N/D', 'DDATA/N/D'].map((end) => `spBv1.0/G/${end}`);
  const DAY = 86_400_000;

  function storeOf(limits: Partial<HistoryLimits> = {}) {
    const clock = { now: 0 };
    const store = new HistoryStore({ ...LIMITS, ...limits }, () => clock.now);
    const append = (topic: string, at: number, bytes = 1): void => {
      clock.now = at;
      store.append(topic, Buffer.alloc(bytes), false);
    };
    const times = (): Record<string, number[]> =>
      Object.fromEntries(Object.entries(contentOf(store)).map(([topic, rows]) => [topic, rows.map(([time]) => time)]));
    return { store, clock, append, times };
  }

  test('outlives the age of messages, by 30 days', () => {
    const { store, clock, append, times } = storeOf();
    [node, device, data, 'spBv1.0/G/NCMD/N', 'home/DBIRTH/a'].forEach((topic) => append(topic, 0));
    append(data, 61_000);
    expect(times()).toEqual({ [node]: [0], [device]: [0], [data]: [61_000] });
    clock.now = 30 * DAY + 59_000;
    store.expire();
    expect(times()).toEqual({ [node]: [0], [device]: [0] });
    clock.now = 30 * DAY + 61_000;
    store.expire();
    expect(times()).toEqual({});
  });

  test('takes the place of the one before, once that is too old', () => {
    const { store, clock, append, times } = storeOf();
    for (const at of [0, 100_000, 130_000, 300_000]) {
      append(node, at);
      append(data, at);
    }
    expect(times()).toEqual({ [node]: [300_000], [data]: [300_000] });
    append(node, 340_000);
    expect(times()[node]).toEqual([300_000, 340_000]);
    clock.now = 365_000;
    store.expire();
    expect(times()).toEqual({ [node]: [340_000] });
  });

  test('goes last if there are too many bytes', () => {
    const { append, times } = storeOf({ bytes: 20_000 });
    append(node, 0, 1_000);
    append(device, 1, 1_000);
    for (let at = 2; at < 50; at++) {
      append(data, at, 1_000);
    }
    expect(times()).toMatchObject({ [node]: [0], [device]: [1] });
    for (let at = 50; at < 60; at++) {
      append(`spBv1.0/G/DBIRTH/N/${at}`, at, 4_000);
    }
    expect(times()[node]).toBeUndefined();
    expect(Object.keys(times())).toContain('spBv1.0/G/DBIRTH/N/59');
  });

  test('is there after a restart, too', async () => {
    const { store, append } = storeOf();
    const disk = await HistoryDisk.open(folder, store, () => {});
    append(node, 0);
    append(data, 0);
    append(data, 120_000);
    await disk.close();
    const again = storeOf();
    again.clock.now = 130_000;
    const reopened = await HistoryDisk.open(folder, again.store, () => {});
    expect(again.times()).toEqual({ [node]: [0], [data]: [120_000] });
    await reopened.close();
  });
});
