import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBroker, type Broker } from '../broker';
import { openClusterStorage } from '../storage/redis/cluster';
import { findRedis, startRedis, type RedisServer } from '../testing/redis-server';
import { connectClient, until } from '../testing/clients';
import { connectHistory } from '../testing/history-client';

const program = findRedis();

describe.skipIf(program === undefined)('two brokers over Redis', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await startRedis(program!);
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  test('each records the messages of both, and answers its own clients', async () => {
    const start = (): Promise<Broker> =>
      startBroker({
        storage: openClusterStorage(redis.url),
        history: { filters: ['home/#'] },
        tcp: { port: 0 },
        ws: false,
      });
    await using one = await start();
    await using other = await start();
    await using sensor = await connectClient(one.tcp!.url);
    for (const qos of [0, 1, 2] as const) {
      await sensor.client.publishAsync('home/a', String(qos), { qos });
    }
    await other.publish({ topic: 'home/b', payload: 'x', retain: true });
    for (const broker of [one, other]) {
      await until('all to be recorded', () => broker.stats().historyMessages === 4);
      await using client = await connectHistory(broker.tcp!.url, 'me');
      const { rows } = await client.request({ filters: ['#'], from: 0 });
      expect(Object.fromEntries(rows)).toEqual({ 'home/a': ['0', '1', '2'], 'home/b': ['x'] });
      await client.client.subscribeAsync('history/status');
      await until('the status', () => client.deliveries.some(({ topic }) => topic === 'history/status'));
    }
    expect(one.stats().historyRequests + other.stats().historyRequests).toBe(2);
  });
});
