import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBroker, type Broker, type BrokerOptions } from '../../broker';
import { connectMqtt, connectPacket, openRaw, subscribe } from '../../testing/raw-client';
import { connectClient, next, until } from '../../testing/clients';
import { openClusterStorage } from './cluster';
import { findRedis, startRedis, type RedisServer } from '../../testing/redis-server';
import { slowRedis } from '../../testing/slow-redis';

const program = findRedis();

test('a URL that is none, and a Redis that is not there, are said in words', async () => {
  await expect(openClusterStorage('localhost')).rejects.toThrow(
    'Expected a URL like redis://127.0.0.1:6379, got "localhost"'
  );
  await expect(openClusterStorage('http://127.0.0.1')).rejects.toThrow('starts with redis:// or rediss://');
  await expect(openClusterStorage('redis://127.0.0.1/x')).rejects.toThrow('database number');
  await expect(openClusterStorage('redis://127.0.0.1:1')).rejects.toThrow(
    /^127\.0\.0\.1:1: Redis cannot be used: .*ECONNREFUSED.*\. Check that Redis is running, and that the URL is right$/
  );
});

describe.skipIf(program === undefined)('two brokers over Redis', () => {
  let redis: RedisServer;

  beforeAll(async () => {
    redis = await startRedis(program!);
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  const start = (options: BrokerOptions = {}): Promise<Broker> =>
    startBroker({ storage: openClusterStorage(redis.url), tcp: { port: 0 }, ws: false, ...options });

  test('a publisher on one, subscribers on both, every QoS, with every kind of name', async () => {
    await using a = await start();
    await using b = await start();
    await using near = await connectClient(a.tcp!.url);
    await using far = await connectClient(b.tcp!.url);
    const topics = ['t/1', 't/constructor', 't/__proto__', 't/[b]/x', 't/a*c', 't/ünï', 't//', 't/?'];
    for (const { client } of [near, far]) {
      await client.subscribeAsync(['t/#', 't/+', 't/[b]/+', 't/constructor'], { qos: 2 });
    }
    await using publisher = await connectClient(a.tcp!.url);
    const sent: string[] = [];
    for (const qos of [0, 1, 2] as const) {
      for (const topic of topics) {
        sent.push(`${topic} ${qos}`);
        await publisher.client.publishAsync(topic, `${topic} ${qos}`, { qos });
      }
    }
    for (const { texts, deliveries } of [near, far]) {
      await until('all of them', () => texts().length >= sent.length);
      expect(texts().toSorted()).toEqual(sent.toSorted());
      expect(deliveries.every(({ text, qos }) => text.endsWith(String(qos)))).toBe(true);
    }
  });

  test('a broker has started when each of its connections to Redis stands', async () => {
    await using b = await start();
    await using far = await connectClient(b.tcp!.url);
    await far.client.subscribeAsync('early/#');
    for (const connection of [0, 1, 2]) {
      await using slow = await slowRedis(redis.url, connection, 300);
      await using a = await start({ storage: openClusterStorage(slow.url) });
      await a.publish({ topic: 'early', payload: `slow ${connection}` });
      await until('the message', () => far.texts().includes(`slow ${connection}`));
    }
    expect(far.texts()).toEqual(['slow 0', 'slow 1', 'slow 2']);
  });

  test('retained messages and QoS 1 messages that follow one another at once are all delivered, on both', async () => {
    await using a = await start();
    await using b = await start();
    await using far = await connectClient(b.tcp!.url);
    await far.client.subscribeAsync('burst/#', { qos: 1 });
    const expected = Array.from({ length: 300 }, (_, n) => String(n));
    await Promise.all(
      expected.map((payload, n) =>
        a.publish({ topic: `burst/${n % 3}`, payload, qos: n % 2 ? 1 : 0, retain: n % 5 === 0 })
      )
    );
    // The retained messages are read after SUBACK: what was retained in between comes with the flag too.
    const live = (): string[] => far.deliveries.filter(({ retain }) => !retain).map(({ text }) => text);
    await until('all of them', () => live().length >= expected.length);
    expect(live()).toEqual(expected);
    await using late = await connectClient(b.tcp!.url);
    await late.client.subscribeAsync('burst/+');
    await until('three retained', () => late.deliveries.length === 3);
    expect(late.deliveries.every(({ retain }) => retain)).toBe(true);
  });

  test('retained messages below a level with a character that Redis gives a meaning', async () => {
    await using a = await start();
    await a.publish({ topic: 'r[1]/x', payload: 'here', retain: true });
    await using client = await connectClient(a.tcp!.url);
    await client.client.subscribeAsync('r[1]/+');
    await until('it', () => client.texts().includes('here'));
    expect(client.texts()).toEqual(['here']);
  });

  test('a SUBSCRIBE with several filters in a persistent session is answered', async () => {
    await using a = await start();
    await using client = await connectClient(a.tcp!.url, { clientId: 'several', clean: false });
    const granted = await client.client.subscribeAsync(['s/1', 's/2', 's/3/#'], { qos: 1 });
    expect(granted.map(({ qos }) => qos)).toEqual([1, 1, 1]);
    await client.client.unsubscribeAsync(['s/1', 's/2']);
    await client.client.unsubscribeAsync('never subscribed');
  });

  test('a session moves to the other broker with what waited for it, once each, overlapping filters or not', async () => {
    await using a = await start();
    await using b = await start();
    const session = { clientId: 'mover', clean: false };
    {
      await using client = await connectClient(a.tcp!.url, session);
      await client.client.subscribeAsync(['m/#', 'm/+'], { qos: 1 });
      await client.client.endAsync();
    }
    const expected = Array.from({ length: 1_200 }, (_, n) => String(n));
    await Promise.all(expected.map((payload, n) => (n % 2 ? a : b).publish({ topic: 'm/1', payload, qos: 1 })));
    await using back = await connectClient(b.tcp!.url, { ...session, resubscribe: false });
    await until('all of them', () => back.deliveries.length >= expected.length);
    // And live ones, with the two filters, from the other broker
    for (const payload of ['live 1', 'live 2']) {
      await a.publish({ topic: 'm/1', payload, qos: 1 });
    }
    await until('the live ones', () => back.texts().includes('live 2'));
    expect(back.texts().slice(0, -2).toSorted()).toEqual(expected.toSorted());
    expect(back.texts().slice(-2)).toEqual(['live 1', 'live 2']);
    await back.client.endAsync();
    await using again = await connectClient(a.tcp!.url, { ...session, resubscribe: false });
    await a.publish({ topic: 'm/1', payload: 'mark', qos: 1 });
    await until('the mark', () => again.texts().includes('mark'));
    expect(again.texts()).toEqual(['mark']);
  });

  test('CONNACK is the first that a session gets, however much is published to it [MQTT-3.2.0-1]', async () => {
    await using a = await start();
    {
      using client = await connectMqtt(a.tcp!.port, 'first', { clean: false });
      await subscribe(client, { 'f/0': 0, 'f/1': 1 });
    }
    let going = true;
    const pump = (async () => {
      // oxlint-disable-next-line no-unmodified-loop-condition -- below
      while (going) {
        void a.publish({ topic: 'f/0', payload: 'QoS 0' });
        await a.publish({ topic: 'f/1', payload: 'QoS 1', qos: 1 });
      }
    })();
    const first = new Set<string>();
    for (let round = 0; round < 30; round += 1) {
      using client = await openRaw(a.tcp!.port);
      client.send(connectPacket('first', { clean: false }));
      await until('a packet', () => client.received.length > 0);
      first.add(client.received[0].cmd);
    }
    going = false;
    await pump;
    expect([...first]).toEqual(['connack']);
  });

  test('a client that connects to the other broker takes over from itself [MQTT-3.1.4-2]', async () => {
    await using a = await start();
    await using b = await start();
    await using first = await connectClient(a.tcp!.url, { clientId: 'same' });
    const gone = next(first.client, 'close');
    await using second = await connectClient(b.tcp!.url, { clientId: 'same' });
    await gone;
    expect(second.client.connected).toBe(true);
    expect([a.clients(), b.clients()]).toEqual([0, 1]);
  });

  test('what another program sends over the same Redis is passed over', async () => {
    await using a = await start();
    const other = await openClusterStorage(redis.url);
    const { pubConn } = other.mq as { pubConn: { publish(channel: string, text: string): Promise<number> } };
    expect(await pubConn.publish('somebody/else', 'not MessagePack \u00ff\u0000')).toBeGreaterThan(0);
    await other.close();
    await using client = await connectClient(a.tcp!.url);
    await client.client.subscribeAsync('#');
    await a.publish({ topic: 'x', payload: 'still here' });
    await until('it', () => client.texts().includes('still here'));
    expect(client.texts()).toContain('still here');
  });
});

describe.skipIf(program === undefined)('without Redis for a while', () => {
  test('it is said once, QoS 1 waits, and all goes on when it is back', async () => {
    await using redis = await startRedis(program!);
    const faults: string[] = [];
    await using broker = await startBroker({
      storage: openClusterStorage(redis.url),
      tcp: { port: 0 },
      ws: false,
      onClientError: (error, { clientId }) => clientId === undefined && faults.push(error.message),
    });
    await using client = await connectClient(broker.tcp!.url);
    await using late = await connectClient(broker.tcp!.url);
    await client.client.subscribeAsync('w/#', { qos: 1 });
    await redis.stop();
    await until('the fault', () => faults.length > 0);
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(
      /^127\.0\.0\.1:\d+: Redis cannot be reached .*drops messages of QoS 0, and acknowledges no others/
    );

    let acknowledged = false;
    client.client.publish('w/0', 'dropped', { qos: 0 });
    const publishing = client.client.publishAsync('w/1', 'waits', { qos: 1 });
    client.client.on('packetreceive', ({ cmd }) => {
      acknowledged ||= cmd === 'puback';
    });
    await sleep(100);
    expect(acknowledged).toBe(false);
    const subscribing = late.client.subscribeAsync('w/#');
    expect(await Promise.race([subscribing, sleep(100, 'not granted')])).toBe('not granted');
    await redis.start();
    await Promise.all([publishing, subscribing]);
    await broker.publish({ topic: 'w/2', payload: 'back', qos: 1 });
    await until('both', () => client.texts().includes('back') && late.texts().includes('back'));
    expect(client.texts()).toEqual(['waits', 'back']);
    expect(faults).toHaveLength(1);
  });

  test('a broker can be closed', async () => {
    await using redis = await startRedis(program!);
    await using broker = await startBroker({ storage: openClusterStorage(redis.url), tcp: { port: 0 }, ws: false });
    await using client = await connectClient(broker.tcp!.url);
    await client.client.subscribeAsync('w');
    await redis.stop();
    await broker.close();
    expect(broker.clients()).toBe(0);
  });
});
