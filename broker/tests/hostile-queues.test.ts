/** The stored messages of sessions are limited. `noisy-neighbour.test.ts` measures what hostile clients cost. */
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { startBroker, type TestBroker } from '../fixture';
import { connectMqtt, publishPacket, subscribe, take } from '../testing/raw-client';
import { until } from '../testing/clients';

describe('queues', () => {
  async function session(broker: TestBroker, name: string): Promise<void> {
    using client = await connectMqtt(broker.tcp!.port, name, { clean: false });
    await subscribe(client, { '#': 1 });
    client.send({ cmd: 'disconnect' });
    await once(client.socket, 'close');
  }

  /** Receives all queued messages of a session. */
  async function drain(broker: TestBroker, name: string): Promise<string[]> {
    const before = broker.stats().queuedMessages;
    using client = await connectMqtt(broker.tcp!.port, name, { clean: false });
    const texts: string[] = [];
    while (broker.stats().queuedMessages > 0) {
      texts.push((await take(client)).payload.toString());
      await until('it to be acknowledged', () => broker.stats().queuedMessages < before - texts.length + 1);
    }
    return texts;
  }

  test.each<[string, object, number]>([
    ['messages of one session', { queueMessages: 20 }, 20],
    ['bytes of one session', { queueBytes: 2_000 }, 19],
    ['messages of all', { queueTotal: 20 }, 20],
    ['bytes of all', { queueTotalBytes: 2_000 }, 19],
  ])('%s: the newest are not queued', async (_what, limits, expected) => {
    await using broker = await startBroker({ limits });
    await session(broker, 'away');
    for (let n = 0; n < 200; n += 1) {
      await broker.publish({ topic: 'flood', payload: String(n).padStart(100, '0'), qos: 1 });
    }
    expect(broker.stats()).toMatchObject({ queuedMessages: expected, queueDropped: 200 - expected });
    const texts = await drain(broker, 'away');
    expect(texts.map(Number)).toEqual(Array.from({ length: expected }, (_, n) => n));
    expect(broker.clientErrors.map(({ error }) => error.message)).toEqual([
      `Not queued for away: queue limit reached, with ${expected} messages in its queue`,
    ]);
  });

  test('a connected session that acknowledges nothing costs no more than its queue', async () => {
    await using broker = await startBroker({ limits: { queueMessages: 50 } });
    using client = await connectMqtt(broker.tcp!.port, 'deaf', { clean: false });
    await subscribe(client, { flood: 1 });
    for (let n = 0; n < 500; n += 1) {
      await broker.publish({ topic: 'flood', payload: String(n), qos: 1 });
    }
    await until('all live', () => client.messages().length === 500);
    expect(broker.stats().queuedMessages).toBe(50);
  });

  test('sessions above the limit are refused, and sessions expire when their client stays away', async () => {
    await using broker = await startBroker({ limits: { sessions: 2, sessionExpiry: 60 } });
    await session(broker, 'one');
    await session(broker, 'two');
    await until('both to be gone', () => broker.clients() === 0);
    using third = await connectMqtt(broker.tcp!.port, 'three', { clean: false });
    expect(third.returnCode).toBe(3);
    using known = await connectMqtt(broker.tcp!.port, 'two', { clean: false });
    expect(known).toMatchObject({ returnCode: 0, sessionPresent: true });
    using passing = await connectMqtt(broker.tcp!.port, 'three');
    expect(passing.returnCode).toBe(0);
    await broker.publish({ topic: 't', payload: 'x', qos: 1 });
    expect(broker.stats()).toMatchObject({ sessions: 2, queuedMessages: 2 });
    await broker.clock.advance(61_000);
    expect(broker.stats()).toMatchObject({ sessions: 1, queuedMessages: 1 });
    using back = await connectMqtt(broker.tcp!.port, 'one', { clean: false });
    expect(back).toMatchObject({ returnCode: 0, sessionPresent: false });
  });
});

test('QoS 2 without PUBREL: at most inflightInbound, then the publisher is disconnected', async () => {
  await using broker = await startBroker({ limits: { inflightInbound: 10 } });
  using client = await connectMqtt(broker.tcp!.port, 'half');
  client.send(...Array.from({ length: 20 }, () => publishPacket('t', 'x', 2)));
  await once(client.socket, 'close');
  expect(broker.clientErrors[0].error.message).toMatch(/maxInflightInbound exceeded: 10/);
});
