import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { startBroker, type TestBroker } from '../fixture';
import { SENSOR_SETS, startSensors } from '../sensors';
import { openDiskStorage } from '../storage/disk/disk';
import { connectClient, until } from '../testing/clients';
import { connectHistory } from '../testing/history-client';
import { simulateTime, START } from '../testing/sensors';

const HOUR = 3_600_000;

async function rowsOf(broker: TestBroker, filters = ['#']): Promise<Record<string, Array<[number, string]>>> {
  await using client = await connectHistory(broker.tcp!.url, 'me');
  const { rows, times } = await client.request({ filters, from: 0 });
  return Object.fromEntries(
    [...rows].map(([topic, payloads]) => [topic, payloads.map((each, n) => [times.get(topic)![n], String(each)])])
  );
}

describe('importHistory', () => {
  test('records messages with their times, for requests only', async () => {
    await using broker = await startBroker({ history: { filters: ['home/#'] } });
    await using subscriber = await connectClient(broker.tcp!.url);
    await subscriber.client.subscribeAsync('#');
    const then = Date.now() - HOUR;
    const recorded = await broker.importHistory([
      { topic: 'home/a', payload: '1', time: then },
      { topic: 'home/b', payload: Buffer.from('x'), time: then, retain: true },
      { topic: 'home/a', payload: '2', time: then + 500 },
      { topic: 'garden/a', payload: '3', time: then + 500, retain: true },
    ]);
    expect(recorded).toBe(3);
    await broker.publish({ topic: 'home/a', payload: 'live' });
    expect(await rowsOf(broker)).toEqual({
      'home/a': [
        [then, '1'],
        [then + 500, '2'],
        [expect.any(Number), 'live'],
      ],
      'home/b': [[then, 'x']],
    });
    await until('the live message', () => subscriber.texts().includes('live'));
    expect(subscriber.deliveries.map(({ topic }) => topic)).toEqual(['history/status', 'home/a']);
    expect(broker.received.map(({ text }) => text)).toEqual(['live']);
  });

  test('the newest retained message of a topic becomes its retained message', async () => {
    await using broker = await startBroker({ history: { filters: ['home/#'] } });
    const time = Date.now() - HOUR;
    await broker.importHistory([
      { topic: 'home/door', payload: 'open', time, retain: true },
      { topic: 'home/door', payload: 'closed', time: time + 1, retain: true, qos: 1 },
      { topic: 'home/door', payload: 'not retained', time: time + 2 },
      { topic: 'home/lamp', payload: 'ON', time, retain: true },
      { topic: 'home/lamp', payload: '', time: time + 1, retain: true },
    ]);
    await using late = await connectClient(broker.tcp!.url);
    await late.client.subscribeAsync('home/#', { qos: 1 });
    await broker.publish({ topic: 'home/end', payload: 'end' });
    await until('the end', () => late.texts().includes('end'));
    expect(late.deliveries).toEqual([
      { topic: 'home/door', text: 'closed', qos: 1, retain: true },
      { topic: 'home/end', text: 'end', qos: 0, retain: false },
    ]);
  });

  test('a message is skipped if its topic has a newer one, and if it is too old or too large', async () => {
    await using broker = await startBroker({ history: { filters: ['#'], age: 60, messages: 3 } });
    await broker.publish({ topic: 'a', payload: 'live' });
    const now = Date.now();
    const past = { payload: 'past', time: now - 1_000 };
    expect(await broker.importHistory([{ ...past, topic: 'a' }])).toBe(0);
    expect(await broker.importHistory([{ ...past, topic: 'b', time: now - 61_000 }])).toBe(0);
    expect(await broker.importHistory([{ ...past, topic: 'b', payload: Buffer.alloc(300_000) }])).toBe(0);
    expect(await broker.importHistory([{ ...past, topic: '$SYS/b' }])).toBe(0);
    expect(await broker.importHistory([1, 2, 3, 4].map((n) => ({ ...past, topic: 'c', payload: String(n) })))).toBe(4);
    const rows = await rowsOf(broker);
    expect(rows['c'].map(([, payload]) => payload)).toEqual(['2', '3', '4']);
    expect(Object.keys(rows)).toEqual(['a', 'c']);
  });

  test('fails for a time after now, an invalid topic, and a broker without history or that is closed', async () => {
    await using broker = await startBroker({ history: { filters: ['#'] } });
    const past = { topic: 'a', payload: '', time: Date.now() };
    await expect(broker.importHistory([{ ...past, time: Date.now() + 60_000 }])).rejects.toThrow(RangeError);
    await expect(broker.importHistory([{ ...past, time: NaN }])).rejects.toThrow('got NaN for topic "a"');
    await expect(broker.importHistory([{ ...past, topic: 'a/#' }])).rejects.toThrow('Topic "a/#" contains a wildcard');
    await expect(broker.importHistory([{ ...past, topic: 'history/status' }])).rejects.toThrow(
      'Topic "history/status" belongs to the history protocol'
    );
    await broker.close();
    await expect(broker.importHistory([past])).rejects.toThrow('The broker is closed');
    await using other = await startBroker();
    await expect(other.importHistory([past])).rejects.toThrow('no history');
  });

  test('is on disk, with its retained messages', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'history-import-'));
    const options = {
      storage: () => openDiskStorage(join(folder, 'store')),
      history: { filters: ['#'], directory: join(folder, 'history') },
    };
    const time = Date.now() - HOUR;
    {
      await using broker = await startBroker(options);
      await broker.importHistory([{ topic: 'a', payload: 'x', time, retain: true }]);
      await broker.restart();
      expect(await rowsOf(broker)).toEqual({ a: [[time, 'x']] });
      await using late = await connectClient(broker.tcp!.url);
      await late.client.subscribeAsync('a');
      await until('the retained message', () => late.texts().includes('x'));
    }
    await rm(folder, { recursive: true });
  });
});

describe('the past of the demo sensors', () => {
  simulateTime({ timers: false });

  // Recording takes time, more on a busy machine: the past goes on meanwhile, and the live messages begin later
  test.each([
    { how: 'at once', took: 0, kitchen: 601, vibration: 6_001 },
    { how: 'in 1.5 s', took: 1_500, kitchen: 602, vibration: 6_016 },
  ])('answers requests for all sets, and ends just before the live messages, if recorded $how', async (expected) => {
    await using broker = await startBroker({ history: { filters: ['#'], messages: 50_000 } });
    await using subscriber = await connectClient(broker.ws!.url);
    await subscriber.client.subscribeAsync('#');
    const errors: unknown[] = [];
    const started = START + expected.took;
    const sensors = startSensors(broker.publish, {
      past: {
        seconds: 600,
        record: (messages, complete) => {
          vi.setSystemTime(started);
          return broker.importHistory(messages, complete);
        },
      },
      // A device that is offline for minutes, as some are at some times of day, has no message just before the start.
      faultRate: 0,
      onError: (error) => errors.push(error),
    });
    sensors.stop();
    await broker.publish({ topic: 'end', payload: '' });
    await until('the end', () => subscriber.deliveries.some(({ topic }) => topic === 'end'));
    // The past is not delivered
    const live = broker.received.length;
    expect(subscriber.deliveries.filter(({ topic }) => topic !== 'history/status')).toHaveLength(live);
    expect(live).toBeLessThan(100);
    expect(errors).toEqual([]);

    const rows = await rowsOf(broker);
    const past = Object.entries(rows).map(([topic, each]) => ({
      topic,
      times: each.map(([time]) => time).filter((time) => time < started),
    }));
    for (const { topic, times } of past) {
      expect(times, topic).toEqual(times.toSorted((one, other) => one - other));
      expect(
        times.every((time) => time >= START - 600_000),
        topic
      ).toBe(true);
    }
    for (const set of SENSOR_SETS) {
      const { topics, stop } = startSensors(() => {}, { sets: [set] });
      stop();
      const ofSet = past.filter(({ topic, times }) => topics.includes(topic) && times.length > 0);
      // Deaths and buttons have no message in ten minutes, perhaps
      expect(ofSet.length, set).toBeGreaterThanOrEqual(topics.length / 2);
      const last = Math.max(...ofSet.flatMap(({ times }) => times.slice(-1)));
      expect(started - last, set).toBeLessThan(11_000);
    }
    for (const { topic, interval, count } of [
      { topic: 'home/kitchen/temperature', interval: 1_000, count: expected.kitchen },
      { topic: 'factory/line1/motor/vibration', interval: 100, count: expected.vibration },
    ]) {
      const times = rows[topic].map(([time]) => time);
      expect(times, topic).toHaveLength(count);
      // No hole, and no reading twice. A live message has no milliseconds for the place of its sensor
      expect(times, topic).toEqual(times.map((_, n) => Math.min(times[0] + n * interval, started)));
    }
    const kitchen = rows['home/kitchen/temperature'].map(([, payload]) => Number(payload));
    expect(Math.max(...kitchen.slice(1).map((value, n) => Math.abs(value - kitchen[n])))).toBeLessThan(0.4);
    // The sensors publish the state of the door on change only: a late subscriber has the state of the past
    await using late = await connectClient(broker.tcp!.url);
    await late.client.subscribeAsync('home/hallway/door');
    await until('the door', () => late.deliveries.length > 0);
    expect(late.texts()).toEqual([rows['home/hallway/door'].at(-1)![1]]);
  });
});
