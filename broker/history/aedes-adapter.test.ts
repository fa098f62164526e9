import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startBroker, type TestBroker } from '../fixture';
import { openDiskStorage } from '../storage/disk/disk';
import { connectClient, until } from '../testing/clients';
import { connectHistory } from '../testing/history-client';

describe.each(['tcp', 'ws'] as const)('over %s', (listener) => {
  let broker: TestBroker;
  let url: string;
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'history-'));
    // On disk, where storing takes its time
    const storage = openDiskStorage(folder);
    broker = await startBroker({ history: { filters: ['home/#', '+/kitchen/#'] }, storage });
    url = broker[listener]!.url;
  });
  afterEach(async () => {
    await broker.close();
    await rm(folder, { recursive: true });
  });

  test('earlier messages are sent by topic, oldest first', async () => {
    const before = Date.now();
    await using sensor = await connectClient(url);
    for (const [topic, payload] of [
      ['home/kitchen/temperature', '21.5'],
      ['home/kitchen/temperature', '21.6'],
      ['home/hall/door', 'offen, "ö" \u0000'],
      ['home/hall/door', Buffer.from([0xff, 0, 0x80])],
      ['other/kitchen', ''],
      ['other/hall', '1'],
    ] as const) {
      await sensor.client.publishAsync(topic, payload, { qos: 1 });
    }
    await using client = await connectHistory(url, 'me');
    const { rows, times, parts, truncated } = await client.request({ filters: ['#'], from: 0 });
    expect([...rows]).toEqual([
      ['home/kitchen/temperature', ['21.5', '21.6']],
      ['home/hall/door', ['offen, "ö" \u0000', Buffer.from([0xff, 0, 0x80])]],
      ['other/kitchen', ['']],
    ]);
    expect(truncated).toBe(false);
    expect(parts).toHaveLength(1);
    expect(parts[0]).toMatchObject({ v: 1, part: 0, done: true });
    for (const time of [...times.values()].flat()) {
      expect(time).toBeGreaterThanOrEqual(before);
      expect(time).toBeLessThanOrEqual(parts[0].now!);
    }
    expect(broker.stats()).toMatchObject({ historyMessages: 5, historyTopics: 3, historyRequests: 1 });
  });

  test('a range and the newest of it', async () => {
    for (let n = 0; n < 10; n += 1) {
      await broker.publish({ topic: 'home/a', payload: String(n) });
      await broker.clock.advance(10);
    }
    await using client = await connectHistory(url, 'me');
    const all = await client.request({ filters: ['home/a'], from: 0 });
    const times = all.times.get('home/a')!;
    const range = { from: times[2], to: times[6] };
    expect((await client.request({ filters: ['home/a'], ...range })).rows.get('home/a')).toEqual([
      '2',
      '3',
      '4',
      '5',
      '6',
    ]);
    const newest = await client.request({ filters: ['home/a'], ...range, limit: 2 });
    expect(newest.rows.get('home/a')).toEqual(['5', '6']);
    expect([all.truncated, newest.truncated]).toEqual([false, true]);
    const none = await client.request({ filters: ['home/a'], from: times[9] + 1 });
    expect([none.rows.size, none.truncated, none.error]).toEqual([0, false, undefined]);
  });

  test('100,000 rows come in parts of at most 64 KiB, in order, and a subscription goes on meanwhile', async () => {
    for (let n = 0; n < 1_000; n += 1) {
      for (let topic = 0; topic < 100; topic += 1) {
        void broker.publish({ topic: `home/${topic}`, payload: `{"n":${n},"ü":"é"}` });
      }
    }
    await until('all to be recorded', () => broker.stats().historyMessages === 100_000);
    await using client = await connectHistory(url, 'me');
    await client.client.subscribeAsync('live/+', { qos: 1 });
    const asked = client.request({ filters: ['home/+'], from: 0 });
    const live: string[] = [];
    while (client.deliveries.filter(({ topic }) => topic.startsWith('history/response/')).length < 20) {
      // Messages that are stored first must not be overtaken by parts of the response, and then dropped as duplicates
      live.push(...['stored', 'not'].map((kind) => `${kind} ${live.length}`));
      void broker.publish({ topic: 'live/a', payload: live.at(-2)!, qos: 1, retain: true });
      void broker.publish({ topic: 'live/a', payload: live.at(-1)! });
      await new Promise(setImmediate);
    }
    const { rows, parts, sizes, truncated } = await asked;
    expect(rows.size).toBe(100);
    const expected = Array.from({ length: 1_000 }, (_, n) => `{"n":${n},"ü":"é"}`);
    for (const payloads of rows.values()) {
      expect(payloads).toEqual(expected);
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(64 << 10);
    // Nearly full, but for the last
    expect(Math.min(...sizes.slice(0, -1))).toBeGreaterThan(60 << 10);
    expect(parts.map(({ part }) => part)).toEqual(parts.map((_, index) => index));
    expect(truncated).toBe(false);
    const delivered = (): string[] =>
      client.deliveries.flatMap(({ topic, text }) => (topic === 'live/a' ? [text] : []));
    await until('the live messages', () => delivered().length === live.length);
    expect(delivered()).toEqual(live);
  });
});
