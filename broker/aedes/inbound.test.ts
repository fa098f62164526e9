import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { array, assert, asyncProperty, integer } from 'fast-check';
import { generate, type IPublishPacket } from 'mqtt-packet';
import { describe, expect, test } from 'vitest';
import { startBroker } from '../fixture';
import { connectPacket, connectMqtt, openRaw, publishPacket, subscribe } from '../testing/raw-client';
import { connectRaw, packets, startBareAedes, until } from '../testing/clients';

const numbers = (count: number): string[] => Array.from({ length: count }, (_, n) => String(n));
const texts = (messages: IPublishPacket[]): string[] => messages.map(({ payload }) => payload.toString());

/** Packets of all kinds that a client sends, among them some longer than the broker keeps in one piece. */
const MESSAGES: IPublishPacket[] = [0, 1, 2, 60, 3_900, 4_100, 20_000].flatMap((length, n) =>
  ([0, 1, 2] as const).map((qos) => publishPacket(`t/${n}/é`, 'x'.repeat(length), qos, { retain: n === 2 }))
);
const PINGREQ = Buffer.from([0xc0, 0]);
const STREAM = Buffer.concat(MESSAGES.flatMap((packet) => [generate(packet), PINGREQ]));

test('however the bytes are divided, each packet is handled once, in the order of its QoS', async () => {
  await using broker = await startBroker();
  await assert(
    asyncProperty(array(integer({ min: 1, max: STREAM.length - 1 }), { maxLength: 12 }), async (cuts) => {
      using client = await connectMqtt(broker.tcp!.port, 'c');
      const before = broker.received.length;
      client.received.length = 0;
      let from = 0;
      for (const to of [...cuts.toSorted((a, b) => a - b), STREAM.length]) {
        client.socket.write(STREAM.subarray(from, to));
        from = to;
        // Each piece in a turn of its own, as far as possible
        await new Promise((resolve) => setImmediate(resolve));
        await new Promise((resolve) => setImmediate(resolve));
      }
      const answers = MESSAGES.flatMap(({ qos }) => (qos === 0 ? [] : [qos]));
      await until('all answers', () => client.received.length === answers.length + MESSAGES.length);
      const got = broker.received.slice(before);
      // QoS 2 is published later: whether it came before is found out first.
      for (const late of [false, true]) {
        const isLate = (qos: number): boolean => (qos === 2) === late;
        expect(got.flatMap(({ topic, text, qos }) => (isLate(qos) ? [[topic, text, qos]] : []))).toEqual(
          MESSAGES.flatMap(({ topic, payload, qos }) => (isLate(qos) ? [[topic, payload.toString(), qos]] : []))
        );
      }
      for (const [cmd, qos] of [
        ['puback', 1],
        ['pubrec', 2],
      ] as const) {
        expect(client.received.flatMap((packet) => (packet.cmd === cmd ? packet.messageId : []))).toEqual(
          MESSAGES.flatMap((packet) => (packet.qos === qos ? packet.messageId : []))
        );
      }
    }),
    { numRuns: 30 }
  );
  expect(broker.clientErrors).toEqual([]);
});

test.each([
  ['a topic that is longer than the packet', '30040009612f', /topic/i],
  ['a packet identifier that is missing', '3203000161', /identifier/],
  ['a packet identifier that is missing, QoS 2', '3403000161', /identifier/],
  ['a PUBLISH of one byte', '300100', /topic/i],
  ['both QoS bits', '3603000161', /QoS/],
  ['a PUBACK with flags', '42020001', /.*/],
  ['a wildcard in the topic', '30040002612b', /wildcard/],
  ['a topic that is empty', '30020000', /empty/],
])('invalid: %s ends the connection, and nothing behind it is handled', async (_what, hex, message) => {
  await using broker = await startBroker();
  using raw = await connectRaw(broker.tcp!.port);
  raw.socket.write(packets.connect('bad'));
  await until('CONNACK', () => raw.bytes().length === 4);
  raw.socket.write(
    Buffer.concat([packets.publish('before', ''), Buffer.from(hex, 'hex'), packets.publish('after', '')])
  );
  await once(raw.socket, 'close');
  expect(broker.received.map(({ topic }) => topic)).toEqual(['before']);
  expect(broker.clientErrors.map(({ error }) => error.message)).toEqual([expect.stringMatching(message)]);
});

test('nothing behind DISCONNECT is handled [MQTT-3.14.4-2]', async () => {
  await using broker = await startBroker();
  using client = await connectMqtt(broker.tcp!.port, 'c');
  client.socket.write(Buffer.concat([packets.publish('a', ''), Buffer.from([0xe0, 0]), packets.publish('b', '')]));
  await once(client.socket, 'close');
  expect(broker.received.map(({ topic }) => topic)).toEqual(['a']);
});

test('control: bare Aedes handles it', async () => {
  await using bare = await startBareAedes();
  const topics: string[] = [];
  bare.aedes.on('publish', ({ topic }, client) => client && topics.push(topic));
  using client = await connectMqtt(bare.tcpPort, 'c');
  client.socket.write(Buffer.concat([packets.publish('a', ''), Buffer.from([0xe0, 0]), packets.publish('b', '')]));
  await once(client.socket, 'close');
  expect(topics).toEqual(['a', 'b']);
});

test('what comes with CONNECT in one piece is handled after it, in order', async () => {
  await using broker = await startBroker();
  using client = await openRaw(broker.tcp!.port);
  client.send(connectPacket('c'), ...numbers(500).map((text, n) => publishPacket('t', text, (n % 2) as 0 | 1)));
  client.send(...numbers(100).map((text) => publishPacket('t', `later ${text}`, 1)));
  await until('all', () => broker.received.length === 600);
  expect(broker.received.map(({ text }) => text)).toEqual([
    ...numbers(500),
    ...numbers(100).map((text) => `later ${text}`),
  ]);
});

describe('a hook that answers later', () => {
  test('keeps the order of messages and acknowledgements, and is asked for each once', async () => {
    const asked: string[] = [];
    await using broker = await startBroker({
      authorizePublish: (_client, packet, done) => {
        asked.push(packet.payload.toString());
        setTimeout(done, 1, null);
      },
    });
    using client = await connectMqtt(broker.tcp!.port, 'c');
    using subscriber = await connectMqtt(broker.tcp!.port, 's');
    await subscribe(subscriber, { t: 1 });
    const sent = numbers(100).map((text) => publishPacket('t', text, 1));
    for (const packet of sent) {
      client.send(packet);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await until('all', () => subscriber.messages().length === 100);
    expect(texts(subscriber.messages())).toEqual(numbers(100));
    expect(asked).toEqual(numbers(100));
    await until('all PUBACKs', () => client.received.length === 101);
    expect(client.received.slice(1)).toMatchObject(sent.map(({ messageId }) => ({ cmd: 'puback', messageId })));
  });

  test('makes the client wait, not the broker hold what it sends', async () => {
    const waiting: Array<() => void> = [];
    await using broker = await startBroker({
      authorizePublish: (_client, _packet, done) => void waiting.push(() => done(null)),
    });
    using client = await connectMqtt(broker.tcp!.port, 'c');
    for (let n = 0; n < 200; n += 1) {
      client.socket.write(packets.publish('t', Buffer.alloc(64_000)));
    }
    await sleep(300);
    expect(broker.stats().bytesIn).toBeLessThan(8 << 20);
    const until200 = async (): Promise<void> => {
      while (broker.received.length < 200) {
        waiting.splice(0).forEach((answer) => answer());
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await until200();
    expect(broker.clientErrors).toEqual([]);
  });

  test('and refuses: the connection ends, and nothing is acknowledged', async () => {
    await using broker = await startBroker({
      authorizePublish: (_client, _packet, done) => setTimeout(done, 1, new Error('No')),
    });
    using client = await connectMqtt(broker.tcp!.port, 'c');
    client.send(publishPacket('t', '', 1), publishPacket('t', '', 0));
    await once(client.socket, 'close');
    expect(client.received.map(({ cmd }) => cmd)).toEqual(['connack']);
    expect(broker.received).toEqual([]);
  });
});

test('PUBLISH and PUBACK keep a connection alive, as other packets do', async () => {
  await using broker = await startBroker();
  using client = await connectMqtt(broker.tcp!.port, 'c', { keepalive: 1 });
  for (let n = 0; n < 6; n += 1) {
    client.send(n % 2 === 0 ? publishPacket('t', '') : { cmd: 'puback', messageId: 7 });
    await sleep(500);
  }
  client.send({ cmd: 'pingreq' });
  await client.next('pingresp');
  expect(broker.clientErrors).toEqual([]);
});
