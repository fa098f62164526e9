/** Sessions, client ids and retained messages that several brokers share over Redis. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { hashPassword } from '../../auth/password';
import { startBroker, type Broker, type BrokerOptions } from '../../broker';
import { connectMqtt, subscribe } from '../../testing/raw-client';
import { connectClient, until } from '../../testing/clients';
import { openClusterStorage } from './cluster';
import { findRedis, startRedis, type RedisServer } from '../../testing/redis-server';

const program = findRedis();
const LASTING = { clean: false };

describe.skipIf(program === undefined)('over Redis', () => {
  let redis: RedisServer;
  let folder = '';

  beforeAll(async () => {
    redis = await startRedis(program!);
    folder = await mkdtemp(join(tmpdir(), 'broker-cluster-'));
  });
  beforeEach(async () => {
    await redis.run('FLUSHALL');
  });
  afterAll(async () => {
    await redis[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const start = (options: BrokerOptions = {}): Promise<Broker> =>
    startBroker({ storage: openClusterStorage(redis.url), tcp: { port: 0 }, ws: false, ...options });

  describe('sessions', () => {
    let ahead = 0;
    const aging: BrokerOptions = { limits: { sessionExpiry: 60 }, now: () => Date.now() + ahead };
    beforeEach(() => {
      ahead = 0;
    });

    const known = async (): Promise<string[]> =>
      ((await redis.run('ZRANGE', 'sessions', '0', '-1')) as string[]).toSorted();

    test('of a broker that is gone end in time, with all that was stored for them; those that are connected stay', async () => {
      {
        await using a = await start(aging);
        using client = await connectMqtt(a.tcp!.port, 'ghost', LASTING);
        await subscribe(client, { 'g/#': 1 });
        await a.publish({ topic: 'g/1', payload: 'not acknowledged', qos: 1 });
        await client.next('publish');
      }
      await using a = await start(aging);
      await using b = await start(aging);
      using here = await connectMqtt(a.tcp!.port, 'here', LASTING);
      await subscribe(here, { 'h/#': 1 });
      await b.publish({ topic: 'g/1', payload: 'x', qos: 1 });
      await b.expireSessions();
      expect(await known()).toEqual(['ghost', 'here']);
      expect(b.stats()).toMatchObject({ sessions: 2, queuedMessages: 2 });

      ahead = 61_000;
      await a.expireSessions();
      await b.expireSessions();
      expect(await known()).toEqual(['here']);
      expect(await redis.run('EXISTS', 'queue:ghost', 'queue-state:ghost', 'client:ghost')).toBe(0);
      expect(b.stats()).toMatchObject({ sessions: 1, queuedMessages: 0 });
      await b.publish({ topic: 'g/1', payload: 'for nobody', qos: 1 });
      expect(b.stats().queuedMessages).toBe(0);
      using back = await connectMqtt(b.tcp!.port, 'ghost', LASTING);
      expect(back.sessionPresent).toBe(false);
    });

    test('are limited over all brokers; a known one may come back anywhere', async () => {
      const limits = { sessions: 2 };
      await using a = await start({ limits });
      await using b = await start({ limits });
      using one = await connectMqtt(a.tcp!.port, 'one', LASTING);
      using two = await connectMqtt(b.tcp!.port, 'two', LASTING);
      using three = await connectMqtt(a.tcp!.port, 'three', LASTING);
      using again = await connectMqtt(b.tcp!.port, 'one', LASTING);
      using passing = await connectMqtt(b.tcp!.port, 'three');
      expect([one, two, three, again, passing].map(({ returnCode }) => returnCode)).toEqual([0, 0, 3, 0, 0]);
    });
  });

  test('a user cannot take the client id of another user at another broker, until that one has left', async () => {
    const users = join(folder, 'users');
    await writeFile(users, `anna:${await hashPassword('a')}\nbert:${await hashPassword('b')}\n`);
    const faults: string[] = [];
    await using a = await start({ users });
    await using b = await start({ users, onClientError: ({ message }) => faults.push(message) });
    const as = (username: string, password: string) => ({ clientId: 'one', username, password });
    await using anna = await connectClient(a.tcp!.url, as('anna', 'a'));
    await expect(connectClient(b.tcp!.url, as('bert', 'b'))).rejects.toThrow('No MQTT connection');
    expect(faults).toEqual(['A client of another user is connected with this client id. Choose another client id']);
    expect(anna.client.connected).toBe(true);
    await using moved = await connectClient(b.tcp!.url, as('anna', 'a'));
    await until('the first to go', () => !anna.client.connected);
    await moved.client.endAsync();
    await until('nobody', () => b.clients() === 0);
    await using bert = await connectClient(a.tcp!.url, as('bert', 'b'));
    expect(bert.client.connected).toBe(true);
  });

  test('a client id is free again when the broker of its connection is gone', async () => {
    await using a = await start();
    await redis.run('SADD', 'brokers', 'killed');
    await redis.run('HSET', 'broker:killed', 'one', '"anna"');
    await expect(connectClient(a.tcp!.url, { clientId: 'one' })).rejects.toThrow('No MQTT connection');
    // As it does by itself some time after the broker last said that it is there
    await redis.run('DEL', 'broker:killed');
    await using client = await connectClient(a.tcp!.url, { clientId: 'one' });
    expect(client.client.connected).toBe(true);
    expect(await redis.run('SISMEMBER', 'brokers', 'killed')).toBe(0);
    expect(await redis.run('TTL', ((await redis.run('KEYS', 'broker:*')) as string[])[0])).toBeGreaterThan(0);
  });

  test('retained messages that are removed at the other broker make room again', async () => {
    const faults: string[] = [];
    const limits = { retainedMessages: 100 };
    await using a = await start({ limits, onClientError: ({ message }) => faults.push(message) });
    await using b = await start({ limits });
    for (let round = 0; round < 2; round += 1) {
      for (const [broker, payload] of [[a, 'x'] as const, [b, ''] as const]) {
        for (let n = 0; n < 60; n += 1) {
          await broker.publish({ topic: `r${round}/${n}`, payload, retain: true });
        }
      }
    }
    expect(faults).toEqual([]);
    for (let n = 0; n < 110; n += 1) {
      await (n % 2 ? a : b).publish({ topic: `r/${n}`, payload: 'x', retain: true });
    }
    expect(await redis.run('HLEN', 'retained')).toBe(100);
    expect(a.stats()).toMatchObject({ retainedMessages: 100, retainedRefused: 5 });
    expect(faults).toEqual([expect.stringMatching(/^Not retained: r\/101\. 100 messages of \d+ bytes are/)]);
    // A session that is there can be replaced
    await b.publish({ topic: 'r/0', payload: 'y', retain: true });
    await using late = await connectClient(a.tcp!.url);
    await late.client.subscribeAsync('r/0');
    await until('it', () => late.texts().includes('y'));
  });
});
