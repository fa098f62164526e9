import type { Client } from 'aedes';
import { expect, test } from 'vitest';
import { startBroker } from '../fixture';
import { connectMqtt, publishPacket, subscribe } from '../testing/raw-client';
import { connectClient, until } from '../testing/clients';

test('subscriptions count from the next message on, also on a topic whose subscribers are remembered', async () => {
  await using broker = await startBroker();
  const publish = (payload: string) => broker.publish({ topic: 'a/b', payload });
  using client = await connectMqtt(broker.tcp!.port, 'c');
  await publish('nobody');
  await subscribe(client, { 'a/+': 0 });
  await publish('one filter');
  await subscribe(client, { '#': 0 });
  await publish('two filters, one message');
  client.send({ cmd: 'unsubscribe', messageId: 1, unsubscriptions: ['a/+'] });
  await client.next('unsuback');
  await publish('one filter again');
  client.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['#'] });
  await client.next('unsuback');
  await publish('nobody again');
  client.send({ cmd: 'pingreq' });
  await client.next('pingresp');
  expect(client.messages().map(({ payload }) => payload.toString())).toEqual([
    'one filter',
    'two filters, one message',
    'one filter again',
  ]);
});

test('a client that is gone is delivered to no longer', async () => {
  await using broker = await startBroker();
  await using stays = await connectClient(broker.tcp!.url);
  await stays.client.subscribeAsync('t');
  {
    await using leaves = await connectClient(broker.tcp!.url);
    await leaves.client.subscribeAsync('t');
    await broker.publish({ topic: 't', payload: '1' });
    await until('it', () => leaves.deliveries.length === 1);
  }
  await until('it to be gone', () => broker.clients() === 1);
  await broker.publish({ topic: 't', payload: '2' });
  await until('both', () => stays.deliveries.length === 2);
  expect(broker.clientErrors).toEqual([]);
});

test('SUBACK comes before a message that is published in the turn of the SUBSCRIBE', async () => {
  await using broker = await startBroker({
    authorizeSubscribe: (_client: Client, subscription, done) => {
      done(null, subscription);
      void broker.publish({ topic: 't', payload: '' });
    },
  });
  using client = await connectMqtt(broker.tcp!.port, 'c');
  client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 't', qos: 0 }] }, publishPacket('t', ''));
  await until('both messages', () => client.messages().length === 2);
  expect(client.received.map(({ cmd }) => cmd)).toEqual(['connack', 'suback', 'publish', 'publish']);
});

test('the bytes of a message are those of its topic, payload, QoS and RETAIN, whoever had the one before', async () => {
  await using broker = await startBroker();
  using both = await connectMqtt(broker.tcp!.port, 'both');
  using zero = await connectMqtt(broker.tcp!.port, 'zero');
  await subscribe(both, { '#': 1 });
  await subscribe(zero, { '#': 0 });
  const large = 'x'.repeat(100_000);
  const sent = ['', 'a', 'é'.repeat(70), 'b'.repeat(8_190), large, large, ''].flatMap((payload) =>
    (['t', 't/ü'] as const).flatMap((topic) => ([0, 1, 2] as const).map((qos) => ({ topic, payload, qos })))
  );
  for (const message of sent) {
    void broker.publish(message);
  }
  for (const [client, most] of [
    [both, 1],
    [zero, 0],
  ] as const) {
    await until('all', () => client.messages().length === sent.length);
    expect(client.messages().map(({ topic, payload, qos }) => ({ topic, payload: payload.toString(), qos }))).toEqual(
      sent.map(({ qos, ...message }) => ({ ...message, qos: Math.min(qos, most) }))
    );
  }
  const ids = both.messages().flatMap(({ messageId }) => messageId ?? []);
  expect(new Set(ids).size).toBe(ids.length);
});
