/** Clients that attack a historian: its memory stays bounded, and other clients are not affected. */
import { describe, expect, test } from 'vitest';
import { startBroker as startRealBroker } from '../broker';
import { startBroker } from '../fixture';
import { connectMqtt, publishPacket, subscribe, type RawMqtt } from '../testing/raw-client';
import { connectClient, next, until } from '../testing/clients';
import { liveMemory } from '../testing/live-memory';
import { MAX_REQUESTS_PER_CLIENT } from './request-handler';
import { MAX_PART_BYTES } from './response';
import { MAX_PAYLOAD_BYTES } from './options';
import { connectHistory, type Part } from '../testing/history-client';

const MIB = 1 << 20;

const requestPacket = (id: string, number: string, request: object): ReturnType<typeof publishPacket> =>
  publishPacket(`history/request/${id}/${number}`, JSON.stringify({ v: 1, filters: ['#'], from: 0, ...request }));

const partsOf = (client: RawMqtt, number: string): Part[] =>
  client
    .messages()
    .filter(({ topic }) => topic.endsWith(`/${number}`))
    .map(({ payload }) => JSON.parse(payload.toString()) as Part);

describe.each(['tcp', 'ws'] as const)('over %s', (listener) => {
  test('malformed requests get an error that says what was expected, and the next request is answered', async () => {
    await using broker = await startBroker({ history: { filters: ['home/#'] } });
    await broker.publish({ topic: 'home/a', payload: '1' });
    await using client = await connectHistory(broker[listener]!.url, 'me');
    const garbage: Array<[object | string, string]> = [
      ['', 'bad-request'],
      ['{', 'bad-request'],
      ['[]', 'bad-request'],
      ['\0\u{10FFFF}', 'bad-request'],
      ['[['.repeat(5_000), 'bad-request'],
      ['x'.repeat(100_000), 'bad-request'],
      [{ filters: [] }, 'bad-request'],
      [{ filters: ['home/#/x'], from: 0 }, 'bad-request'],
      [{ filters: ['$SYS/#'], from: 0 }, 'not-recorded'],
      [{ filters: ['garden/#'], from: 0 }, 'not-recorded'],
    ];
    for (const [request, code] of garbage) {
      expect((await client.request(request)).error?.code).toBe(code);
    }
    const { error } = await client.request({ filters: ['garden/#'], from: 0 });
    expect(error?.message).toBe('No recorded topic matches "garden/#"; this historian records "home/#"');
    const huge = { filters: ['home/#'], from: 0, to: 8.64e15, limit: Number.MAX_SAFE_INTEGER };
    expect((await client.request(huge)).rows.get('home/a')).toEqual(['1']);
    expect(broker.clientErrors).toEqual([]);
  });

  test('10,000 requests at once: some are answered, the others are too many, and another client is answered', async () => {
    await using broker = await startBroker({ history: { filters: ['#'] } });
    for (let n = 0; n < 2_000; n += 1) {
      void broker.publish({ topic: 'a', payload: String(n) });
    }
    await until('all to be recorded', () => broker.stats().historyMessages === 2_000);
    await using client = await connectHistory(broker[listener]!.url, 'many');
    await using other = await connectHistory(broker[listener]!.url, 'other');
    for (let n = 0; n < 10_000; n += 1) {
      client.client.publish(`history/request/many/${n}`, '{"v":1,"filters":["#"],"from":0}');
    }
    expect((await other.request({ filters: ['a'], from: 0 })).rows.get('a')).toHaveLength(2_000);
    const isLast = ({ done, error }: Part): boolean => done === true || error !== undefined;
    const last = (): Part[] =>
      client
        .texts()
        .map((text) => JSON.parse(text) as Part)
        .filter(isLast);
    await until('10,000 responses', () => client.deliveries.length >= 10_000 && last().length === 10_000);
    const codes = last().map(({ error }) => error?.code);
    expect(new Set(codes)).toEqual(new Set([undefined, 'too-many-requests']));
    expect(codes.filter((code) => code === undefined).length).toBeGreaterThanOrEqual(MAX_REQUESTS_PER_CLIENT);
  });
});

test('a repeated request id cancels the open request, and so does a cancellation', async () => {
  await using broker = await startBroker({ history: { filters: ['#'] } });
  for (let n = 0; n < 30_000; n += 1) {
    void broker.publish({ topic: n < 20_000 ? `a/${n % 10}` : 'b', payload: 'x'.repeat(100) });
  }
  await until('all to be recorded', () => broker.stats().historyMessages === 30_000);
  using client = await connectMqtt(broker.tcp!.port, 'me');
  client.send(
    requestPacket('me', '1', { filters: ['a/+'] }),
    requestPacket('me', '2', { filters: ['a/+'] }),
    requestPacket('me', '1', { filters: ['b'], limit: 3 }),
    publishPacket('history/request/me/2', '{"v":1,"cancel":true}'),
    requestPacket('me', '3', { filters: ['b'], limit: 2 })
  );
  await until('the third', () => partsOf(client, '3').length === 1);
  await until('the first', () => partsOf(client, '1').some(({ done }) => done === true));
  const rows = (number: string): number =>
    partsOf(client, number)
      .flatMap(({ topics = [] }) => topics)
      .reduce((sum, { payloads }) => sum + payloads.length, 0);
  expect(partsOf(client, '2').some(({ done }) => done)).toBe(false);
  expect(rows('3')).toBe(2);
  expect(rows('2')).toBeLessThan(20_000);
  expect(partsOf(client, '1').at(-1)?.topics?.[0]).toMatchObject({
    topic: 'b',
    payloads: Array(3).fill('x'.repeat(100)),
  });
  expect(rows('1')).toBeLessThan(20_000);
});

test('clients that stop reading: their backlog is bounded, they are disconnected, and others go on', async () => {
  await using broker = await startBroker({ history: { filters: ['#'] }, limits: { drainTimeout: 1_000 } });
  const payload = 'x'.repeat(1_000);
  for (let n = 0; n < 30_000; n += 1) {
    void broker.publish({ topic: `a/${n % 100}`, payload });
  }
  await until('all to be recorded', () => broker.stats().historyMessages === 30_000);
  const before = liveMemory();
  const frozen = await Promise.all(Array.from({ length: 20 }, (_, n) => connectMqtt(broker.tcp!.port, `frozen ${n}`)));
  for (const [n, client] of frozen.entries()) {
    client.socket.pause();
    client.send(...Array.from({ length: 10 }, (_, number) => requestPacket(`frozen ${n}`, String(number), {})));
  }
  await using other = await connectHistory(broker.tcp!.url, 'other');
  expect((await other.request({ filters: ['a/7'], from: 0 })).rows.get('a/7')).toHaveLength(300);
  await until('the requests', () => broker.stats().historyRequests === 201);
  // 30 MB for each of 200 requests, and 20 clients that read nothing
  expect(liveMemory() - before).toBeLessThan(32 * MIB);
  await until('the frozen ones to be dropped', () => broker.clients() === 1, 30_000);
  for (const { socket } of frozen) {
    socket.destroy();
  }
  // One for each client, not one for each part
  expect(broker.clientErrors).toHaveLength(20);
  expect((await other.request({ filters: ['a/8'], from: 0 })).rows.get('a/8')).toHaveLength(300);
});

test('a client that disconnects cancels its responses, and may send requests when it is back', async () => {
  await using broker = await startBroker({ history: { filters: ['#'] } });
  for (let n = 0; n < 20_000; n += 1) {
    void broker.publish({ topic: 'a', payload: 'x'.repeat(100) });
  }
  await until('all to be recorded', () => broker.stats().historyMessages === 10_000);
  for (let round = 0; round < 5; round += 1) {
    const client = await connectMqtt(broker.tcp!.port, 'me');
    client.send(...Array.from({ length: MAX_REQUESTS_PER_CLIENT }, (_, n) => requestPacket('me', String(n), {})));
    await client.next('publish');
    client.socket.destroy();
  }
  await until('it to be gone', () => broker.clients() === 0);
  await using client = await connectHistory(broker.tcp!.url, 'me');
  expect((await client.request({ filters: ['a'], from: 0, limit: 1 })).rows.get('a')).toHaveLength(1);
});

test('a flood of messages and topics stays within the limits, in memory too', async () => {
  const history = { filters: ['#'], bytes: 8 * MIB, topics: 1_000, messages: 1_000 };
  // Not the fixture, which records every message
  await using broker = await startRealBroker({ history, tcp: { port: 0 }, ws: false });
  const before = liveMemory();
  for (let n = 0; n < 300_000; n += 1) {
    void broker.publish({ topic: n % 3 === 0 ? `flood/${n}` : `few/${n % 7}`, payload: String(n).repeat(n % 40) });
    if (n % 1_000 === 0) {
      await new Promise(setImmediate);
    }
  }
  await broker.publish({ topic: 'last', payload: '' });
  const { historyBytes, historyTopics, historyMessages } = broker.stats();
  expect(historyBytes).toBeLessThanOrEqual(8 * MIB);
  expect(historyTopics).toBe(1_000);
  expect(historyMessages).toBeGreaterThan(2_000);
  expect(liveMemory() - before).toBeLessThan(24 * MIB);
});

describe('names', () => {
  test.each(['__proto__', 'constructor', 'a/b', '100%', '+', '#', 'ü ☃', ' ', '%2F', 'a,b"\\', 'x'.repeat(256)])(
    'the client id %j sends a request and receives the response',
    async (id) => {
      await using broker = await startBroker({ history: { filters: ['#'] } });
      await broker.publish({ topic: 'a', payload: '1' });
      await using client = await connectHistory(broker.tcp!.url, id);
      expect((await client.request({ filters: ['a'], from: 0 })).rows.get('a')).toEqual(['1']);
    }
  );

  test('topics with the names of prototypes, and with every character', async () => {
    await using broker = await startBroker({ history: { filters: ['#'] } });
    const topics = [
      '__proto__',
      '__proto__/constructor',
      'toString',
      '/',
      '//',
      ' ',
      'a"b\\c',
      '\u2028',
      '☃/ü',
      '\u0001',
    ];
    for (const topic of topics) {
      await broker.publish({ topic, payload: topic });
    }
    await using client = await connectHistory(broker.tcp!.url, 'me');
    const { rows } = await client.request({ filters: ['#'], from: 0 });
    expect(Object.fromEntries([...rows].map(([topic, [payload]]) => [`t${topic}`, payload]))).toEqual(
      Object.fromEntries(topics.map((topic) => [`t${topic}`, topic]))
    );
    expect((await client.request({ filters: ['__proto__/+'], from: 0 })).rows.size).toBe(1);
  });
});

test('large payloads are sent alone in a part, and oversized ones are not recorded', async () => {
  await using broker = await startBroker({ history: { filters: ['#'] } });
  const payloads = [
    'small',
    '\u0001'.repeat(MAX_PAYLOAD_BYTES),
    'x'.repeat(MAX_PART_BYTES),
    'small',
    'x'.repeat(MAX_PAYLOAD_BYTES + 1),
  ];
  for (const payload of payloads) {
    await broker.publish({ topic: 'a', payload });
  }
  await using client = await connectHistory(broker.ws!.url, 'me');
  const { rows, parts } = await client.request({ filters: ['a'], from: 0 });
  expect(rows.get('a')).toEqual(payloads.slice(0, 4));
  expect(parts.map(({ topics = [] }) => topics[0].payloads.length)).toEqual([1, 1, 1, 1]);
  expect(broker.stats().historyOversized).toBe(1);
});

test('requests by a will, and with a client id that the broker assigned, have no effect', async () => {
  await using broker = await startBroker({ history: { filters: ['#'] } });
  const topic = 'history/request/will/1';
  const will = { topic, payload: Buffer.from('{"v":1,"filters":["#"],"from":0}'), qos: 1 as const, retain: true };
  using client = await connectMqtt(broker.tcp!.port, 'will', { will });
  client.socket.destroy();
  await until('it to be gone', () => broker.clients() === 0);
  using nameless = await connectMqtt(broker.tcp!.port, '');
  expect(await subscribe(nameless, { 'history/response//+': 0 })).toEqual([0x80]);
  await using other = await connectHistory(broker.tcp!.url, 'other');
  expect((await other.request({ filters: ['a'], from: 0 })).rows.size).toBe(0);
  expect(broker.received).toEqual([]);
  await using wrong = await connectClient(broker.tcp!.url);
  wrong.client.publish('history/request//1', '{}');
  await next(wrong.client, 'close');
});
