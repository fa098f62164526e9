import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as immediate } from 'node:timers/promises';
import { encode } from '@msgpack/msgpack';
import { ClassicLevel } from 'classic-level';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { openLevel } from '../storage/disk/disk';
import { HistoryDisk, WRITE_INTERVAL, type HistoryLevel } from './disk';
import type { HistoryLimits } from './options';
import { keys } from './records';
import { HistoryStore } from './store';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'history-'));
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true });
});

const LIMITS: HistoryLimits = { age: 60, messages: 50, bytes: 1 << 20, topics: 10 };
const noFault = (error: Error): void => {
  throw error;
};

const textsOf = (store: HistoryStore, topic: string): string[] =>
  Array.from(store.matching(topic)).flatMap((series) =>
    Array.from({ length: series.length }, (_, index) => series.payloadOf(series.first + index))
  );

async function keysOn(path: string): Promise<string[]> {
  const db = new ClassicLevel(path);
  const all = await db.keys().all();
  await db.close();
  return all;
}

test('what nobody has any more is on the disk no longer: rows, and topics', async () => {
  let now = 0;
  const store = new HistoryStore({ ...LIMITS, messages: 49 }, () => now);
  const disk = await HistoryDisk.open(folder, store, noFault);
  for (let n = 0; n < 500; n += 1) {
    now += 1;
    store.append('busy', Buffer.from(String(n)), false);
    store.append(`topic ${n}`, Buffer.from('x'), false);
    if (n % 10 === 0) {
      await disk.write();
    }
  }
  await disk.close();
  const all = await keysOn(folder);
  // 'busy' and the 9 topics written last, each with its name; the rows of 'busy' from 451 on are in 5 records
  expect(all.filter((key) => key.startsWith('n'))).toHaveLength(10);
  expect(all.filter((key) => key.startsWith('r'))).toHaveLength(5 + 9);
});

test('nothing is read back twice, and messages evicted before a start make a response truncated', async () => {
  let now = 0;
  const store = new HistoryStore(LIMITS, () => now);
  const disk = await HistoryDisk.open(folder, store, noFault);
  for (now = 1; now <= 120; now += 1) {
    store.append('a', Buffer.from(String(now)), false);
  }
  await disk.close();
  for (let start = 0; start < 2; start += 1) {
    const again = new HistoryStore(LIMITS, () => now);
    const reopened = await HistoryDisk.open(folder, again, noFault);
    expect(textsOf(again, 'a')).toEqual(Array.from({ length: 50 }, (_, n) => String(71 + n)));
    const [series] = again.matching('a');
    expect(series.evictedUntil).toBeGreaterThanOrEqual(70);
    expect(series.evictedUntil).toBeLessThanOrEqual(71);
    await reopened.close();
  }
});

test('what comes is with the system after a second', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const batch = vi.fn<HistoryLevel['batch']>(() => Promise.resolve());
  const store = new HistoryStore(LIMITS);
  await HistoryDisk.open(folder, store, noFault, () => Promise.resolve(levelWith(batch)));
  batch.mockClear();
  store.append('a', Buffer.from('1'), false);
  await vi.advanceTimersByTimeAsync(WRITE_INTERVAL - 1);
  expect(batch).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(batch).toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(10 * WRITE_INTERVAL);
  expect(batch).toHaveBeenCalledTimes(1);
  store.append('a', Buffer.from('2'), false);
  await vi.advanceTimersByTimeAsync(WRITE_INTERVAL);
  expect(batch).toHaveBeenCalledTimes(2);
});

test('a batch waits for the one before it', async () => {
  const ends: Array<() => void> = [];
  const batch: HistoryLevel['batch'] = () => new Promise((resolve) => ends.push(resolve));
  const store = new HistoryStore(LIMITS);
  const opened = HistoryDisk.open(folder, store, noFault, () => Promise.resolve(levelWith(batch)));
  await vi.waitUntil(() => ends.length === 1);
  ends[0]();
  const disk = await opened;
  store.append('a', Buffer.from('1'), false);
  const first = disk.write();
  await vi.waitUntil(() => ends.length === 2);
  store.append('a', Buffer.from('2'), false);
  const second = disk.write();
  await immediate();
  expect(ends).toHaveLength(2);
  ends[1]();
  await first;
  await vi.waitUntil(() => ends.length === 3);
  ends[2]();
  await second;
});

test('a failing disk is reported once, and pending messages are written when it works again', async () => {
  let full = false;
  const db = await openLevel(folder);
  const failing: HistoryLevel = {
    iterator: (options) => db.iterator<string, Uint8Array>(options),
    batch: (operations, options) =>
      full ? Promise.reject(new Error('no space')) : db.batch<string, Uint8Array>(operations, options),
    close: () => db.close(),
  };
  const errors: string[] = [];
  const limits = { ...LIMITS, topics: 3 };
  const store = new HistoryStore(limits, () => 5);
  const open = (): Promise<HistoryLevel> => Promise.resolve(failing);
  const disk = await HistoryDisk.open(folder, store, ({ message }) => errors.push(message), open);
  store.append('gone', Buffer.from('0'), false);
  store.append('a', Buffer.from('1'), false);
  await disk.write();
  for (let attempt = 0; attempt < 2; attempt += 1) {
    full = true;
    for (let n = 0; n < 3; n += 1) {
      store.append('a', Buffer.from('x'), false);
      store.append(`b${attempt}`, Buffer.from('y'), false);
      await disk.write();
    }
    full = false;
    await disk.write();
  }
  expect(errors).toHaveLength(2);
  expect(errors[0]).toContain(`Could not write the history to ${folder}`);
  await disk.close();
  expect((await keysOn(folder)).filter((key) => key.startsWith('n'))).toHaveLength(3);
  const again = new HistoryStore(limits, () => 5);
  const reopened = await HistoryDisk.open(folder, again, noFault);
  expect(textsOf(again, 'gone')).toEqual([]);
  expect(textsOf(again, 'a')).toEqual(['1', 'x', 'x', 'x', 'x', 'x', 'x']);
  expect(textsOf(again, 'b0')).toEqual(['y', 'y', 'y']);
  expect(textsOf(again, 'b1')).toEqual(['y', 'y', 'y']);
  await reopened.close();
});

describe('a folder that cannot be used', () => {
  const open = (): Promise<unknown> => HistoryDisk.open(folder, new HistoryStore(LIMITS), noFault);
  const put = async (key: string, value: Uint8Array): Promise<void> => {
    const db = new ClassicLevel<string, Uint8Array>(folder, { valueEncoding: 'view' });
    await db.put(keys.version, encode(1));
    await db.put(key, value);
    await db.close();
  };

  test('is one that another broker has', async () => {
    const disk = await HistoryDisk.open(folder, new HistoryStore(LIMITS), noFault);
    await expect(open()).rejects.toThrow(/cannot be used: another broker uses the directory/);
    await disk.close();
    await expect(open()).resolves.toBeDefined();
  });

  test.each<[string, string, Uint8Array, RegExp]>([
    ['of a newer version', keys.version, encode(2), /the history is of version 2, and this broker reads version 1/],
    [
      'without the topic of a record',
      keys.chunk(1, 0),
      encode([[1], [Buffer.from('x')]]),
      /the record of its topic is missing/,
    ],
    ['with bytes that are none of ours', keys.chunk(1, 0), Buffer.from('?'), /cannot be read/],
    ['with another key', 'x', Buffer.from('?'), /cannot be read/],
  ])('is one %s', async (_what, key, value, message) => {
    if (message.source.includes('read')) {
      await put(keys.topic(1), Buffer.from('a'));
    }
    await put(key, value);
    await expect(open()).rejects.toThrow(message);
    // It let go of it
    const db = await openLevel(folder);
    await db.close();
  });

  test('is a file', async () => {
    const path = join(folder, 'file');
    await writeFile(path, '');
    await expect(HistoryDisk.open(path, new HistoryStore(LIMITS), noFault)).rejects.toThrow(/the path is a file/);
  });
});

/** A database that is empty and takes everything. */
function levelWith(batch: HistoryLevel['batch']): HistoryLevel {
  return {
    async *iterator() {},
    batch,
    close: () => Promise.resolve(),
  };
}
