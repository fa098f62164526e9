/** Hostile subscriptions and messages: those above a limit are refused, and the rest works. */
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { startBroker } from '../fixture';
import { connectMqtt, publish, publishPacket, subscribe, take, type RawMqtt } from '../testing/raw-client';
import { packets, until } from '../testing/clients';

test('subscribe flood: 20,000 filters in one packet, and many packets', async () => {
  await using broker = await startBroker({ limits: { subscriptionsPerClient: 100 } });
  using flood = await connectMqtt(broker.tcp!.port, 'flood', { clean: false });
  const granted = await subscribe(flood, Object.fromEntries(Array.from({ length: 20_000 }, (_, n) => [`${n}`, 1])));
  expect(granted.filter((qos) => qos === 1)).toHaveLength(100);
  expect(granted.filter((qos) => qos === 128)).toHaveLength(19_900);
  for (let n = 0; n < 50; n += 1) {
    expect(await subscribe(flood, { [`more/${n}/#`]: 1 })).toEqual([128]);
  }
  // The same filters again cost nothing, and an unsubscribed one makes room
  expect(await subscribe(flood, { '0': 0 })).toEqual([0]);
  flood.send({ cmd: 'unsubscribe', messageId: 1, unsubscriptions: ['0'] });
  await flood.next('unsuback');
  expect(await subscribe(flood, { more: 0, 'more/x': 0 })).toEqual([0, 128]);
  expect(broker.subscriptions().get('flood')).toHaveLength(100);
});

test('a SUBSCRIBE larger than the limit of a client closes the connection', async () => {
  await using broker = await startBroker();
  using flood = await connectMqtt(broker.tcp!.port, 'flood');
  flood.socket.write(packets.subscribe(...Array.from({ length: 66_286 }, (_, n) => String(n % 10))));
  await flood.next('suback');
  flood.socket.write(packets.subscribe(...Array.from({ length: 66_287 }, (_, n) => String(n % 10))));
  await once(flood.socket, 'close');
  expect(broker.clientErrors[0].error.message).toBe(
    'Packet of 265154 bytes is over the limit of 265151 bytes (limits.subscriptionBytesPerClient)'
  );
});

test('subscribe flood: long filters', async () => {
  await using broker = await startBroker({ limits: { subscriptionBytesPerClient: 150_000 } });
  using flood = await connectMqtt(broker.tcp!.port, 'flood');
  const long = (first: string): string => first + 'x'.repeat(49_999);
  for (const [first, answer] of [['a', 1] as const, ['b', 1] as const, ['c', 1] as const, ['d', 128] as const]) {
    expect(await subscribe(flood, { [long(first)]: 1 })).toEqual([answer]);
  }
  expect(await subscribe(flood, { short: 1, [long('a')]: 0 })).toEqual([128, 0]);
  expect(broker.stats().subscriptionsRefused).toBe(2);
  expect(broker.clientErrors).toMatchObject([
    {
      clientId: 'flood',
      error: { message: expect.stringMatching(/^Not subscribed: dx+\. The client has 3 filters of 150000 bytes, and/) },
    },
  ]);
  flood.send({ cmd: 'unsubscribe', messageId: 1, unsubscriptions: [long('a')] });
  await flood.next('unsuback');
  expect(await subscribe(flood, { short: 1 })).toEqual([1]);
});

test('a filter that a hook refuses later takes no room', async () => {
  await using broker = await startBroker({
    limits: { subscriptionsPerClient: 2 },
    authorizeSubscribe: (_client, subscription, done) => {
      setTimeout(() => done(null, subscription.topic.startsWith('no') ? null : subscription), 10);
    },
  });
  using client = await connectMqtt(broker.tcp!.port, 'c');
  // The hook is called for all of them at once: at most two count meanwhile
  expect(await subscribe(client, { no1: 1, yes1: 1, yes2: 1 })).toEqual([128, 1, 128]);
  expect(await subscribe(client, { yes2: 1 })).toEqual([1]);
  expect(broker.subscriptions().get('c')).toEqual(['yes1', 'yes2']);
});

test('retained flood: messages above the limits are delivered and not retained', async () => {
  await using broker = await startBroker({ limits: { retainedMessages: 500, retainedBytes: 200_000 } });
  using flood = await connectMqtt(broker.tcp!.port, 'flood');
  using witness = await connectMqtt(broker.tcp!.port, 'witness');
  await subscribe(witness, { 'r/#': 0 });
  for (let n = 0; n < 3_000; n += 1) {
    flood.send(publishPacket(`r/${n}`, 'x'.repeat(50), 0, { retain: true }));
  }
  flood.send(publishPacket('r/0', 'y'.repeat(190_000), 1, { retain: true }));
  await flood.next('puback');
  await until('all of them live', () => witness.messages().length === 3_001);
  expect(broker.stats()).toMatchObject({ retainedMessages: 500, retainedRefused: 2_501 });
  // Existing messages can be replaced and removed, which makes room
  await publish(flood, publishPacket('r/1', 'z', 1, { retain: true }));
  await publish(flood, publishPacket('r/2', '', 1, { retain: true }));
  await publish(flood, publishPacket('new', '1', 1, { retain: true }));
  using late = await connectMqtt(broker.tcp!.port, 'late');
  await subscribe(late, { 'r/#': 0, new: 0 });
  await until('what is retained', () => late.messages().length === 500);
  const kept = new Map(late.messages().map(({ topic, payload }) => [topic, payload.toString()]));
  expect([kept.get('r/0'), kept.get('r/1'), kept.get('r/2'), kept.get('new')]).toEqual([
    'x'.repeat(50),
    'z',
    undefined,
    '1',
  ]);
  expect(broker.clientErrors.filter(({ error }) => error.message.startsWith('Not retained')).length).toBeLessThan(5);
});

test('topic bombs: too many levels, too long, in every packet with a topic', async () => {
  await using broker = await startBroker();
  const deep = `${'a/'.repeat(200)}b`;
  const long = 'x'.repeat(65_535);
  const ways: Array<(client: RawMqtt) => void> = [
    (client) => client.send(publishPacket(deep, '1')),
    (client) => client.send(publishPacket(deep, '1', 1)),
    (client) => client.send(publishPacket(deep, '1', 2)),
    (client) => client.send(publishPacket('/'.repeat(60_000), '1', 0, { retain: true })),
    (client) => client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: deep, qos: 0 }] }),
    (client) =>
      client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: `${'+/'.repeat(9_999)}#`, qos: 1 }] }),
    (client) => client.send({ cmd: 'unsubscribe', messageId: 1, unsubscriptions: [deep] }),
  ];
  for (const [index, attack] of ways.entries()) {
    using client = await connectMqtt(broker.tcp!.port, `bomb ${index}`, { clean: index % 2 === 0 });
    attack(client);
    await once(client.socket, 'close');
  }
  const will = { topic: deep, payload: Buffer.from('x'), qos: 1 as const, retain: true };
  {
    using client = await connectMqtt(broker.tcp!.port, 'deep will', { will });
    client.socket.destroy();
  }
  // Long topics are allowed, and delivered
  using client = await connectMqtt(broker.tcp!.port, 'long');
  await subscribe(client, { [long]: 1 });
  await publish(client, publishPacket(long, '1', 1));
  expect((await take(client)).topic).toBe(long);
});

test('names of Object.prototype, as client id, topic, filter and user', async () => {
  await using broker = await startBroker();
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', '__defineGetter__']) {
    for (const clean of [true, false]) {
      using client = await connectMqtt(broker.tcp!.port, name, { clean, username: name, password: Buffer.from(name) });
      expect(client.returnCode).toBe(0);
      expect(await subscribe(client, { [`${name}/x`]: 1, [name]: 2 })).toEqual([1, 2]);
      for (const qos of [0, 1, 2] as const) {
        await publish(client, publishPacket(`${name}/x`, '1', qos, { retain: true }));
        expect(await take(client)).toMatchObject({ topic: `${name}/x` });
      }
      client.send({ cmd: 'disconnect' });
      await once(client.socket, 'close');
    }
  }
  expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  expect(broker.clientErrors).toEqual([]);
});

test('publish flood: a client above the rate is slowed down, loses nothing, and delays nobody', async () => {
  await using broker = await startBroker({ limits: { publishesPerSecond: 500 } });
  using flood = await connectMqtt(broker.tcp!.port, 'flood');
  const start = performance.now();
  flood.socket.write(Buffer.concat(Array.from({ length: 1_200 }, (_, n) => packets.publish('flood', String(n)))));
  await until('all of it', () => broker.received.filter(({ topic }) => topic === 'flood').length === 1_200);
  flood.send({ cmd: 'pingreq' });
  await flood.next('pingresp');
  expect(performance.now() - start).toBeGreaterThan(1_000);
});
