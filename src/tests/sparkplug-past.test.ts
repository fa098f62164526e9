/** Panels of Sparkplug data by alias, whose births are older than their time range, with a historian that has them. */
import 'fake-indexeddb/auto';
import type { DataQueryResponse } from '@grafana/data';
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startBroker, type TestBroker } from '../../broker/fixture';
import { engineInPage } from '../connection/launch';
import type { Recording } from '../connection/recording';
import { startEngine } from '../engine/engine';
import type { EnginePort } from '../engine/protocol';
import { type Responses, responsesOf } from '../testing/responses';
import { MINUTE, type PastMessage, SparkplugNode } from '../testing/sparkplug-node';
import { subscribed, testDeps, testPool } from '../testing/test-pool';
import { absolute, request } from '../testing/test-request';
import type { MqttQuery } from '../types';

const RECORDING: Recording = { bytes: 1_000_000, ageMs: 366 * 86_400_000, historian: 'history' };
const ALL = 'spBv1.0/G/#';

/** A node that was born 20 minutes ago, with data of two devices every minute since. */
function bornBefore(now: number): SparkplugNode {
  const node = new SparkplugNode(now)
    // In an earlier session the aliases were the other way round
    .nodeBirth(30, 1)
    .deviceBirth(30, 'D', { pressure: 1, speed: 2 })
    .nodeBirth(20, 2)
    .deviceBirth(20, 'D', { speed: 1, pressure: 2 })
    .deviceBirth(20, 'E', { level: 3 });
  for (let ago = 19; ago > 0; ago--) {
    node.data(ago, 'D', 1, ago).data(ago, 'E', 3, 100 + ago);
  }
  return node;
}

async function brokerWith(messages: readonly PastMessage[]): Promise<TestBroker> {
  const broker = await startBroker({ history: { filters: ['#'] } });
  await broker.importHistory(messages, Date.now());
  return broker;
}

/** A panel that shows the last minutes. */
function openPanel(broker: TestBroker, query: Partial<MqttQuery>, minutes = 10, pool = testPool()): Responses {
  const deps = testDeps({ url: broker.ws!.url, pool, lingerMs: 10_000, recording: RECORDING });
  return responsesOf(request([{ topic: ALL, ...query }], lastMinutes(minutes)), deps);
}

/** A range that follows the clock and begins between two messages. */
function lastMinutes(minutes: number) {
  const raw = { from: `now-${minutes * 60 + 30}s`, to: 'now' };
  const now = Date.now();
  return { range: { ...absolute(now - minutes * MINUTE - MINUTE / 2, now).range, raw }, rangeRaw: raw };
}

/** The numbers of all fields by the device and the name, those that are null left out, with their minutes before now. */
function cellsOf(response: DataQueryResponse | undefined, now: number): Record<string, Array<[number, number]>> {
  const cells: Record<string, Array<[number, number]>> = {};
  for (const { fields } of response?.data ?? []) {
    const [time, ...values] = fields as Array<{ name: string; labels?: { device?: string }; values: number[] }>;
    for (const { name, labels, values: column } of values) {
      column.forEach((value, row) => {
        if (typeof value === 'number') {
          (cells[`${labels?.device ?? ''}/${name}`] ??= []).push([
            Math.round((now - time.values[row]) / MINUTE),
            value,
          ]);
        }
      });
    }
  }
  return cells;
}

const noticesOf = (response: DataQueryResponse | undefined): string[] =>
  (response?.data ?? []).flatMap(({ meta }) => meta?.notices?.map(({ text }: { text: string }) => text) ?? []);

const upTo = (minutes: number, add = 0): Array<[number, number]> =>
  Array.from({ length: minutes }, (_, at) => [minutes - at, minutes - at + add]);

/** Waits until a field has a number of this minute. */
const has = (field: string, ago: number, now: number) => (response: DataQueryResponse) =>
  cellsOf(response, now)[field]?.some(([minutes]) => minutes === ago) ?? false;

describe('a range that begins after the births', () => {
  test.each<[string, Partial<MqttQuery>]>([
    ['sparkplug', { format: 'sparkplug' }],
    ['auto', {}],
    ['sparkplug, of all topics', { topic: '#', format: 'sparkplug' }],
    ['auto, of all topics', { topic: '#' }],
    ['sparkplug, of one device with its births', { topic: 'spBv1.0/G/+/N/#', format: 'sparkplug' }],
  ])('has rows from its beginning, and no notice: %s', async (_name, query) => {
    const now = Date.now();
    await using broker = await brokerWith(bornBefore(now).messages);
    using panel = openPanel(broker, query);
    await panel.until(has('D/speed', 1, now));
    await panel.until(has('E/level', 1, now));
    expect(cellsOf(panel.last, now)).toEqual({ 'D/speed': upTo(10), 'E/level': upTo(10, 100) });
    expect(noticesOf(panel.last)).toEqual([]);
  });

  test('reads what comes after births of the range by these, and ends with the death of the session', async () => {
    const now = Date.now();
    const { messages } = new SparkplugNode(now)
      .nodeBirth(20, 1)
      .deviceBirth(20, 'D', { speed: 1, pressure: 2 })
      .data(8, 'D', 1, 8)
      // The will of an earlier session
      .death(7, 0)
      .data(6, 'D', 2, 6)
      .death(5, 1)
      .nodeBirth(4, 2)
      .deviceBirth(4, 'D', { pressure: 1, speed: 2 }, 4)
      .data(3, 'D', 1, 3)
      .data(2, 'D', 2, 2);
    await using broker = await brokerWith(messages);
    using panel = openPanel(broker, { format: 'sparkplug' });
    await panel.until(has('D/speed', 2, now));
    expect(cellsOf(panel.last, now)).toMatchObject({
      'D/speed': [
        [8, 8],
        [4, 4],
        [2, 2],
      ],
      'D/pressure': [
        [6, 6],
        [4, 4],
        [3, 3],
      ],
    });
    const notices = noticesOf(panel.last);
    expect(notices.filter((text) => /unknown|missing/.test(text))).toEqual([]);
    expect(notices.join('\n')).toContain('its bdSeq is 0, and that of the birth is 1');
  });

  test('of the data of one device alone has names too, also after a rebirth that the query does not match', async () => {
    const now = Date.now();
    const { messages } = new SparkplugNode(now)
      .nodeBirth(20, 1)
      .deviceBirth(20, 'D', { speed: 1, pressure: 2 })
      .data(8, 'D', 1, 8)
      .nodeBirth(6, 2)
      .deviceBirth(6, 'D', { pressure: 1, speed: 2 }, 6)
      .data(4, 'D', 2, 4)
      .data(2, 'D', 1, 2);
    await using broker = await brokerWith(messages);
    using panel = openPanel(broker, { topic: 'spBv1.0/G/DDATA/N/D', format: 'sparkplug' });
    await panel.until(has('D/pressure', 2, now));
    expect(cellsOf(panel.last, now)).toEqual({
      'D/speed': [
        [8, 8],
        [4, 4],
      ],
      'D/pressure': [[2, 2]],
    });
    // Births that come from now on do not reach the panel
    expect(noticesOf(panel.last).join('\n')).toContain('Add spBv1.0/G/DBIRTH/N/D');
  });

  test('of a device that has been silent in it has the name of the next live message', async () => {
    const now = Date.now();
    const node = new SparkplugNode(now).nodeBirth(20, 1).deviceBirth(20, 'D', { speed: 1 });
    await using broker = await brokerWith(node.messages);
    using panel = openPanel(broker, { format: 'sparkplug' });
    await subscribed(broker, ALL);
    await panel.until(({ state }) => state !== undefined);
    const { topic, payload } = node.data(0, 'D', 1, 7).messages.at(-1)!;
    await broker.publish({ topic, payload });
    await panel.until(has('D/speed', 0, now));
    expect(cellsOf(panel.last, now)).toEqual({ 'D/speed': [[0, 7]] });
    expect(noticesOf(panel.last)).toEqual([]);
  });

  test('shows the births where a longer range has them', async () => {
    const now = Date.now();
    await using broker = await brokerWith(bornBefore(now).messages);
    const pool = testPool();
    {
      using panel = openPanel(broker, { format: 'sparkplug' }, 10, pool);
      await panel.until(has('E/level', 1, now));
    }
    using longer = openPanel(broker, { format: 'sparkplug' }, 25, pool);
    await longer.until(has('E/level', 20, now));
    expect(cellsOf(longer.last, now)).toEqual({
      'D/speed': [[20, -1], ...upTo(19)],
      'D/pressure': [[20, -1]],
      'E/level': [[20, -1], ...upTo(19, 100)],
    });
    expect(noticesOf(longer.last)).toEqual([]);
  });
});

test('a historian of version 1 is asked for the last birth before the range', async () => {
  await using broker = await startBroker();
  const now = Date.now();
  const { messages } = bornBefore(now);
  const historian = await mqtt.connectAsync(broker.tcp!.url);
  historian.on('message', (topic, bytes) => {
    const {
      filters,
      from,
      to = Infinity,
      limit = Infinity,
    } = JSON.parse(bytes.toString()) as {
      filters: string[];
      from: number;
      to?: number;
      limit?: number;
    };
    const isBirth = filters.some((filter) => filter.includes('BIRTH'));
    const topics = [...new Set(messages.map((message) => message.topic))]
      .filter((name) => !isBirth || name.includes('BIRTH'))
      .map((name) => {
        const all = messages.filter((message) => message.topic === name && message.time >= from && message.time <= to);
        const some = all.slice(-limit);
        return {
          topic: name,
          times: some.map(({ time }) => time),
          payloads: some.map(({ payload }) => ({ base64: payload.toString('base64') })),
        };
      });
    const response = { v: 1, part: 0, done: true, truncated: false, now: Date.now(), topics };
    historian.publish(topic.replace('/request/', '/response/'), JSON.stringify(response));
  });
  await historian.subscribeAsync('history/request/+/+');
  await historian.publishAsync('history/status', '{"v":1,"age":60,"messages":100}', { retain: true, qos: 1 });
  using panel = openPanel(broker, { format: 'sparkplug' });
  await panel.until(has('E/level', 1, now));
  expect(cellsOf(panel.last, now)).toEqual({ 'D/speed': upTo(10), 'E/level': upTo(10, 100) });
  expect(noticesOf(panel.last)).toEqual([]);
  await historian.endAsync(true);
});

test('after a reload, messages that the browser has stored are read by births that are older', async () => {
  await using broker = await startBroker();
  const now = Date.now();
  const { messages } = bornBefore(now);
  let clock = now;
  const start = (port: EnginePort): void =>
    startEngine(port, {
      openSocket: (url, protocols) => new WebSocket(url, protocols),
      now: () => clock,
      random: () => 0,
    });
  const storage = { name: 'sparkplug', owner: 'anna', ageMs: 10.5 * MINUTE };
  const page = () =>
    testDeps({
      url: broker.ws!.url,
      pool: testPool({
        launch: () => Promise.resolve(engineInPage(start, 'test')),
        tabId: () => Promise.resolve('tab'),
      }),
      lingerMs: 0,
      recording: { bytes: 1_000_000, ageMs: 366 * 86_400_000, storage },
    });
  {
    using panel = responsesOf(request([{ topic: ALL }], lastMinutes(30)), page());
    await subscribed(broker, ALL);
    for (const { topic, payload, time } of messages) {
      clock = time;
      await broker.publish({ topic, payload });
      // What is waited for comes behind the message; births are written before data comes
      await sleep(topic.includes('/DBIRTH/N/E') ? 1_200 : 10);
    }
    await panel.until(has('E/level', 1, now));
    await sleep(1_200);
  }
  clock = now;
  await expect.poll(() => broker.clients()).toBe(0);
  using panel = responsesOf(request([{ topic: ALL }], lastMinutes(30)), page());
  await panel.until(has('E/level', 1, now));
  expect(cellsOf(panel.last, now)).toEqual({ 'D/speed': upTo(10), 'E/level': upTo(10, 100) });
  expect(noticesOf(panel.last).filter((text) => /decode/.test(text))).toEqual([]);
}, 30_000);
