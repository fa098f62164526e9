/** The queues of sessions that several brokers share over Redis. */
import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startBroker, type Broker, type BrokerOptions } from '../../broker';
import {
  connectMqtt,
  connectPacket,
  openRaw,
  publish,
  publishPacket,
  subscribe,
  type RawMqtt,
} from '../../testing/raw-client';
import { connectClient, until } from '../../testing/clients';
import { openClusterStorage } from './cluster';
import { RedisQueues } from './queues';
import { bareParts, findRedis, startRedis, type RedisServer } from '../../testing/redis-server';

const program = findRedis();
const LASTING = { clean: false };

describe.skipIf(program === undefined)('queues over Redis', () => {
  let redis: RedisServer;

  beforeAll(async () => {
    redis = await startRedis(program!);
  });
  beforeEach(async () => {
    await redis.run('FLUSHALL');
  });
  afterAll(() => redis[Symbol.asyncDispose]());

  const start = (options: BrokerOptions = {}): Promise<Broker> =>
    startBroker({ storage: openClusterStorage(redis.url), tcp: { port: 0 }, ws: false, ...options });

  async function session(port: number, name: string, qos: 1 | 2 = 1): Promise<void> {
    using client = await connectMqtt(port, name, LASTING);
    await subscribe(client, { 't/#': qos });
    client.send({ cmd: 'disconnect' });
    await once(client.socket, 'close');
  }

  const texts = (client: RawMqtt): string[] => client.messages().map(({ payload }) => payload.toString());

  /** The names of what is stored, for no session and no subscription. */
  async function leftovers(): Promise<string[]> {
    const keys = (await redis.run('KEYS', '*')) as string[];
    return keys.filter((key) => !/^(queues|sessions|clients|client:.*|brokers|broker:.*)$/.test(key));
  }

  describe('a message that one session got twice, and acknowledges twice', () => {
    test('waits for the other session still', async () => {
      await using broker = await start();
      const { port } = broker.tcp!;
      await session(port, 'away');
      using publisher = await connectMqtt(port, 'publisher');
      const acknowledgements: Array<{ cmd: 'puback'; messageId: number }> = [];
      {
        using client = await connectMqtt(port, 'here', LASTING);
        await subscribe(client, { 't/#': 1 });
        await publish(publisher, publishPacket('t/1', 'message', 1));
        acknowledgements.push({ cmd: 'puback', messageId: (await client.next('publish')).messageId! });
        client.socket.destroy();
        await once(client.socket, 'close');
      }
      using again = await connectMqtt(port, 'here', LASTING);
      acknowledgements.push({ cmd: 'puback', messageId: (await again.next('publish')).messageId! });
      again.send(...acknowledgements);
      // Answered when both are done
      await publish(again, publishPacket('other', 'x', 2));
      using back = await connectMqtt(port, 'away', LASTING);
      await publish(publisher, publishPacket('t/1', 'mark', 1));
      await until('the mark', () => texts(back).includes('mark'));
      expect(texts(back)).toEqual(['message', 'mark']);
    });

    test('control: aedes-persistence-redis alone deletes it', async () => {
      const { persistence, close } = parts();
      const here = { id: 'here' };
      const packet = { ...publishPacket('t', 'x', 1), brokerId: 'b', brokerCounter: 1 };
      await persistence.outgoingEnqueueCombi(
        [here, { id: 'away' }].map(({ id: clientId }) => ({ clientId })),
        packet
      );
      for (const messageId of [1, 2]) {
        await persistence.outgoingUpdate(here, { ...packet, messageId });
      }
      for (const messageId of [1, 2]) {
        await persistence.outgoingClearMessageId(here, { messageId });
      }
      expect(await persistence.outgoingStream({ id: 'away' }).toArray()).toEqual([]);
      await close();
    });
  });

  test('everything that was stored is gone when everything is acknowledged, or the sessions have ended', async () => {
    await using a = await start();
    await using b = await start();
    const names = ['one', 'two', 'three'];
    for (const name of names) {
      await session(a.tcp!.port, name, 2);
    }
    await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        (n % 2 ? a : b).publish({ topic: `t/${n}`, payload: String(n), qos: n % 3 ? 1 : 2 })
      )
    );
    expect(await leftovers()).toContain('queue:one');
    await using one = await connectClient(b.tcp!.url, { clientId: 'one', clean: false, resubscribe: false });
    await until('all', () => one.texts().length === 60);
    expect(new Set(one.texts()).size).toBe(60);
    await using two = await connectClient(b.tcp!.url, { clientId: 'two', clean: true });
    await using three = await connectClient(a.tcp!.url, { clientId: 'three', clean: true });
    expect(two.texts()).toEqual(three.texts());
    await b.publish({ topic: 't/mark', payload: 'mark', qos: 1 });
    await until('the mark', () => one.texts().includes('mark'));
    await until('it to be acknowledged', () => b.stats().queuedMessages === 0);
    expect(await leftovers()).toEqual([]);
    expect(await redis.run('HMGET', 'queues', 'messages', 'bytes')).toEqual(['0', '0']);
  });

  test('an exchange of QoS 2 goes on at the other broker where it stopped [MQTT-4.4.0-1]', async () => {
    await using a = await start();
    await using b = await start();
    await session(a.tcp!.port, 'me', 2);
    let id: number;
    {
      using client = await connectMqtt(a.tcp!.port, 'me', LASTING);
      await a.publish({ topic: 't/1', payload: 'one', qos: 2 });
      await a.publish({ topic: 't/1', payload: 'two', qos: 2 });
      const [one] = [await client.next('publish'), await client.next('publish')];
      id = one.messageId!;
      client.send({ cmd: 'pubrec', messageId: id });
      expect((await client.next('pubrel')).messageId).toBe(id);
      client.socket.destroy();
      await once(client.socket, 'close');
    }
    await b.publish({ topic: 't/1', payload: 'three', qos: 1 });
    for (const broker of [b, a]) {
      using client = await connectMqtt(broker.tcp!.port, 'me', LASTING);
      if (broker === b) {
        expect((await client.next('pubrel')).messageId).toBe(id);
        client.send({ cmd: 'pubcomp', messageId: id });
      }
      const rest = [await client.next('publish'), await client.next('publish')];
      expect(rest.map(({ payload, qos, dup }) => [payload.toString(), qos, dup])).toEqual([
        ['two', 2, true],
        ['three', 1, broker === a],
      ]);
    }
  });

  test('what is published meanwhile, at either broker, comes after what waited, and once [MQTT-4.6.0-6]', async () => {
    await using a = await start();
    await using b = await start();
    const numbers = Array.from({ length: 400 }, (_, n) => n);
    for (let round = 0; round < 5; round += 1) {
      const name = `round ${round}`;
      await session(a.tcp!.port, name, round % 2 ? 1 : 2);
      using client = await openRaw(b.tcp!.port);
      for (const n of numbers) {
        if (n === 50) {
          client.send(connectPacket(name, LASTING));
        }
        // Each publisher in its own order
        await (n % 2 ? a : b).publish({ topic: `t/${n % 2}`, payload: String(n), qos: 1 });
      }
      await until('all', () => client.messages().length >= numbers.length);
      const got = texts(client).map(Number);
      for (const parity of [0, 1]) {
        expect(got.filter((n) => n % 2 === parity)).toEqual(numbers.filter((n) => n % 2 === parity));
      }
    }
  });

  test('a session that is cut off again and again and goes on elsewhere gets everything, and so does one that is away', async () => {
    await using a = await start();
    await using b = await start();
    await session(a.tcp!.port, 'restless');
    await session(a.tcp!.port, 'away');
    const publishers = await Promise.all([a, b].map(({ tcp }) => connectClient(tcp!.url)));
    const received: Record<string, string[]> = { restless: [], away: [] };
    const take = async (name: string, { tcp }: Broker, enough: (texts: string[]) => boolean): Promise<void> => {
      await using client = await connectClient(tcp!.url, { clientId: name, clean: false, resubscribe: false });
      const own = client.deliveries;
      await until('enough', () => enough(own.map(({ text }) => text)));
      client.client.stream.destroy();
      received[name].push(...client.texts());
    };
    const numbers = Array.from({ length: 1_500 }, (_, n) => String(n));
    let published = 0;
    const publishing = Promise.all(
      publishers.map(async ({ client }, which) => {
        for (const text of numbers.filter((_, n) => n % 2 === which)) {
          await client.publishAsync(`t/${which}`, text, { qos: 1 });
          published += 1;
        }
      })
    );
    for (let move = 0; published < numbers.length; move += 1) {
      await take('restless', move % 2 ? a : b, (texts) => texts.length >= 20 || published === numbers.length);
    }
    await publishing;
    const missing = (name: string, texts: string[] = []): string[] => {
      const all = new Set([...received[name], ...texts]);
      return numbers.filter((text) => !all.has(text));
    };
    await take('restless', a, (texts) => missing('restless', texts).length === 0);
    await take('away', b, (texts) => missing('away', texts).length === 0);
    expect(missing('restless')).toEqual([]);
    expect(received['away'].filter((text) => Number(text) % 2 === 0).map(Number)).toEqual(
      numbers.filter((_, n) => n % 2 === 0).map(Number)
    );
    await Promise.all(publishers.map(({ client }) => client.endAsync(true)));
  });

  test('a queued message goes out with the QoS of the filter', async () => {
    await using a = await start();
    await session(a.tcp!.port, 'one', 1);
    await session(a.tcp!.port, 'two', 2);
    await a.publish({ topic: 't/1', payload: 'x', qos: 2 });
    for (const [name, qos] of [['one', 1] as const, ['two', 2] as const]) {
      using client = await connectMqtt(a.tcp!.port, name, LASTING);
      expect((await client.next('publish')).qos).toBe(qos);
    }
  });

  test('a message that may not be read is taken out of the queue', async () => {
    await using a = await start({ acl: [{ allow: 'all', topic: 't/ok' }] });
    await using b = await start({ acl: [{ allow: 'all', topic: 't/ok' }] });
    await using client = await connectClient(b.tcp!.url, { clientId: 'me', clean: false });
    await client.client.subscribeAsync('t/#', { qos: 1 });
    await Promise.all(
      Array.from({ length: 200 }, (_, n) => a.publish({ topic: n % 2 ? 't/ok' : 't/no', payload: String(n), qos: 1 }))
    );
    await until('those that may be', () => client.texts().length === 100);
    await client.client.publishAsync('t/ok', 'mark', { qos: 2 });
    await until('the mark', () => client.texts().includes('mark'));
    await until('all to be taken out', () => b.stats().queuedMessages === 0);
    expect(await leftovers()).toEqual([]);
  });

  describe('limits hold for what waits, wherever it was queued and acknowledged', () => {
    const limits = { queueMessages: 50 };

    test('messages of one session: they count down again when they are acknowledged at the other broker', async () => {
      const faults: string[] = [];
      await using a = await start({ limits, onClientError: ({ message }) => faults.push(message) });
      await using b = await start({ limits });
      await using publisher = await connectClient(a.tcp!.url);
      await using here = await connectClient(b.tcp!.url, { clientId: 'me', clean: false });
      await here.client.subscribeAsync('t/#', { qos: 1 });
      for (let n = 0; n < 200; n += 1) {
        await publisher.client.publishAsync('t/1', String(n), { qos: 1 });
        await until('it', () => here.deliveries.length === n + 1);
      }
      await here.client.endAsync();
      for (let n = 0; n < 60; n += 1) {
        await publisher.client.publishAsync('t/1', `away ${n}`, { qos: 1 });
      }
      expect(faults).toEqual(['Not queued for me: queue limit reached, with 50 messages in its queue']);
      expect(a.stats()).toMatchObject({ queuedMessages: 50, queueDropped: 10 });
      await using back = await connectClient(b.tcp!.url, { clientId: 'me', clean: false, resubscribe: false });
      await until('what waited', () => back.deliveries.length === 50);
      expect(back.texts()).toEqual(Array.from({ length: 50 }, (_, n) => `away ${n}`));
    });

    test.each([
      ['bytes of one session', { queueBytes: 1_000 }, 9, 9],
      ['messages of all', { queueTotal: 15 }, 8, 7],
      ['bytes of all', { queueTotalBytes: 1_500 }, 7, 7],
    ])('%s, over both brokers', async (_what, given, one, two) => {
      await using a = await start({ limits: given });
      await using b = await start({ limits: given });
      await session(a.tcp!.port, 'one');
      await session(a.tcp!.port, 'two');
      for (let n = 0; n < 20; n += 1) {
        await (n % 2 ? a : b).publish({ topic: 't/1', payload: 'x'.repeat(100), qos: 1 });
      }
      expect([await redis.run('ZCARD', 'queue:one'), await redis.run('ZCARD', 'queue:two')]).toEqual([one, two]);
    });
  });

  test('what is queued twice, because the connection to Redis was lost in between, waits once', async () => {
    const { queues, conn, close } = parts();
    await conn.zadd('sessions', 1, 'me');
    const packet = { ...publishPacket('t', 'x', 1), brokerId: 'b', brokerCounter: 7 };
    const limits = { queueMessages: 9, queueBytes: 99, queueTotal: 9, queueTotalBytes: 99 };
    for (let n = 0; n < 2; n += 1) {
      const { messages, bytes } = await queues.enqueue([{ clientId: 'me', qos: 1 }], packet, limits);
      expect({ messages, bytes }).toEqual({ messages: 1, bytes: 2 });
    }
    expect(await redis.run('HGET', 'message:b:7', 'waits')).toBe('1');
    await close();
  });

  test('nothing is queued for a session that has ended', async () => {
    await using a = await start();
    await session(a.tcp!.port, 'me');
    await redis.run('ZREM', 'sessions', 'me');
    await a.publish({ topic: 't/1', payload: 'x', qos: 1 });
    expect(await leftovers()).toEqual([]);
  });

  function parts() {
    const { mq, connection, persistence } = bareParts(redis);
    const { pubConn: conn, subConn } = mq;
    const close = async (): Promise<void> => {
      // A command that nobody waits for is not sent yet, and would be after QUIT
      await connection.ping();
      await Promise.all([conn, subConn, connection].map((each) => each.quit()));
    };
    return { queues: new RedisQueues(conn), conn, persistence, close };
  }
});
