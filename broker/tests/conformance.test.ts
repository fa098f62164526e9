/**
 * The tests of the Eclipse Paho interoperability suite for MQTT 3.1.1 (client_test.py), by name, with raw packets; the
 * suite itself is not part of this repository.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { startBroker } from '../fixture';
import { connectMqtt, openRaw, publish, publishPacket, subscribe, take, connectPacket } from '../testing/raw-client';
import { until } from '../testing/clients';

const text = ({ payload }: { payload: string | Buffer }): string => payload.toString();

test('basic: QoS 0, 1 and 2 arrive; a second CONNECT closes the connection, and so does a wrong protocol name', async () => {
  await using broker = await startBroker();
  using client = await connectMqtt(broker.tcp!.port, 'basic');
  expect(client).toMatchObject({ returnCode: 0, sessionPresent: false });
  expect(await subscribe(client, { 'TopicA/B': 2 })).toEqual([2]);
  for (const qos of [0, 1, 2] as const) {
    await publish(client, publishPacket('TopicA/B', `qos ${qos}`, qos));
    expect(await take(client)).toMatchObject({ topic: 'TopicA/B', qos, retain: false, dup: false });
  }
  // [MQTT-3.1.0-2]
  client.send(connectPacket('basic'));
  await until('it to be closed', () => client.socket.closed);
  // [MQTT-3.1.2-1]
  using wrong = await openRaw(broker.tcp!.port);
  wrong.socket.write(Buffer.from('100d0004484a515404020000000161', 'hex'));
  await until('it to be closed', () => wrong.socket.closed);
});

test('retained messages: stored for each topic and QoS, delivered with RETAIN, removed by an empty payload', async () => {
  await using broker = await startBroker();
  using client = await connectMqtt(broker.tcp!.port, 'retained');
  const retain = { retain: true };
  await publish(client, publishPacket('TopicA/B', 'qos 0', 0, retain));
  await publish(client, publishPacket('Topic/C', 'qos 1', 1, retain));
  await publish(client, publishPacket('TopicA/C', 'qos 2', 2, retain));
  expect(await subscribe(client, { '+/+': 2 })).toEqual([2]);
  const got = [await take(client), await take(client), await take(client)];
  expect(got.map((message) => `${message.qos}: ${text(message)}, ${message.retain}`).toSorted()).toEqual([
    '0: qos 0, true',
    '1: qos 1, true',
    '2: qos 2, true',
  ]);
  await publish(client, publishPacket('TopicA/B', '', 0, retain));
  await publish(client, publishPacket('Topic/C', '', 1, retain));
  await publish(client, publishPacket('TopicA/C', '', 2, retain));
  // Live, without RETAIN [MQTT-3.3.1-9]
  for (let n = 0; n < 3; n += 1) {
    expect(await take(client)).toMatchObject({ retain: false });
  }
  using again = await connectMqtt(broker.tcp!.port, 'again');
  await subscribe(again, { '+/+': 2 });
  await publish(client, publishPacket('mark/x', 'mark'));
  expect(text(await take(again))).toBe('mark');
});

test('will message', async () => {
  await using broker = await startBroker();
  const will = { topic: 'TopicA/C', payload: Buffer.from('will message'), qos: 0 as const, retain: true };
  using dying = await connectMqtt(broker.tcp!.port, 'dying', { will });
  using witness = await connectMqtt(broker.tcp!.port, 'witness');
  await subscribe(witness, { 'TopicA/C': 2 });
  dying.socket.destroy();
  expect(text(await take(witness))).toBe('will message');
  // Not after DISCONNECT [MQTT-3.14.4-3]
  using leaving = await connectMqtt(broker.tcp!.port, 'leaving', { will });
  leaving.send({ cmd: 'disconnect' });
  await until('it to be gone', () => broker.clients() === 1);
  await broker.publish({ topic: 'TopicA/C', payload: 'mark' });
  expect(text(await take(witness))).toBe('mark');
});

test('zero-length client id: accepted with a clean session, refused with a persistent one [MQTT-3.1.3-8]', async () => {
  await using broker = await startBroker();
  using clean = await connectMqtt(broker.tcp!.port, '');
  expect(clean.returnCode).toBe(0);
  using lasting = await connectMqtt(broker.tcp!.port, '', { clean: false });
  expect(lasting.returnCode).toBe(2);
  await until('it to be closed [MQTT-3.2.2-5]', () => lasting.socket.closed);
});

test('offline message queueing', async () => {
  await using broker = await startBroker();
  const session = { clean: false };
  {
    using client = await connectMqtt(broker.tcp!.port, 'offline', session);
    await subscribe(client, { '+/+': 2 });
    client.send({ cmd: 'disconnect' });
    await until('it to be gone', () => broker.clients() === 0);
  }
  using publisher = await connectMqtt(broker.tcp!.port, 'publisher');
  for (const qos of [0, 1, 2] as const) {
    await publish(publisher, publishPacket('TopicA/B', `qos ${qos}`, qos));
  }
  using back = await connectMqtt(broker.tcp!.port, 'offline', session);
  expect(back.sessionPresent).toBe(true);
  const got = [await take(back), await take(back)];
  expect(got.map(text)).toEqual(['qos 1', 'qos 2']);
});

test('overlapping subscriptions: one delivery, with the highest QoS', async () => {
  await using broker = await startBroker();
  const overlapping: Array<Record<string, 0 | 1 | 2>> = [
    { 'TopicA/#': 2, 'TopicA/+': 1 },
    { 'TopicA/+': 1, 'TopicA/#': 2 },
    { 'TopicA/C': 0, '#': 2 },
  ];
  for (const filters of overlapping) {
    using client = await connectMqtt(broker.tcp!.port, 'overlap');
    await subscribe(client, filters);
    await publish(client, publishPacket('TopicA/C', 'overlapping topic filters', 2));
    expect(await take(client)).toMatchObject({ qos: 2 });
    await publish(client, publishPacket('TopicA/C', 'mark', 1));
    expect(await take(client)).toMatchObject({ qos: 1 });
    expect(client.messages()).toHaveLength(2);
  }
});

test('keep alive: a silent client is disconnected after one and a half times its interval, and its will is published', async () => {
  await using broker = await startBroker();
  using witness = await connectMqtt(broker.tcp!.port, 'witness');
  await subscribe(witness, { 'TopicA/C': 2 });
  const will = { topic: 'TopicA/C', payload: Buffer.from('keepalive expiry'), qos: 0 as const, retain: false };
  const start = performance.now();
  using silent = await connectMqtt(broker.tcp!.port, 'silent', { keepalive: 1, will });
  expect(text(await take(witness))).toBe('keepalive expiry');
  expect(performance.now() - start).toBeGreaterThan(1_000);
  await until('it to be closed', () => silent.socket.closed);
});

test('keep alive: PINGREQ is answered, and keeps a client connected', async () => {
  await using broker = await startBroker();
  using client = await connectMqtt(broker.tcp!.port, 'pinger', { keepalive: 1 });
  for (let n = 0; n < 4; n += 1) {
    await sleep(500);
    client.send({ cmd: 'pingreq' });
    await client.next('pingresp');
  }
  expect(broker.clientErrors).toEqual([]);
});

test('redelivery on reconnect: unacknowledged messages are sent again, with DUP and their packet identifier [MQTT-3.3.1-1]', async () => {
  await using broker = await startBroker();
  const session = { clean: false };
  const first: Array<number | undefined> = [];
  {
    using client = await connectMqtt(broker.tcp!.port, 'redelivery', session);
    await subscribe(client, { 'TopicA/#': 2 });
    await publish(client, publishPacket('TopicA/B', 'one', 1));
    await publish(client, publishPacket('TopicA/C', 'two', 2));
    first.push((await client.next('publish')).messageId, (await client.next('publish')).messageId);
    // PUBREC does not complete the exchange: PUBREL is sent again
    client.send({ cmd: 'pubrec', messageId: first[1] });
    await client.next('pubrel');
  }
  await until('it to be gone', () => broker.clients() === 0);
  using back = await connectMqtt(broker.tcp!.port, 'redelivery', session);
  expect(await take(back)).toMatchObject({ topic: 'TopicA/B', dup: true, qos: 1, messageId: first[0] });
  expect(await back.next('pubrel')).toMatchObject({ messageId: first[1] });
  back.send({ cmd: 'pubcomp', messageId: first[1] });
  await publish(back, publishPacket('TopicA/D', 'mark'));
  expect(await take(back)).toMatchObject({ topic: 'TopicA/D', dup: false });
});

test('subscribe failure: SUBACK 0x80 for a filter that is not allowed', async () => {
  await using broker = await startBroker({ acl: [{ allow: 'read', topic: 'TopicA/#' }] });
  using client = await connectMqtt(broker.tcp!.port, 'subscriber');
  expect(await subscribe(client, { 'test/nosubscribe': 2, 'TopicA/B': 1 })).toEqual([128, 1]);
});

test('$ topics are not matched by wildcards at the start [MQTT-4.7.2-1]', async () => {
  await using broker = await startBroker();
  using client = await connectMqtt(broker.tcp!.port, 'dollar');
  await subscribe(client, { '+/+': 2, '#': 1 });
  await publish(client, publishPacket('TopicA/B', 'seen', 1));
  expect(text(await take(client))).toBe('seen');
  await publish(client, publishPacket('$TopicA/B', 'unseen', 1));
  await publish(client, publishPacket('mark', 'mark', 1));
  expect(text(await take(client))).toBe('mark');
});

test('unsubscribe', async () => {
  await using broker = await startBroker();
  using client = await connectMqtt(broker.tcp!.port, 'unsubscriber');
  await subscribe(client, { 'TopicA/B': 2, 'Topic/C': 2 });
  client.send({ cmd: 'unsubscribe', messageId: 7, unsubscriptions: ['TopicA/B', 'never/was'] });
  expect((await client.next('unsuback')).messageId).toBe(7);
  await publish(client, publishPacket('TopicA/B', 'unseen', 1));
  await publish(client, publishPacket('Topic/C', 'seen', 2));
  expect(text(await take(client))).toBe('seen');
  expect(client.messages()).toHaveLength(1);
});
