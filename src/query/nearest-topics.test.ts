import { CoreApp } from '@grafana/data';
import { describe, expect, test, vi } from 'vitest';
import { type FixtureOptions, startBroker, type TestBroker } from '../../broker/fixture';
import { responsesOf } from '../testing/responses';
import { subscribed, testDeps, testPool } from '../testing/test-pool';
import { request } from '../testing/test-request';
import type { QueryDiagnostics } from '../types';
import type { ConnectionClient } from '../connection/client';
import { COLLECT_MS, findNearestTopics } from './nearest-topics';
import type { SharedStream } from '../connection/shared-stream';
import { parseQuery } from './parse-query';

const TOPICS = ['home/kitchen/temperature', 'home/kitchen/humidity', '/slash'];

async function brokerWith(options: FixtureOptions = {}): Promise<{ broker: TestBroker; asked: string[] }> {
  const asked: string[] = [];
  const broker = await startBroker({
    authorizeSubscribe: (_client, subscription, done) => {
      asked.push(subscription.topic);
      done(null, subscription);
    },
    ...options,
  });
  for (const topic of TOPICS) {
    await broker.publish({ topic, payload: '1', retain: true });
  }
  return { broker, asked };
}

/** A stream of these filters that the broker has granted, with nothing on it. */
async function silent(
  broker: TestBroker,
  topic: string
): Promise<{ connection: ConnectionClient; stream: SharedStream }> {
  const connection = testDeps({ url: broker.ws!.url, pool: testPool() }).connect();
  const stream = connection.join(parseQuery({ refId: 'A', topic }, (text) => text).spec);
  await expect.poll(() => stream.granted, { timeout: 10_000 }).toBe(true);
  return { connection, stream };
}

describe('a query whose topic does not exist', () => {
  test('gets the nearest existing topics while somebody types, and then nothing more is subscribed to', async () => {
    const { broker, asked } = await brokerWith();
    await using _ = broker;
    const deps = { ...testDeps({ url: broker.ws!.url, pool: testPool() }), editing: () => true };
    using responses = responsesOf(request([{ topic: 'Home/kitchen/temperature' }], { app: CoreApp.PanelEditor }), deps);
    const response = await responses.until((p) => JSON.stringify(p.data).includes('Nearest topics'));
    expect(response.data[0].meta?.notices).toEqual([
      {
        severity: 'info',
        text: expect.stringMatching(
          /^No message has arrived on "Home\/kitchen\/temperature" since [\d:]+\. Nearest topics that exist: "home\/kitchen\/temperature"\.$/
        ),
      },
    ]);
    const report: QueryDiagnostics = response.data[0].meta?.custom?.mqtt;
    expect(report.nearest).toEqual([{ filter: 'Home/kitchen/temperature', topics: ['home/kitchen/temperature'] }]);
    expect(asked).toEqual(['Home/kitchen/temperature', '#']);
    await expect
      .poll(() => [...broker.subscriptions().values()].flat(), { timeout: 10_000 })
      .toEqual(['Home/kitchen/temperature']);
    // Once it does exist, nothing is near it any longer.
    await broker.publish({ topic: 'Home/kitchen/temperature', payload: '1' });
    const after = await responses.until((p) => p.data[0].length > 0);
    expect(after.data[0].meta?.custom?.mqtt).not.toHaveProperty('nearest');
    expect(after.data[0].meta?.notices).toBeUndefined();
  });

  test('on a dashboard costs the broker nothing', async () => {
    const { broker, asked } = await brokerWith();
    await using _ = broker;
    const deps = testDeps({ url: broker.ws!.url, pool: testPool() });
    using responses = responsesOf(request([{ topic: 'Home/kitchen/temperature' }]), deps);
    await responses.until((p) => JSON.stringify(p.data).includes('no message has arrived'));
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(asked).toEqual(['Home/kitchen/temperature']);
  });
});

describe('findNearestTopics', () => {
  test('asks once in half a minute for a stream, and again after it', async () => {
    const { broker, asked } = await brokerWith();
    await using _ = broker;
    const { connection, stream } = await silent(broker, 'home/kitchen');
    await Promise.all([
      findNearestTopics(connection, stream, '#', 0),
      findNearestTopics(connection, stream, '#', 100),
      findNearestTopics(connection, stream, '#', 29_999),
    ]);
    expect(stream.nearest).toEqual([
      { filter: 'home/kitchen', topics: ['home/kitchen/humidity', 'home/kitchen/temperature'] },
    ]);
    await findNearestTopics(connection, stream, 'home/#', 30_000);
    expect(asked.filter((filter) => filter.endsWith('#'))).toEqual(['#', 'home/#']);
    connection.leave(stream);
  });

  test('of several filters names what is near each, over one subscription', async () => {
    const { broker, asked } = await brokerWith();
    await using _ = broker;
    const { connection, stream } = await silent(broker, 'slash\nhome/+/Humidity\nnothing/like/it');
    await findNearestTopics(connection, stream, '#', 0);
    expect(stream.nearest).toEqual([
      { filter: 'slash', topics: ['/slash'] },
      { filter: 'home/+/Humidity', topics: ['home/+/humidity'] },
    ]);
    expect(asked.filter((filter) => filter === '#')).toHaveLength(1);
    connection.leave(stream);
  });

  test.each<[string, FixtureOptions['authorizeSubscribe']]>([
    ['refuses', (_client, subscription, done) => done(null, subscription.topic === '#' ? null : subscription)],
    [
      'hangs up on',
      (client, subscription, done) => {
        if (subscription.topic === '#') {
          client.close();
        } else {
          done(null, subscription);
        }
      },
    ],
  ])('says nothing where the broker %s the root, and does not ask for it again', async (_, authorizeSubscribe) => {
    let asked = 0;
    const { broker: started } = await brokerWith({
      authorizeSubscribe: (client, subscription, done) => {
        asked += subscription.topic === '#' ? 1 : 0;
        authorizeSubscribe?.(client, subscription, done);
      },
    });
    await using broker = started;
    const { connection, stream } = await silent(broker, 'slash');
    await findNearestTopics(connection, stream, '#', 0);
    await subscribed(broker, 'slash');
    const before = asked;
    await findNearestTopics(connection, stream, '#', 60_000);
    expect(stream.nearest).toEqual([]);
    expect(asked).toBe(before);
    // A session of its own asks until it is certain that the filter is to blame.
    expect(asked).toBeLessThanOrEqual(3);
    expect(connection.status.state).toBe('connected');
    connection.leave(stream);
  });

  test('takes no more topics than it needs', async () => {
    const { broker } = await brokerWith();
    await using _ = broker;
    for (let i = 0; i < 2_500; i++) {
      await broker.publish({ topic: `many/${i}`, payload: '1', retain: true });
    }
    const { connection, stream } = await silent(broker, 'Many/7');
    // The time in which topics are collected never ends.
    const { setTimeout: start } = globalThis;
    const timers = vi
      .spyOn(globalThis, 'setTimeout')
      .mockImplementation((run: () => void, ms?: number) => start(run, ms === COLLECT_MS ? 600_000 : ms));
    await findNearestTopics(connection, stream, 'many/#', 0);
    expect(timers.mock.calls.map(([, ms]) => ms)).toContain(COLLECT_MS);
    timers.mockRestore();
    expect(stream.nearest).toEqual([{ filter: 'Many/7', topics: ['many/7'] }]);
    connection.leave(stream);
  });
});
