import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startBroker } from '../fixture';
import { startSensors } from '../sensors';
import { connectHistory } from '../testing/history-client';
import { simulateTime } from '../testing/sensors';
import { Outages } from './outages';

test('what was before the first start is one outage, as far as no message of the past is known', async () => {
  const outages = new Outages();
  await outages.open(0, 1_000);
  expect(outages.within(500, 2_000)).toEqual([[0, 1_000]]);
  outages.import(400);
  outages.import(900);
  expect(outages.within(0, 2_000)).toEqual([[900, 1_000]]);
  expect(outages.within(1_000, 2_000)).toEqual([]);
});

test('an import that is complete leaves no outage in its time, and those of other times', async () => {
  const outages = new Outages();
  await outages.open(0, 1_000);
  outages.begin(2_000);
  outages.end(3_000);
  outages.begin(4_000);
  outages.end(5_000);
  outages.import(900);
  outages.complete(400, 950);
  outages.complete(2_500, 2_600);
  outages.complete(4_500, 6_000);
  expect(outages.within(0, 9_000)).toEqual([
    [950, 1_000],
    [2_000, 2_500],
    [2_600, 3_000],
    [4_000, 4_500],
  ]);
  outages.complete(950, 1_000);
  expect(outages.within(0, 1_500)).toEqual([]);
});

test('an outage begins when the broker was heard last, and ends when messages are recorded again', async () => {
  const outages = new Outages();
  await outages.open(0, 1_000);
  outages.begin(2_000);
  outages.begin(3_000);
  outages.end(4_000);
  outages.end(5_000);
  expect(outages.within(1_500, 9_000)).toEqual([[2_000, 4_000]]);
});

test('outages survive a restart, after which there is one more', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'mqttstream-outages-'));
  const first = new Outages(directory);
  await first.open(0, 1_000);
  await first.close(5_000);
  const second = new Outages(directory);
  await second.open(4_500, 6_000);
  // It is killed, and does not write when
  const third = new Outages(directory);
  await third.open(7_000, 8_000);
  expect(third.within(0, 9_000)).toEqual([
    [0, 1_000],
    [5_000, 6_000],
    [7_000, 8_000],
  ]);
  await rm(directory, { recursive: true });
});

describe('sensors with a past', () => {
  simulateTime({ timers: false });

  test('at the first start, nothing says that messages are missing before the first live one', async () => {
    await using broker = await startBroker({ history: { filters: ['#'] } });
    let count = 0;
    const sensors = startSensors(broker.publish, {
      sets: ['weather'],
      faultRate: 0,
      past: {
        seconds: 1_519.5,
        record: (messages, until) => {
          count += messages.length;
          return broker.importHistory(messages, until);
        },
      },
    });
    sensors.stop();
    // The last message fills a batch, and there are ticks without a message after it
    expect(count).toBe(1_000);
    await using client = await connectHistory(broker.tcp!.url, 'me');
    const { parts, rows } = await client.request({ v: 2, filters: ['#'], from: 0 });
    expect(rows.size).toBe(2);
    expect(parts[0]).not.toHaveProperty('away');
  });
});

test('a response says when the historian was away', async () => {
  const before = Date.now();
  await using broker = await startBroker({ history: { filters: ['#'] } });
  await using client = await connectHistory(broker.tcp!.url, 'me');
  const { parts } = await client.request({ v: 2, filters: ['#'], from: 0 });
  const { away } = parts[0] as { away?: number[][] };
  expect(away).toHaveLength(1);
  expect(away![0][0]).toBe(0);
  expect(away![0][1]).toBeGreaterThanOrEqual(before);
  const later = await client.request({ v: 2, filters: ['#'], from: Date.now() });
  expect(later.parts[0]).not.toHaveProperty('away');
});
