import { setTimeout as sleep } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { describe, expect, test } from 'vitest';
import { startBroker } from '../../broker/fixture';
import {
  eventually,
  numbers,
  publishAll,
  hadError,
  shortestBackoff,
  connectedAndSubscribed,
  TestEngine,
} from '../testing/test-engine';
import { mosquittoPath, type MosquittoOptions, startMosquitto } from '../../testing/mosquitto';
import type { ConnectionOptions } from '../engine/protocol';
import { Relay } from '../testing/relay';

/** Faults between the engine and real brokers, with a relay in between that does what networks do. */

interface Broker extends AsyncDisposable {
  readonly tcpUrl: string;
  readonly wsPort: number;
  readonly protocolVersion: 4 | 5;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Its files stay where they are when it is killed. */
  saved(): Promise<void>;
}

/** How long mosquitto takes to write its file after a change, in milliseconds. */
const SAVED_MS = 3_000;

const mosquitto = mosquittoPath();

interface BrokerOptions extends MosquittoOptions {
  /** Sessions outlive a broker that is killed. */
  readonly keepsSessions?: boolean;
}

async function embedded({ keepsSessions: keepState = false }: BrokerOptions = {}): Promise<Broker> {
  const broker = await startBroker({ keepState });
  return {
    tcpUrl: broker.tcp!.url,
    wsPort: broker.ws!.port,
    protocolVersion: 4,
    stop: () => broker.stop(),
    start: () => broker.restart(),
    saved: () => Promise.resolve(),
    [Symbol.asyncDispose]: () => broker.close(),
  };
}

/** An engine whose connection to the broker goes through the relay. */
function engineThrough(
  relay: Relay,
  { protocolVersion }: Broker,
  options: Partial<ConnectionOptions> = {}
): TestEngine {
  return new TestEngine(`ws://127.0.0.1:${relay.port}/`, { protocolVersion, ...options }, shortestBackoff);
}

async function mosquittoWith(protocolVersion: 4 | 5, options: BrokerOptions = {}): Promise<Broker> {
  const { keepsSessions = false, ...others } = options;
  const broker = await startMosquitto(mosquitto!, {
    ...others,
    // A change is on disk within a second or so, and not when it is asked to stop.
    ...(keepsSessions ? { persistence: true, extra: 'autosave_on_changes true\nautosave_interval 1' } : undefined),
  });
  return {
    tcpUrl: `mqtt://127.0.0.1:${broker.tcpPort}`,
    wsPort: broker.wsPort,
    protocolVersion,
    stop: () => broker.stop('SIGKILL'),
    start: () => broker.start(),
    saved: () => sleep(SAVED_MS),
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}

/** Sockets and timers of this process. */
function resources(): number {
  return process.getActiveResourcesInfo().filter((each) => each === 'Timeout' || each === 'TCPSocketWrap').length;
}

describe.each([
  { name: 'the embedded broker, MQTT 3.1.1', start: embedded, missing: false },
  {
    name: 'mosquitto, MQTT 3.1.1',
    start: (options?: BrokerOptions) => mosquittoWith(4, options),
    missing: mosquitto === undefined,
  },
  {
    name: 'mosquitto, MQTT 5',
    start: (options?: BrokerOptions) => mosquittoWith(5, options),
    missing: mosquitto === undefined,
  },
])('$name', ({ start, missing }) => {
  test.skipIf(missing)('a connection that is cut comes back, with every filter and no row twice', async () => {
    await using broker = await start();
    await using relay = await Relay.start(broker.wsPort);
    using engine = engineThrough(relay, broker);
    const client = await connectAsync(broker.tcpUrl);
    engine.open(1, { filters: ['t', 'u/+'] });
    await connectedAndSubscribed(engine);
    await publishAll(client, numbers(1, 50));
    await expect.poll(() => engine.rows(1), eventually).toBe(50);
    relay.cut();
    await expect.poll(() => engine.states, eventually).toContain('reconnecting');
    expect(engine.all('status').find(({ status }) => status.state === 'reconnecting')).toMatchObject({
      status: { since: expect.any(Number), error: { code: 'lost', message: expect.stringMatching(/went away/) } },
    });
    await connectedAndSubscribed(engine, 2);
    await publishAll(client, numbers(51, 100));
    await expect.poll(() => engine.numbers(1), eventually).toEqual(numbers(1, 100));
    expect(relay.open).toBe(1);
    await client.endAsync();
  });

  test.skipIf(missing)('a retained message that comes again with the connection is no second row', async () => {
    await using broker = await start();
    await using relay = await Relay.start(broker.wsPort);
    using engine = engineThrough(relay, broker);
    const client = await connectAsync(broker.tcpUrl);
    await client.publishAsync('r/same', '1', { retain: true, qos: 1 });
    await client.publishAsync('r/other', '2', { retain: true, qos: 1 });
    engine.open(1, { filters: ['r/+'] });
    await expect.poll(() => engine.numbers(1), eventually).toHaveLength(2);
    // The newest is what it is compared with, however that came.
    await client.publishAsync('r/same', '3', { retain: true, qos: 1 });
    await expect.poll(() => engine.numbers(1), eventually).toHaveLength(3);
    relay.mode = 'refuse';
    relay.cut();
    await expect.poll(() => engine.errorCode, eventually).toBe('unreachable');
    await client.publishAsync('r/other', '4', { retain: true, qos: 1 });
    relay.mode = 'pass';
    await connectedAndSubscribed(engine, 2);
    await client.publishAsync('r/same', '5', { qos: 1 });
    await expect.poll(() => engine.numbers(1).includes(5), eventually).toBe(true);
    expect(engine.numbers(1).toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
    await client.endAsync();
  });

  test.skipIf(missing)('a broker that is killed and started again is found again, without a session', async () => {
    await using broker = await start();
    const { protocolVersion } = broker;
    // It asks for its session, which the broker has lost.
    const keeping = { protocolVersion, cleanStart: false, sessionExpiry: 60 };
    using engine = new TestEngine(`ws://127.0.0.1:${broker.wsPort}/`, keeping, shortestBackoff);
    engine.open(1, { filters: ['t'], qos: 1 });
    await connectedAndSubscribed(engine);
    await broker.stop();
    await expect.poll(() => engine.errorCode, eventually).toBe('unreachable');
    expect(engine.status.state).toBe('reconnecting');
    await broker.start();
    await connectedAndSubscribed(engine, 2);
    expect(engine.status).toMatchObject({ state: 'connected', sessionPresent: false });
    // Nothing of it was stored: the page shows a gap.
    expect(engine.all('status').at(-1)).not.toHaveProperty('stored');
    const client = await connectAsync(broker.tcpUrl);
    await publishAll(client, numbers(1, 20));
    await expect.poll(() => engine.numbers(1), eventually).toEqual(numbers(1, 20));
    await client.endAsync();
  });

  test.skipIf(missing)('a broker that is killed and started again with its sessions loses nothing', async () => {
    await using broker = await start({ keepsSessions: true });
    await using relay = await Relay.start(broker.wsPort);
    const { protocolVersion } = broker;
    const keeping = { protocolVersion, cleanStart: false, sessionExpiry: 60 };
    using engine = new TestEngine(`ws://127.0.0.1:${relay.port}/`, keeping, shortestBackoff);
    engine.open(1, { filters: ['t'], qos: 1 });
    await connectedAndSubscribed(engine);
    const before = await connectAsync(broker.tcpUrl);
    await publishAll(before, numbers(1, 5));
    await expect.poll(() => engine.numbers(1), eventually).toEqual(numbers(1, 5));
    relay.mode = 'refuse';
    relay.cut();
    await publishAll(before, numbers(6, 25));
    await before.endAsync();
    await broker.saved();
    await broker.stop();
    await broker.start();
    relay.mode = 'pass';
    await expect.poll(() => engine.connections, eventually).toBe(2);
    expect(engine.all('status').at(-1)).toMatchObject({ status: { sessionPresent: true }, stored: [1] });
    const after = await connectAsync(broker.tcpUrl);
    await publishAll(after, numbers(26, 30));
    await expect.poll(() => engine.numbers(1).at(-1), eventually).toBe(30);
    expect(engine.numbers(1)).toEqual(numbers(1, 30));
    expect(relay.open).toBe(1);
    await after.endAsync();
  });

  test.skipIf(missing)('what a kept session promised arrives once, after the client was away', async () => {
    await using broker = await start();
    await using relay = await Relay.start(broker.wsPort);
    using engine = engineThrough(relay, broker, { cleanStart: false, sessionExpiry: 60 });
    const client = await connectAsync(broker.tcpUrl);
    engine.open(1, { filters: ['t'], qos: 1 });
    await connectedAndSubscribed(engine);
    await publishAll(client, numbers(1, 10));
    await expect.poll(() => engine.rows(1), eventually).toBe(10);
    relay.mode = 'refuse';
    relay.cut();
    await expect.poll(() => engine.errorCode, eventually).toBe('unreachable');
    await publishAll(client, numbers(11, 60));
    relay.mode = 'pass';
    await expect.poll(() => engine.connections, eventually).toBe(2);
    expect(engine.status).toMatchObject({ sessionPresent: true });
    await publishAll(client, numbers(61, 70));
    await expect.poll(() => engine.numbers(1).at(-1), eventually).toBe(70);
    expect(engine.numbers(1).toSorted((a, b) => a - b)).toEqual(numbers(1, 70));
    expect(relay.open).toBe(1);
    await client.endAsync();
  });

  test.skipIf(missing)('a half-open connection is found by keepalive, and left', async () => {
    await using broker = await start();
    await using relay = await Relay.start(broker.wsPort);
    const { protocolVersion } = broker;
    const url = `ws://127.0.0.1:${relay.port}/`;
    using engine = new TestEngine(url, { protocolVersion, keepalive: 1, connectTimeout: 0.3 }, shortestBackoff);
    engine.open(1);
    await connectedAndSubscribed(engine);
    relay.mode = 'swallow';
    const dead = Date.now();
    await expect.poll(() => engine.states, eventually).toContain('reconnecting');
    const lost = engine.all('status').find(({ status }) => status.state === 'reconnecting');
    expect(lost).toMatchObject({
      status: { error: { code: 'silent', message: expect.stringMatching(/stopped answering/) } },
    });
    // Nothing has come since then, whenever it was noticed.
    expect(lost!.status.since).toBeLessThanOrEqual(dead);
    await expect.poll(() => engine.errorCode, eventually).toBe('timeout');
    relay.mode = 'pass';
    await connectedAndSubscribed(engine, 2);
    await expect.poll(() => relay.open, eventually).toBe(1);
  });

  test.skipIf(missing)('a stall shorter than the keepalive loses nothing', async () => {
    await using broker = await start();
    await using relay = await Relay.start(broker.wsPort);
    using engine = engineThrough(relay, broker);
    const client = await connectAsync(broker.tcpUrl);
    engine.open(1, { pendingRows: 1_000 });
    await connectedAndSubscribed(engine);
    relay.mode = 'stall';
    await publishAll(client, numbers(1, 500), 0);
    await client.publishAsync('end', '', { qos: 1 });
    await sleep(100);
    expect(engine.rows(1)).toBe(0);
    relay.mode = 'pass';
    await expect.poll(() => engine.numbers(1), eventually).toEqual(numbers(1, 500));
    expect(engine.states).toEqual(['connecting', 'connected']);
    await client.endAsync();
  });

  test.skipIf(missing)('bytes that come one at a time are the same messages', async () => {
    await using broker = await start();
    await using relay = await Relay.start(broker.wsPort);
    relay.byteByByte = true;
    using engine = engineThrough(relay, broker);
    const client = await connectAsync(broker.tcpUrl);
    engine.open(1, { filters: ['t'], qos: 1 });
    await connectedAndSubscribed(engine);
    await publishAll(client, numbers(1, 50), 1);
    await publishAll(client, numbers(51, 100), 0);
    await expect.poll(() => engine.rows(1), eventually).toBe(100);
    expect(engine.numbers(1).toSorted((a, b) => a - b)).toEqual(numbers(1, 100));
    await client.endAsync();
  });

  test.skipIf(missing)('a network that refuses, or is too slow, is reported until it works', async () => {
    await using broker = await start();
    await using relay = await Relay.start(broker.wsPort);
    relay.mode = 'refuse';
    const { protocolVersion } = broker;
    const url = `ws://127.0.0.1:${relay.port}/`;
    using engine = new TestEngine(url, { protocolVersion, connectTimeout: 0.5 }, shortestBackoff);
    await expect.poll(() => engine.errorCode, eventually).toBe('unreachable');
    relay.mode = 'pass';
    relay.delayMs = 1_000;
    await expect.poll(() => engine.errorCode, eventually).toBe('timeout');
    expect(engine.status.state).toBe('connecting');
    relay.delayMs = 0;
    await expect.poll(() => engine.status.state, eventually).toBe('connected');
    await expect.poll(() => relay.open, eventually).toBe(1);
  });

  test.skipIf(missing)('ten tabs with one client id do not storm the broker, and say what is wrong', async () => {
    await using broker = await start();
    await using relay = await Relay.start(broker.wsPort);
    const { protocolVersion } = broker;
    const url = `ws://127.0.0.1:${relay.port}/`;
    // The same random numbers give all of them the same id; their backoffs are in the middle.
    const engines = numbers(1, 10).map(() => new TestEngine(url, { protocolVersion }, { random: () => 0.1 }));
    await expect.poll(() => engines.some((engine) => hadError(engine, 'client-id')), eventually).toBe(true);
    const before = relay.accepted;
    await sleep(1_000);
    // Without a memory of what went before there would be some five a second for each.
    expect(relay.accepted - before).toBeLessThan(15);
    expect(relay.open).toBeLessThanOrEqual(10);
    for (const engine of engines) {
      engine[Symbol.dispose]();
    }
    await expect.poll(() => relay.open, eventually).toBe(0);
  });

  test.skipIf(missing)(
    'a flood of 50,000 retained messages arrives whole, over one connection',
    async () => {
      const COUNT = 50_000;
      // mosquitto gives up what does not fit into the queue of a client, 1,000 messages by default.
      await using broker = await start({ extra: 'max_queued_messages 0' });
      const client = await connectAsync(broker.tcpUrl);
      for (let n = 0; n < COUNT; n += 1_000) {
        await Promise.all(
          numbers(n, n + 999).map((i) => client.publishAsync(`r/${i % 500}/${i}`, String(i), { retain: true, qos: 0 }))
        );
      }
      await client.publishAsync('r/last', '-1', { retain: true, qos: 1 });
      const { protocolVersion } = broker;
      using engine = new TestEngine(
        `ws://127.0.0.1:${broker.wsPort}/`,
        { protocolVersion, keepalive: 15 },
        shortestBackoff
      );
      engine.open(1, { filters: ['r/#'], maxSeries: COUNT + 1 });
      await expect.poll(() => engine.rows(1), { timeout: 100_000, interval: 50 }).toBe(COUNT + 1);
      expect(engine.states).toEqual(['connecting', 'connected']);
      await client.endAsync();
    },
    120_000
  );

  test.skipIf(missing)('leaves no socket and no timer behind, whatever happened', async () => {
    await using broker = await start();
    await using relay = await Relay.start(broker.wsPort);
    const { protocolVersion } = broker;
    await sleep(50);
    const before = resources();
    const url = `ws://127.0.0.1:${relay.port}/`;
    {
      using engine = new TestEngine(url, { protocolVersion, keepalive: 1, connectTimeout: 0.3 }, shortestBackoff);
      engine.open(1);
      for (let connections = 1; connections <= 4; connections++) {
        await connectedAndSubscribed(engine, connections);
        relay.mode = connections % 2 === 0 ? 'refuse' : 'pass';
        relay.cut();
        await expect.poll(() => engine.status.state, eventually).toBe('reconnecting');
        relay.mode = 'pass';
      }
    }
    await expect.poll(() => relay.open, eventually).toBe(0);
    // Not with expect.poll, whose own timer would count.
    for (let i = 0; i < 500 && resources() > before; i++) {
      await sleep(20);
    }
    expect(resources()).toBeLessThanOrEqual(before);
  });
});
