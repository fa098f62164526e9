import mqtt from 'mqtt';
import { expect, test } from 'vitest';
import { startBroker } from './fixture';
import { connectClient, connectRaw, next, until } from './test-helpers';

test('records what is published, by whom and how, in order', async () => {
  await using broker = await startBroker();
  await using sensor = await connectClient(broker.tcp!.url, { clientId: 'sensor' });
  // MQTT keeps the order of messages of the same QoS only, so one after the other
  await sensor.client.publishAsync('a', '1', { retain: true });
  await until('one', () => broker.received.length === 1);
  await sensor.client.publishAsync('b', '2', { qos: 1 });
  await until('two', () => broker.received.length === 2);
  await sensor.client.publishAsync('a', Buffer.from([0xff]), { qos: 2 });
  await until('three', () => broker.received.length === 3);
  await broker.publish({ topic: 'c', payload: Uint8Array.of(0x34), qos: 1 });
  expect(broker.received).toEqual([
    { topic: 'a', payload: Buffer.from('1'), text: '1', qos: 0, retain: true, clientId: 'sensor' },
    { topic: 'b', payload: Buffer.from('2'), text: '2', qos: 1, retain: false, clientId: 'sensor' },
    { topic: 'a', payload: Buffer.from([0xff]), text: '\ufffd', qos: 2, retain: false, clientId: 'sensor' },
    { topic: 'c', payload: Buffer.from('4'), text: '4', qos: 1, retain: false, clientId: undefined },
  ]);
});

test('message: an earlier one, a later one, and none, which names what came instead', async () => {
  await using broker = await startBroker();
  await broker.publish({ topic: 'early', payload: '1' });
  expect((await broker.message('early')).text).toBe('1');
  const later = broker.message('late');
  await broker.publish({ topic: 'late', payload: '2' });
  expect((await later).text).toBe('2');
  await expect(broker.message('never', 20)).rejects.toThrow(
    'No message on never within 20 ms; published so far: early, late'
  );
});

test('says who is connected and subscribed now', async () => {
  await using broker = await startBroker();
  expect(broker.subscriptions().size).toBe(0);
  await using client = await connectClient(broker.ws!.url, { clientId: 'dash' });
  await client.client.subscribeAsync(['a/#', 'b']);
  expect(broker.subscriptions()).toEqual(new Map([['dash', ['a/#', 'b']]]));
  await client.client.unsubscribeAsync('a/#');
  expect(broker.subscriptions()).toEqual(new Map([['dash', ['b']]]));
  await client.client.endAsync();
  await until('nobody', () => broker.clients() === 0);
  expect(broker.subscriptions().size).toBe(0);
});

test('dropClients cuts every connection, and they may come back', async () => {
  await using broker = await startBroker();
  const client = mqtt.connect(broker.ws!.url, { reconnectPeriod: 10 });
  await next(client, 'connect');
  using raw = await connectRaw(broker.tcp!.port);
  broker.dropClients();
  await until('the raw one to be gone', () => raw.socket.closed);
  await next(client, 'connect');
  expect(broker.clients()).toBe(1);
  await client.endAsync(true);
});

test('stop and restart: the clients see a broker that went away and came back on the same ports', async () => {
  await using broker = await startBroker();
  const { tcp, ws } = broker;
  const clients = [tcp!, ws!].map(({ url }) => mqtt.connect(url, { reconnectPeriod: 10 }));
  const heard: string[] = [];
  for (const client of clients) {
    client.on('message', (_topic, payload) => heard.push(payload.toString()));
    client.on('error', () => {});
  }
  await Promise.all(clients.map((client) => next(client, 'connect')));
  await Promise.all(clients.map((client) => client.subscribeAsync('t')));
  await broker.publish({ topic: 't', payload: 'before' });
  await until('both', () => heard.length === 2);

  const offline = Promise.all(clients.map((client) => next(client, 'close')));
  await broker.stop();
  await offline;
  expect(broker.clients()).toBe(0);
  await expect(connectRaw(tcp!.port)).rejects.toMatchObject({ code: 'ECONNREFUSED' });

  await broker.restart();
  expect([broker.tcp, broker.ws]).toEqual([tcp, ws]);
  await until('both to be subscribed again', () => [...broker.subscriptions().values()].flat().length === 2);
  await broker.publish({ topic: 't', payload: 'after' });
  await until('both', () => heard.length === 4);
  expect(heard).toEqual(['before', 'before', 'after', 'after']);
  expect(broker.received.map(({ text }) => text)).toEqual(['before', 'after']);
  await Promise.all(clients.map((client) => client.endAsync(true)));
});

test('many at once do not get in one another’s way', async () => {
  const brokers = await Promise.all(Array.from({ length: 10 }, () => startBroker()));
  expect(new Set(brokers.flatMap(({ tcp, ws }) => [tcp!.port, ws!.port])).size).toBe(20);
  await Promise.all(brokers.map((broker) => broker.close()));
});
