/** Clients that mean harm: memory stays bounded, and the others notice nothing. */
import { once } from 'node:events';
import { connect as connectSocket, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startBroker, type TestBroker } from './fixture';
import { DEFAULT_LIMITS } from './limits';
import { connectMqtt, publish, publishPacket, subscribe, take, type RawMqtt } from './raw-client';
import { connectClient, connectRaw, packets, until, type TestClient } from './test-helpers';
import { CERTIFICATES } from './test-certificates';

const MIB = 1 << 20;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes that are alive in this process, buffers included. */
function alive(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** A sensor and a dashboard that mind their own business; resolves to the worst time that a message took. */
async function bystanders(broker: TestBroker): Promise<{ stop(): Promise<number> } & AsyncDisposable> {
  const sensor: TestClient = await connectClient(broker.tcp!.url, { clientId: 'sensor' });
  const dashboard: TestClient = await connectClient(broker.ws!.url, { clientId: 'dashboard' });
  await dashboard.client.subscribeAsync('innocent', { qos: 1 });
  let going = true;
  let worst = 0;
  const run = (async () => {
    // oxlint-disable-next-line no-unmodified-loop-condition -- `stop` does
    for (let n = 1; going; n += 1) {
      const start = performance.now();
      // oxlint-disable-next-line no-await-in-loop -- one at a time
      await sensor.client.publishAsync('innocent', String(n), { qos: 1 });
      // oxlint-disable-next-line no-await-in-loop
      await until('it to arrive', () => dashboard.deliveries.length >= n);
      worst = Math.max(worst, performance.now() - start);
      // oxlint-disable-next-line no-await-in-loop
      await sleep(5);
    }
  })();
  return {
    stop: async () => {
      going = false;
      await run;
      expect(sensor.client.connected && dashboard.client.connected).toBe(true);
      return worst;
    },
    [Symbol.asyncDispose]: async () => {
      going = false;
      await run.catch(() => {});
      await Promise.all([sensor.client.endAsync(true), dashboard.client.endAsync(true)]);
    },
  };
}

/** Long enough for any machine; a broker that is stalled takes until a time-out of its own. */
const WORST = 3_000;

const measured = (what: string, bytes: number, worst: number): void => {
  process.stderr.write(
    process.env['BROKER_MEASURE'] ? `${what}: ${(bytes / MIB).toFixed(1)} MiB, worst ${worst.toFixed(0)} ms\n` : ''
  );
};

test('oversized packets: 64 connections that each announce 200 MiB and send what they can', async () => {
  await using broker = await startBroker();
  await using others = await bystanders(broker);
  const before = alive();
  const chunk = Buffer.alloc(256 << 10);
  await Promise.all(
    Array.from({ length: 64 }, async () => {
      using raw = await connectRaw(broker.tcp!.port);
      raw.socket.write(Buffer.from([0x10, 0x80, 0x80, 0x80, 0x64]));
      raw.socket.write(chunk);
      await once(raw.socket, 'close');
    })
  );
  const grown = alive() - before;
  const worst = await others.stop();
  measured('oversized', grown, worst);
  expect(grown).toBeLessThan(32 * MIB);
  expect(worst).toBeLessThan(WORST);
  expect(broker.stats().connections).toBe(2);
  expect(broker.stats().bytesIn).toBeLessThan(64 * MIB);
});

test('malformed packets of every kind', async () => {
  await using broker = await startBroker();
  await using others = await bystanders(broker);
  // Seeded, so that a failure comes again
  let state = 12_345;
  const random = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state % below;
  };
  for (let n = 0; n < 300; n += 1) {
    const head = n % 2 === 0 ? packets.connect(`bad ${n}`) : Buffer.alloc(0);
    const tail = Buffer.from(Array.from({ length: random(60) }, () => random(256)));
    // oxlint-disable-next-line no-await-in-loop -- one at a time, or their sockets are what is tested
    using raw = await connectRaw(broker.tcp!.port);
    raw.socket.end(Buffer.concat([head, tail]));
    // oxlint-disable-next-line no-await-in-loop
    await once(raw.socket, 'close');
  }
  expect(await others.stop()).toBeLessThan(WORST);
  expect(broker.stats().clients).toBe(2);
});

describe('slow-loris', () => {
  test.each(['tcp', 'tls', 'ws', 'wss'] as const)('%s: a byte now and then is cut off in time', async (type) => {
    await using broker = await startBroker({
      tcp: {},
      ws: {},
      listeners: [
        { type: 'tls', port: 0, ...CERTIFICATES.server },
        { type: 'wss', port: 0, ...CERTIFICATES.server },
      ],
      limits: { connectTimeout: 400 },
    });
    const { port } = broker.endpoints.find((endpoint) => endpoint.type === type)!;
    const said = {
      tcp: packets.connect('loris'),
      ws: Buffer.from('GET /mqtt HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n'),
      tls: Buffer.from([0x16, 0x03, 0x01, 0x00, 0xff]),
      wss: Buffer.from([0x16, 0x03, 0x01, 0x00, 0xff]),
    }[type];
    const sockets = await Promise.all(Array.from({ length: 20 }, () => connectRaw(port)));
    let at = 0;
    const drip = setInterval(() => {
      for (const { socket } of sockets) {
        socket.write(said.subarray(at, at + 1));
      }
      at += at < said.length - 2 ? 1 : 0;
    }, 50);
    await until('all to be cut off', () => sockets.every(({ socket }) => socket.closed));
    clearInterval(drip);
    await until('the broker to know', () => broker.stats().connections === 0);
    expect(broker.clientErrors.length).toBeGreaterThan(0);
  });

  test('a WebSocket that never says CONNECT', async () => {
    await using broker = await startBroker({ limits: { connectTimeout: 100 } });
    const ws = new WebSocket(broker.ws!.url, 'mqtt');
    await once(ws, 'open');
    await once(ws, 'close');
    expect(broker.clientErrors.map(({ error }) => error.message)).toEqual(['connect did not arrive in time']);
  });
});

describe('connect flood', () => {
  test('connections beyond the limits are refused, those within them work', async () => {
    await using broker = await startBroker({ limits: { connections: 40, connectionsPerAddress: 30 } });
    await using others = await bystanders(broker);
    const sockets: Socket[] = [];
    for (let n = 0; n < 200; n += 1) {
      const socket = connectSocket(broker.tcp!.port, '127.0.0.1');
      socket.on('error', () => {});
      sockets.push(socket);
    }
    await until('the rest to be refused', () => sockets.filter(({ closed }) => closed).length === 172);
    expect(broker.stats().connections).toBe(30);
    expect(broker.clientErrors.at(-1)?.error.message).toBe(
      '30 connections from 127.0.0.1 are open, which is the limit for one address'
    );
    expect(await others.stop()).toBeLessThan(WORST);
    for (const socket of sockets) {
      socket.destroy();
    }
    await until('them to be gone', () => broker.stats().connections === 2);
    using again = await connectMqtt(broker.tcp!.port, 'again');
    expect(again.returnCode).toBe(0);
  });

  test.each(['tcp', 'tls', 'ws', 'wss'] as const)('%s: too many a second wait their turn, and get in', async (type) => {
    await using broker = await startBroker({
      listeners: [
        { type: 'tls', port: 0, ...CERTIFICATES.server },
        { type: 'wss', port: 0, ...CERTIFICATES.server },
      ],
      limits: { connectsPerSecond: 20 },
    });
    const { url } = broker.endpoints.find((endpoint) => endpoint.type === type)!;
    const start = performance.now();
    const clients = await Promise.all(Array.from({ length: 40 }, () => connectClient(url, { ca: CERTIFICATES.ca })));
    expect(performance.now() - start).toBeGreaterThan(900);
    expect(broker.clients()).toBe(40);
    await Promise.all(clients.map(({ client }) => client.endAsync(true)));
  });

  test('those that would have to wait too long are refused', async () => {
    await using broker = await startBroker({ limits: { connectsPerSecond: 5, connectTimeout: 1_000 } });
    const sockets = await Promise.all(Array.from({ length: 20 }, () => connectRaw(broker.tcp!.port)));
    await until('some to be refused', () => broker.clientErrors.length > 0);
    expect(broker.clientErrors[0].error.message).toBe('More than 5 new connections a second from 127.0.0.1');
    for (const { socket } of sockets) {
      socket.destroy();
    }
  });

  test('logins with wrong passwords cost the others nothing', async () => {
    const { mkdtemp, rm, writeFile } = await import('node:fs/promises');
    const { hashPassword } = await import('./auth/password');
    const folder = await mkdtemp(`${(await import('node:os')).tmpdir()}/broker-hostile-`);
    await writeFile(`${folder}/users`, `anna:${await hashPassword('secret')}\n`);
    await using broker = await startBroker({ users: `${folder}/users`, allowAnonymous: true });
    await using others = await bystanders(broker);
    const guesses = await Promise.allSettled(
      Array.from({ length: 50 }, (_, n) =>
        connectClient(broker.tcp!.url, { username: `user ${n}`, password: `guess ${n}`, connectTimeout: 20_000 })
      )
    );
    expect(guesses.every(({ status }) => status === 'rejected')).toBe(true);
    expect(await others.stop()).toBeLessThan(WORST);
    await rm(folder, { recursive: true });
  });
});

test('subscribe flood: 100,000 filters in one packet, and many packets', async () => {
  await using broker = await startBroker({ limits: { subscriptionsPerClient: 100 } });
  await using others = await bystanders(broker);
  const before = alive();
  using flood = await connectMqtt(broker.tcp!.port, 'flood', { clean: false });
  const granted = await subscribe(flood, Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`${n}`, 1])));
  expect(granted.filter((qos) => qos === 1)).toHaveLength(100);
  expect(granted.filter((qos) => qos === 128)).toHaveLength(99_900);
  for (let n = 0; n < 50; n += 1) {
    // oxlint-disable-next-line no-await-in-loop -- each is answered
    expect(await subscribe(flood, { [`more/${n}/#`]: 1 })).toEqual([128]);
  }
  // The same again costs nothing, and one that is given up makes room
  expect(await subscribe(flood, { '0': 0 })).toEqual([0]);
  flood.send({ cmd: 'unsubscribe', messageId: 1, unsubscriptions: ['0'] });
  await flood.next('unsuback');
  expect(await subscribe(flood, { more: 0, 'more/x': 0 })).toEqual([0, 128]);
  expect(broker.subscriptions().get('flood')).toHaveLength(100);
  flood.received.length = 0;
  const grown = alive() - before;
  const worst = await others.stop();
  measured('subscribe flood', grown, worst);
  expect(grown).toBeLessThan(32 * MIB);
  expect(worst).toBeLessThan(WORST);
});

test('subscribe flood: filters that are long', async () => {
  await using broker = await startBroker({ limits: { subscriptionBytesPerClient: 150_000 } });
  using flood = await connectMqtt(broker.tcp!.port, 'flood');
  const long = (first: string): string => first + 'x'.repeat(49_999);
  for (const [first, answer] of [['a', 1] as const, ['b', 1] as const, ['c', 1] as const, ['d', 128] as const]) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    expect(await subscribe(flood, { [long(first)]: 1 })).toEqual([answer]);
  }
  expect(await subscribe(flood, { short: 1, [long('a')]: 0 })).toEqual([128, 0]);
  expect(broker.stats().subscribeRefused).toBe(2);
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

test('a filter that a hook refuses, in its own time, takes no room', async () => {
  await using broker = await startBroker({
    limits: { subscriptionsPerClient: 2 },
    authorizeSubscribe: (_client, subscription, done) => {
      setTimeout(() => done(null, subscription.topic.startsWith('no') ? null : subscription), 10);
    },
  });
  using client = await connectMqtt(broker.tcp!.port, 'c');
  // Asked about at once, all of them: no more than two are counted in meanwhile
  expect(await subscribe(client, { no1: 1, yes1: 1, yes2: 1 })).toEqual([128, 1, 128]);
  expect(await subscribe(client, { yes2: 1 })).toEqual([1]);
  expect(broker.subscriptions().get('c')).toEqual(['yes1', 'yes2']);
});

test('retained flood: what is beyond the limits is delivered and not retained', async () => {
  await using broker = await startBroker({ limits: { retainedMessages: 500, retainedBytes: 200_000 } });
  await using others = await bystanders(broker);
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
  // What is there can be replaced and removed, and then there is room
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
  expect(await others.stop()).toBeLessThan(WORST);
});

describe('queues', () => {
  async function session(broker: TestBroker, name: string): Promise<void> {
    using client = await connectMqtt(broker.tcp!.port, name, { clean: false });
    await subscribe(client, { '#': 1 });
    client.send({ cmd: 'disconnect' });
    await once(client.socket, 'close');
  }

  /** Takes everything that waits for a session. */
  async function drain(broker: TestBroker, name: string): Promise<string[]> {
    const before = broker.stats().queuedMessages;
    using client = await connectMqtt(broker.tcp!.port, name, { clean: false });
    const texts: string[] = [];
    while (broker.stats().queuedMessages > 0) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      texts.push((await take(client)).payload.toString());
      // oxlint-disable-next-line no-await-in-loop
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
      // oxlint-disable-next-line no-await-in-loop -- in order
      await broker.publish({ topic: 'flood', payload: String(n).padStart(100, '0'), qos: 1 });
    }
    expect(broker.stats()).toMatchObject({ queuedMessages: expected, queueDropped: 200 - expected });
    const texts = await drain(broker, 'away');
    expect(texts.map(Number)).toEqual(Array.from({ length: expected }, (_, n) => n));
    expect(broker.clientErrors.map(({ error }) => error.message)).toEqual([
      `Not queued for away: ${expected} messages wait already`,
    ]);
  });

  test('a connected session that acknowledges nothing costs no more than its queue', async () => {
    await using broker = await startBroker({ limits: { queueMessages: 50 } });
    await using others = await bystanders(broker);
    using client = await connectMqtt(broker.tcp!.port, 'deaf', { clean: false });
    await subscribe(client, { flood: 1 });
    for (let n = 0; n < 500; n += 1) {
      // oxlint-disable-next-line no-await-in-loop -- in order
      await broker.publish({ topic: 'flood', payload: String(n), qos: 1 });
    }
    await until('all live', () => client.messages().length === 500);
    expect(broker.stats().queuedMessages).toBe(50);
    expect(await others.stop()).toBeLessThan(WORST);
  });

  test('sessions beyond the limit are refused, and end when their client stays away', async () => {
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

test('QoS 2 without PUBREL: at most inflightInbound, then the publisher is dropped', async () => {
  await using broker = await startBroker({ limits: { inflightInbound: 10 } });
  using client = await connectMqtt(broker.tcp!.port, 'half');
  client.send(...Array.from({ length: 20 }, () => publishPacket('t', 'x', 2)));
  await once(client.socket, 'close');
  expect(broker.clientErrors[0].error.message).toMatch(/maxInflightInbound exceeded: 10/);
});

test('topic bombs: too many levels, too long, by every way in', async () => {
  await using broker = await startBroker();
  await using others = await bystanders(broker);
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
    // oxlint-disable-next-line no-await-in-loop -- one at a time
    using client = await connectMqtt(broker.tcp!.port, `bomb ${index}`, { clean: index % 2 === 0 });
    attack(client);
    // oxlint-disable-next-line no-await-in-loop
    await once(client.socket, 'close');
  }
  const will = { topic: deep, payload: Buffer.from('x'), qos: 1 as const, retain: true };
  {
    using client = await connectMqtt(broker.tcp!.port, 'deep will', { will });
    client.socket.destroy();
  }
  // Long ones are allowed, and delivered
  using client = await connectMqtt(broker.tcp!.port, 'long');
  await subscribe(client, { [long]: 1 });
  await publish(client, publishPacket(long, '1', 1));
  expect((await take(client)).topic).toBe(long);
  expect(await others.stop()).toBeLessThan(WORST);
});

test('names of Object.prototype, as client id, topic, filter and user', async () => {
  await using broker = await startBroker();
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype', '__defineGetter__']) {
    for (const clean of [true, false]) {
      // oxlint-disable-next-line no-await-in-loop -- one at a time
      using client = await connectMqtt(broker.tcp!.port, name, { clean, username: name, password: Buffer.from(name) });
      expect(client.returnCode).toBe(0);
      // oxlint-disable-next-line no-await-in-loop
      expect(await subscribe(client, { [`${name}/x`]: 1, [name]: 2 })).toEqual([1, 2]);
      for (const qos of [0, 1, 2] as const) {
        // oxlint-disable-next-line no-await-in-loop
        await publish(client, publishPacket(`${name}/x`, '1', qos, { retain: true }));
        // oxlint-disable-next-line no-await-in-loop
        expect(await take(client)).toMatchObject({ topic: `${name}/x` });
      }
      client.send({ cmd: 'disconnect' });
      // oxlint-disable-next-line no-await-in-loop
      await once(client.socket, 'close');
    }
  }
  expect(({} as Record<string, unknown>)['x']).toBeUndefined();
  expect(broker.clientErrors).toEqual([]);
});

test('publish flood: a client over its rate is slowed down, loses nothing, and delays nobody', async () => {
  await using broker = await startBroker({ limits: { publishesPerSecond: 500 } });
  await using others = await bystanders(broker);
  using flood = await connectMqtt(broker.tcp!.port, 'flood');
  const start = performance.now();
  flood.socket.write(Buffer.concat(Array.from({ length: 1_200 }, (_, n) => packets.publish('flood', String(n)))));
  await until('all of it', () => broker.received.filter(({ topic }) => topic === 'flood').length === 1_200);
  flood.send({ cmd: 'pingreq' });
  await flood.next('pingresp');
  expect(performance.now() - start).toBeGreaterThan(1_000);
  expect(await others.stop()).toBeLessThan(WORST);
});

test('the defaults leave room for a fleet behind one address', () => {
  expect(DEFAULT_LIMITS.connectionsPerAddress).toBeGreaterThanOrEqual(5_000);
  expect(DEFAULT_LIMITS.connections).toBeGreaterThan(DEFAULT_LIMITS.connectionsPerAddress);
});
