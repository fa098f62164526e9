import mqtt from 'mqtt';
import { describe, expect, test } from 'vitest';
import { startBroker } from '../fixture';
import { clientIdOf, PacketSplitter } from '../fixture/packet-splitter';
import { connectClient, connectRaw, next, packets, until } from '../testing/clients';

test('drop: one message is lost on its way in, and the others arrive', async () => {
  await using broker = await startBroker();
  await using sensor = await connectClient(broker.tcp!.url, { clientId: 'sensor' });
  await using other = await connectClient(broker.ws!.url, { clientId: 'other' });
  {
    using drop = broker.faults.drop({ client: 'sensor', direction: 'in', packets: ['publish'] });
    sensor.client.publish('a', 'lost');
    await until('the fault', () => drop.count === 1);
    await other.client.publishAsync('a', 'from another', { qos: 1 });
  }
  await sensor.client.publishAsync('a', 'after', { qos: 1 });
  expect(broker.received.map(({ text }) => text)).toEqual(['from another', 'after']);
});

test('drop: a lost PUBACK makes the client send again after it reconnects, with DUP', async () => {
  await using broker = await startBroker();
  const sensor = mqtt.connect(broker.tcp!.url, { clientId: 'sensor', clean: false, reconnectPeriod: 10 });
  const drop = broker.faults.drop({ direction: 'out', packets: ['puback'], times: 1 });
  const acknowledged = sensor.publishAsync('a', '1', { qos: 1 });
  await until('the lost PUBACK', () => drop.count === 1);
  broker.faults.terminate({ client: /^sen/ });
  await acknowledged;
  expect(broker.received.map(({ text }) => text)).toEqual(['1', '1']);
  await sensor.endAsync();
});

test('delay: packets arrive later, in order, in both directions', async () => {
  await using broker = await startBroker();
  await using client = await connectClient(broker.tcp!.url);
  await client.client.subscribeAsync('a');
  using _ = broker.faults.delay(60, { direction: 'in' });
  const from = performance.now();
  for (const text of ['1', '2', '3']) {
    client.client.publish('a', text);
  }
  await until('three', () => client.deliveries.length === 3);
  expect(performance.now() - from).toBeGreaterThanOrEqual(59);
  expect(client.texts()).toEqual(['1', '2', '3']);
});

test('hold: a broker stalls, and continues later', async () => {
  await using broker = await startBroker();
  await using client = await connectClient(broker.ws!.url, { clientId: 'dash' });
  const hold = broker.faults.hold({ client: 'dash', direction: 'in' });
  const publishing = ['1', '2'].map((text) => client.client.publishAsync('a', text, { qos: 1 }));
  await until('both to be held', () => hold.count === 2);
  await broker.publish({ topic: 'b', payload: 'meanwhile' });
  expect(broker.received.map(({ text }) => text)).toEqual(['meanwhile']);
  hold.clear();
  await Promise.all(publishing);
  expect(broker.received.map(({ text }) => text)).toEqual(['meanwhile', '1', '2']);
});

test('terminate: at once, for one client; and in place of a packet', async () => {
  await using broker = await startBroker();
  await using one = await connectClient(broker.tcp!.url, { clientId: 'one' });
  await using two = await connectClient(broker.ws!.url, { clientId: 'two' });
  const gone = next(one.client, 'close');
  expect(broker.faults.terminate({ client: 'one' }).count).toBe(1);
  await gone;
  expect(two.client.connected).toBe(true);

  using fault = broker.faults.terminate({ packets: ['subscribe'] });
  const closed = next(two.client, 'close');
  two.client.subscribe('a', () => {});
  await closed;
  expect(fault.count).toBe(1);
});

describe('refuse', () => {
  test('with a return code', async () => {
    await using broker = await startBroker();
    using _ = broker.faults.refuse({ client: 'sensor', returnCode: 3 });
    await expect(mqtt.connectAsync(broker.tcp!.url, { clientId: 'sensor', reconnectPeriod: 0 }, false)).rejects.toThrow(
      'Connection refused: Server unavailable'
    );
    await using other = await connectClient(broker.tcp!.url, { clientId: 'other' });
    expect(other.client.connected).toBe(true);
  });

  test('without one; a client that retries connects when the fault has ended', async () => {
    await using broker = await startBroker();
    const refuse = broker.faults.refuse({ times: 2 });
    const client = mqtt.connect(broker.ws!.url, { reconnectPeriod: 5 });
    await next(client, 'connect');
    expect(refuse.count).toBe(2);
    await client.endAsync();
  });
});

test('clear delivers held packets', async () => {
  await using broker = await startBroker();
  broker.faults.hold();
  broker.faults.drop({ packets: ['pingreq'] });
  using raw = await connectRaw(broker.tcp!.port);
  raw.socket.write(packets.connect('raw'));
  broker.faults.clear();
  await until('CONNACK', () => raw.bytes().length === 4);
  expect(raw.bytes()).toEqual(Buffer.from([0x20, 2, 0, 0]));
});

test('a message that mosquitto_pub sends before it closes passes a delay', async () => {
  await using broker = await startBroker();
  using _ = broker.faults.delay(30);
  using raw = await connectRaw(broker.tcp!.port);
  raw.socket.write(packets.connect('pub'));
  await until('CONNACK', () => raw.bytes().length === 4);
  raw.socket.end(Buffer.concat([packets.publish('a', 'x'), Buffer.from([0xe0, 0])]));
  expect((await broker.message('a')).text).toBe('x');
});

test('packets are found however the bytes are split', () => {
  const long = packets.publish('a/b', 'x'.repeat(300));
  const bytes = Buffer.concat([packets.connect('sensor-7'), long, Buffer.from([0xc0, 0])]);
  for (const size of [1, 2, 3, 7, 500]) {
    const splitter = new PacketSplitter();
    const found = [];
    for (let at = 0; at < bytes.length; at += size) {
      found.push(...splitter.take(bytes.subarray(at, at + size)));
    }
    expect(found.map(({ name }) => name)).toEqual(['connect', 'publish', 'pingreq']);
    expect(clientIdOf(found[0].bytes)).toBe('sensor-7');
    expect(found[1].bytes).toEqual(long);
  }
  // Not MQTT: passed on unchanged, for the broker to refuse
  expect(new PacketSplitter().take(Buffer.from('\u00ff\u00ff\u00ff\u00ff\u00ffGET'))).toEqual([
    { name: 'reserved', bytes: Buffer.from('\u00ff\u00ff\u00ff\u00ff\u00ffGET') },
  ]);
});

test('advancing the clock removes expired sessions only', async () => {
  await using broker = await startBroker({ limits: { sessionExpiry: 3600 } });
  const session = async (clientId: string): Promise<void> => {
    await using client = await connectClient(broker.tcp!.url, { clientId, clean: false });
    await client.client.subscribeAsync('a', { qos: 1 });
    await client.client.endAsync();
    await until('it to be gone', () => broker.clients() === 0);
  };
  await session('old');
  await broker.clock.advance(3000_000);
  await session('young');
  await broker.clock.advance(1000_000);
  await broker.publish({ topic: 'a', payload: 'queued', qos: 1 });
  await using old = await connectClient(broker.tcp!.url, { clientId: 'old', clean: false, resubscribe: false });
  await using young = await connectClient(broker.tcp!.url, { clientId: 'young', clean: false, resubscribe: false });
  await until('the queued message', () => young.texts().includes('queued'));
  expect(old.texts()).toEqual([]);
});

test('keepState: retained messages and sessions survive a restart', async () => {
  await using broker = await startBroker({ keepState: true });
  {
    await using client = await connectClient(broker.tcp!.url, { clientId: 'dash', clean: false });
    await client.client.subscribeAsync('a', { qos: 1 });
    await client.client.endAsync();
  }
  await broker.publish({ topic: 'a', payload: 'queued', qos: 1, retain: true });
  await broker.restart();
  await using back = await connectClient(broker.tcp!.url, { clientId: 'dash', clean: false, resubscribe: false });
  await until('the queued message', () => back.texts().includes('queued'));
  await using late = await connectClient(broker.tcp!.url);
  await late.client.subscribeAsync('a');
  await until('the retained message', () => late.texts().includes('queued'));
  expect(late.deliveries).toEqual([{ topic: 'a', text: 'queued', qos: 0, retain: true }]);
});
