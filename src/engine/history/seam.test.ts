/** The point where history ends and live messages begin: no message twice, none missing. */
import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startBroker } from '../../../broker/fixture';
import { startStandaloneHistorian } from '../../../broker/history/standalone';
import { mosquittoPath, startMosquitto } from '../../../testing/mosquitto';
import { connectedAndSubscribed, eventually, TestEngine } from '../../testing/test-engine';
import type { RecorderOptions } from '../protocol';

const RECORD: RecorderOptions = { bytes: 16_000_000, ageMs: 366 * 86_400_000, historian: 'history' };
const MANY = { pendingRows: 10_000, maxRows: 100_000 };
const mosquitto = mosquittoPath();

interface Recorded extends AsyncDisposable {
  readonly tcp: string;
  readonly ws: string;
}

const BROKERS: Array<[name: string, start: (() => Promise<Recorded>) | undefined]> = [
  [
    'the embedded broker',
    async () => {
      const broker = await startBroker({ history: { filters: ['#'] } });
      return { tcp: broker.tcp!.url, ws: broker.ws!.url, [Symbol.asyncDispose]: () => broker.close() };
    },
  ],
  [
    'mosquitto with a standalone historian',
    mosquitto === undefined
      ? undefined
      : async () => {
          const broker = await startMosquitto(mosquitto);
          const tcp = `mqtt://127.0.0.1:${broker.tcpPort}`;
          let isThere = (): void => {};
          const connected = new Promise<void>((resolve) => {
            isThere = resolve;
          });
          const historian = await startStandaloneHistorian({
            url: tcp,
            history: { filters: ['#'] },
            onConnected: () => isThere(),
          });
          await connected;
          return {
            tcp,
            ws: broker.wsUrl,
            [Symbol.asyncDispose]: async () => {
              await historian.close();
              await broker[Symbol.asyncDispose]();
            },
          };
        },
  ],
];

/** A client that has received the first request to a historian, and does not respond. */
async function afterRequest(url: string): Promise<mqtt.MqttClient> {
  const client = await mqtt.connectAsync(url);
  const requests: string[] = [];
  client.on('message', (topic) => requests.push(topic));
  await client.subscribeAsync('history/request/#');
  await expect.poll(() => requests.length, eventually).toBe(1);
  return client;
}

/** Publishes equal messages, three at a time, until it is stopped. @returns how many. */
function publishEqual(client: mqtt.MqttClient, qos: 0 | 1): { count: number; stop(): Promise<void> } {
  const stopping = new AbortController();
  const publisher = {
    count: 0,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
  const running = (async () => {
    while (!stopping.signal.aborted) {
      await Promise.all([1, 2, 3].map(() => client.publishAsync('t', '7', { qos })));
      publisher.count += 3;
      await sleep(5);
    }
  })();
  return publisher;
}

describe.each(BROKERS)('with %s', (_name, start) => {
  test.skipIf(start === undefined).each<[qos: 0 | 1, hours: number]>([
    [0, 0],
    [0, 1],
    [1, -1],
  ])(
    'equal messages of QoS %i in quick succession come once each, with a clock that is %i h ahead',
    async (qos, hours) => {
      await using broker = await start!();
      const client = await mqtt.connectAsync(broker.tcp);
      const publisher = publishEqual(client, qos);
      await expect.poll(() => publisher.count, eventually).toBeGreaterThan(300);
      const now = (): number => Date.now() + hours * 3_600_000;
      using engine = new TestEngine(broker.ws, {}, { now }, false, RECORD);
      engine.open(1, { ...MANY, qos });
      engine.post({ type: 'past', stream: 1, from: now() - 600_000, to: Infinity });
      await expect.poll(() => engine.all('past').at(-1)?.status.state, eventually).toBe('done');
      await publisher.stop();
      await expect.poll(() => engine.rows(1), eventually).toBe(publisher.count);
      engine.open(2, { ...MANY, qos, format: 'number' });
      await expect.poll(() => engine.rows(2), eventually).toBe(publisher.count);
      await client.endAsync(true);
    }
  );
});

test('what a further session missed, which filters that overlap have, comes from the historian', async () => {
  await using broker = await startBroker({ history: { filters: ['#'] } });
  const sockets: WebSocket[] = [];
  let isAway = false;
  const openSocket = (url: string, protocols: string[]): WebSocket => {
    // Nothing listens on this port
    const socket = new WebSocket(isAway ? 'ws://127.0.0.1:1/' : url, protocols);
    sockets.push(socket);
    return socket;
  };
  using engine = new TestEngine(broker.ws!.url, {}, { random: () => 0, openSocket }, false, RECORD);
  engine.open(1, { ...MANY, filters: ['a/+'] });
  await connectedAndSubscribed(engine);
  const first = sockets.length;
  engine.open(2, { ...MANY, filters: ['+/b'] });
  await expect.poll(() => engine.subscribed(2)?.granted, eventually).toBe(true);
  const further = sockets[first];
  for (const stream of [1, 2]) {
    engine.post({ type: 'past', stream, from: Date.now() - 600_000, to: Infinity });
  }
  const done = (): number[] =>
    engine.all('past').flatMap(({ streams, status }) => (status.state === 'done' ? streams : []));
  await expect.poll(() => new Set(done()).size, eventually).toBe(2);
  isAway = true;
  further.terminate();
  await expect.poll(() => sockets.length, eventually).toBeGreaterThan(first + 2);
  await broker.publish({ topic: 'x/b', payload: '1' });
  isAway = false;
  await expect.poll(() => engine.numbers(2), eventually).toEqual([1]);
  expect(engine.connections).toBe(1);
});

/** What it receives is late by so many milliseconds, all of it or so many messages. */
function slowSocket(url: string, protocols: string[], ms: number, messages = Infinity): WebSocket {
  let left = messages;
  const socket = new WebSocket(url, protocols);
  const add = socket.addEventListener.bind(socket) as (type: string, listener: (event: unknown) => void) => void;
  const late = (listener: (event: unknown) => void, event: unknown): void => {
    left--;
    setTimeout(
      () => {
        if (socket.readyState === WebSocket.OPEN) {
          listener(event);
        }
      },
      left >= 0 ? ms : 0
    );
  };
  const addSlow = (type: string, listener: (event: unknown) => void): void =>
    add(type, type === 'message' && ms > 0 ? (event) => late(listener, event) : listener);
  return Object.assign(socket, { addEventListener: addSlow });
}

describe('a session that is slower than another one, which filters that overlap have', () => {
  // The second socket is that of the session with the historian
  test.each([0, 2])('brings each message once (socket %i)', async (slow) => {
    await using broker = await startBroker({ history: { filters: ['#'] } });
    const sockets: WebSocket[] = [];
    const openSocket = (url: string, protocols: string[]): WebSocket => {
      const socket = slowSocket(url, protocols, sockets.length === slow ? 150 : 0);
      sockets.push(socket);
      return socket;
    };
    using engine = new TestEngine(broker.ws!.url, {}, { openSocket }, false, RECORD);
    engine.open(1, { ...MANY, filters: ['a/0'] });
    engine.post({ type: 'past', stream: 1, from: Date.now() - 600_000, to: Infinity });
    await expect.poll(() => engine.all('past').at(-1)?.status.state, eventually).toBe('done');
    const sent: number[] = [];
    const isStopped = new AbortController();
    const publishing = (async () => {
      while (!isStopped.signal.aborted) {
        sent.push(sent.length);
        for (const topic of ['a/0', 'a/1']) {
          await broker.publish({ topic, payload: String(sent.length - 1) });
        }
        await sleep(10);
      }
    })();
    await expect.poll(() => sent.length, eventually).toBeGreaterThan(5);
    engine.open(2, { ...MANY, filters: ['a/+'] });
    // Asked for before and after the further session has its subscription
    engine.post({ type: 'past', stream: 2, from: Date.now() - 600_000, to: Infinity });
    await expect.poll(() => engine.subscribed(2)?.granted, eventually).toBe(true);
    for (let hours = 1; hours < 4; hours++) {
      await sleep(300);
      engine.open(2 + hours, { ...MANY, filters: ['a/+'], format: 'number' });
      engine.post({ type: 'past', stream: 2 + hours, from: Date.now() - hours * 3_600_000, to: Infinity });
      await expect.poll(() => engine.all('past').at(-1)?.status.state, eventually).toBe('done');
    }
    sockets.forEach((socket) => socket.terminate());
    await expect.poll(() => engine.connections, eventually).toBe(2);
    await sleep(1_000);
    isStopped.abort();
    await publishing;
    await expect.poll(() => engine.rows(2), eventually).toBeGreaterThanOrEqual(2 * sent.length);
    await sleep(300);
    for (const stream of [1, 2, 3, 4, 5]) {
      const twice = sent.flatMap((n) => (stream === 1 ? [n] : [n, n]));
      expect(
        engine.numbers(stream).toSorted((a, b) => a - b),
        `stream ${stream}`
      ).toEqual(twice);
    }
  });
});

test('what was published before a further session stood comes from the historian, however late that is', async () => {
  await using broker = await startBroker({ history: { filters: ['#'] } });
  const sockets: WebSocket[] = [];
  const openSocket = (url: string, protocols: string[]): WebSocket => {
    const isFurther = sockets.length === 1;
    // It connects late
    const socket = slowSocket(url, protocols, isFurther ? 7_000 : 0, 1);
    sockets.push(socket);
    return socket;
  };
  const options = { connectTimeout: 20 };
  using engine = new TestEngine(broker.ws!.url, options, { random: () => 0, openSocket }, false, RECORD);
  engine.open(1, { ...MANY, filters: ['a/+'] });
  await connectedAndSubscribed(engine);
  engine.open(2, { ...MANY, filters: ['+/b'] });
  engine.post({ type: 'past', stream: 2, from: Date.now() - 600_000, to: Infinity });
  await expect.poll(() => engine.all('past').at(-1)?.status.state, eventually).toBe('done');
  expect(engine.subscribed(2)?.granted).not.toBe(true);
  const publishedAt = Date.now();
  await broker.publish({ topic: 'x/b', payload: '1' });
  await expect.poll(() => engine.numbers(2), eventually).toEqual([1]);
  // Until it is there, and without a historian, that time is a gap
  const gap = engine.all('gap').find(({ from, to }) => from < publishedAt && to > publishedAt);
  expect(gap?.stored ?? [2]).not.toContain(2);
});

test('what was missed while the connection was away comes once each', async () => {
  await using broker = await startBroker({ history: { filters: ['#'] } });
  const client = await mqtt.connectAsync(broker.tcp!.url);
  using engine = new TestEngine(broker.ws!.url, {}, { random: () => 0 }, false, RECORD);
  engine.open(1, MANY);
  engine.post({ type: 'past', stream: 1, from: Date.now() - 600_000, to: Infinity });
  await expect.poll(() => engine.all('past').at(-1)?.status.state, eventually).toBe('done');
  const publisher = publishEqual(client, 0);
  for (let connections = 2; connections < 5; connections++) {
    const before = publisher.count;
    await expect.poll(() => publisher.count, eventually).toBeGreaterThan(before + 200);
    for (const socket of engine.sockets) {
      socket.terminate();
    }
    await expect.poll(() => engine.connections, eventually).toBe(connections);
    await expect
      .poll(() => engine.all('past').filter(({ status }) => status.state === 'done').length, eventually)
      .toBeGreaterThanOrEqual(connections);
  }
  await publisher.stop();
  await expect.poll(() => engine.rows(1), eventually).toBe(publisher.count);
  engine.open(2, { ...MANY, format: 'number' });
  await expect.poll(() => engine.rows(2), eventually).toBe(publisher.count);
  await client.endAsync(true);
});

test('a session with the historian that is lost is given up: it does not connect again', async () => {
  await using broker = await startBroker({ history: { filters: ['#'] } });
  using engine = new TestEngine(broker.ws!.url, {}, { random: () => 0 }, false, RECORD);
  engine.open(1, MANY);
  engine.post({ type: 'past', stream: 1, from: Date.now() - 600_000, to: Infinity });
  const answered = (): number => engine.all('past').filter(({ status }) => status.state === 'done').length;
  await expect.poll(answered, eventually).toBe(1);
  for (let losses = 1; losses <= 3; losses++) {
    for (const socket of engine.sockets) {
      socket.terminate();
    }
    await expect.poll(answered, eventually).toBe(1 + losses);
  }
  // One for the live messages, and one for the historian
  await expect.poll(() => broker.connections().length, eventually).toBe(2);
  expect(engine.sockets.filter(({ readyState }) => readyState <= 1)).toHaveLength(2);
});

test('a retained message that a new connection brings again is no message of its own', async () => {
  await using broker = await startBroker();
  const publish = (payload: string) => broker.publish({ topic: 't', payload, retain: true });
  const { historian: _, ...record } = RECORD;
  using engine = new TestEngine(broker.ws!.url, {}, { random: () => 0 }, false, record);
  engine.open(1, MANY);
  await connectedAndSubscribed(engine);
  await publish('1');
  await publish('2');
  await expect.poll(() => engine.numbers(1), eventually).toEqual([1, 2]);
  engine.sockets[0].terminate();
  await connectedAndSubscribed(engine, 2);
  await publish('3');
  await expect.poll(() => engine.numbers(1).at(-1), eventually).toBe(3);
  expect(engine.numbers(1)).toEqual([1, 2, 3]);
  engine.sockets[1].terminate();
  await publish('4');
  await expect.poll(() => engine.numbers(1), eventually).toEqual([1, 2, 3, 4]);
  // Messages that were published meanwhile are recorded, too
  engine.open(2, { ...MANY, format: 'number' });
  await expect.poll(() => engine.numbers(2), eventually).toEqual([1, 2, 3, 4]);
});

async function startHistorian(url: string) {
  let isThere = (): void => {};
  const connected = new Promise<void>((resolve) => {
    isThere = resolve;
  });
  const historian = await startStandaloneHistorian({
    url,
    history: { filters: ['#'] },
    onConnected: () => isThere(),
  });
  await connected;
  return historian;
}

describe('a historian', () => {
  test('that comes back is asked again', async () => {
    await using broker = await startBroker();
    const client = await mqtt.connectAsync(broker.tcp!.url);
    const first = await startHistorian(broker.tcp!.url);
    using engine = new TestEngine(broker.ws!.url, {}, { random: () => 0 }, false, RECORD);
    engine.open(1, MANY);
    engine.post({ type: 'past', stream: 1, from: Date.now() - 600_000, to: Infinity });
    await expect.poll(() => engine.all('past').at(-1)?.status.state, eventually).toBe('done');
    await first.close();
    await using second = await startHistorian(broker.tcp!.url);
    await client.publishAsync('t', '1', { qos: 1 });
    await expect.poll(() => second.stats.messages, eventually).toBe(1);
    for (const socket of engine.sockets) {
      socket.terminate();
    }
    await client.publishAsync('t', '2', { qos: 1 });
    await second.close();
    await using third = await startHistorian(broker.tcp!.url);
    await expect.poll(() => third.stats.requests, { ...eventually, timeout: 15_000 }).toBeGreaterThan(0);
    await client.endAsync(true);
  });

  test('that was not there when the page opened is asked when it comes', async () => {
    await using broker = await startBroker();
    using engine = new TestEngine(broker.ws!.url, {}, { random: () => 0 }, false, RECORD);
    engine.open(1, MANY);
    engine.post({ type: 'past', stream: 1, from: Date.now() - 600_000, to: Infinity });
    await expect.poll(() => engine.all('past').at(-1)?.status.state, eventually).toBe('done');
    await using historian = await startHistorian(broker.tcp!.url);
    await expect.poll(() => historian.stats.requests, eventually).toBe(1);
    await expect.poll(() => engine.all('past').at(-1)?.status.state, eventually).toBe('done');
  });

  test('that missed a request because it was not back yet is sent it when it is', async () => {
    await using broker = await startBroker();
    // A broker that stops does not send wills: the status is that of before
    await broker.publish({ topic: 'history/status', payload: '{"v":2}', retain: true });
    using engine = new TestEngine(broker.ws!.url, {}, { random: () => 0 }, false, RECORD);
    engine.open(1, MANY);
    engine.post({ type: 'past', stream: 1, from: Date.now() - 600_000, to: Infinity });
    const client = await afterRequest(broker.tcp!.url);
    await using historian = await startHistorian(broker.tcp!.url);
    // Before the first request has waited in vain
    await expect.poll(() => historian.stats.requests, { ...eventually, timeout: 7_000 }).toBe(1);
    await expect.poll(() => engine.all('past').at(-1)?.status.state, eventually).toBe('done');
    await client.endAsync(true);
  });

  test('that was away says so before the rows around that time are there', async () => {
    await using broker = await startBroker();
    const client = await mqtt.connectAsync(broker.tcp!.url);
    client.on('message', (topic) => {
      const now = Date.now();
      const times = [now - 6_000, now - 4_000];
      const part = {
        topics: [{ topic: 't', first: 0, times, payloads: ['1', '2'] }],
        away: [[now - 5_500, now - 4_500]],
      };
      client.publish(
        topic.replace('/request/', '/response/'),
        JSON.stringify({ v: 2, part: 0, now, run: 'run', total: 2, done: true, truncated: false, ...part })
      );
    });
    await client.subscribeAsync('history/request/#');
    await client.publishAsync('history/status', '{"v":2}', { retain: true, qos: 1 });
    using engine = new TestEngine(broker.ws!.url, {}, { random: () => 0 }, false, RECORD);
    engine.open(1, MANY);
    engine.post({ type: 'past', stream: 1, from: Date.now() - 600_000, to: Infinity });
    await expect.poll(() => engine.numbers(1), eventually).toEqual([1, 2]);
    const kinds = engine.posted.map((each) =>
      each.type === 'batch' && each.streams.some(({ chunks }) => chunks.length > 0) ? 'rows' : each.type
    );
    expect(kinds).toContain('gap');
    expect(kinds.indexOf('gap')).toBeLessThan(kinds.indexOf('rows'));
    await client.endAsync(true);
  });

  test('that stops is not waited for', async () => {
    await using broker = await startBroker();
    const publishStatus = (payload: string) => broker.publish({ topic: 'history/status', payload, retain: true });
    await publishStatus('{"v":2}');
    using engine = new TestEngine(broker.ws!.url, {}, { random: () => 0 }, false, RECORD);
    engine.open(1, MANY);
    engine.post({ type: 'past', stream: 1, from: Date.now() - 600_000, to: Infinity });
    const client = await afterRequest(broker.tcp!.url);
    await publishStatus('');
    await expect
      .poll(() => engine.all('past').at(-1)?.status, { ...eventually, timeout: 7_000 })
      .toMatchObject({
        state: 'failed',
        reason: 'the historian has stopped',
      });
    await client.endAsync(true);
  });
});
