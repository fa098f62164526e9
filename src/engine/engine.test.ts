import { createServer, type Server, type Socket as TcpSocket } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { once } from 'node:events';
import { setImmediate as nextTurn, setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { startBroker, type TestBroker } from '../../broker/fixture';
import { freePort } from '../../testing/programs';
import { timesOf } from '../payload';
import { eventually, SPEC, TestEngine } from '../testing/test-engine';
import type { StreamSpec, StreamStats } from './protocol';

function filters(broker: { subscriptions(): Map<string, string[]> }): string[] {
  return [...broker.subscriptions().values()].flat().toSorted();
}

describe('streams', () => {
  test('share one subscription per filter, and the last to go ends it', async () => {
    await using broker = await startBroker();
    using engine = new TestEngine(broker.ws!.url);
    engine.post({ type: 'open', stream: 1, spec: SPEC });
    engine.post({ type: 'open', stream: 2, spec: { ...SPEC, filters: ['t', 'u'] } });
    await expect.poll(() => filters(broker), eventually).toEqual(['t', 'u']);
    expect(broker.clients()).toBe(1);
    engine.post({ type: 'close', stream: 1 });
    engine.post({ type: 'close', stream: 2 });
    await expect.poll(() => filters(broker), eventually).toEqual([]);
  });

  test('a message that matches three overlapping filters comes once to each stream that wants it', async () => {
    await using broker = await startBroker();
    using engine = new TestEngine(broker.ws!.url);
    engine.post({ type: 'open', stream: 1, spec: { ...SPEC, filters: ['ov/#', 'ov/+', 'ov/a'] } });
    engine.post({ type: 'open', stream: 2, spec: { ...SPEC, filters: ['ov/#'] } });
    // The one that covers the others is enough.
    await expect.poll(() => filters(broker), eventually).toEqual(['ov/#']);
    expect(broker.clients()).toBe(1);
    await broker.publish({ topic: 'ov/a', payload: '1' });
    await broker.publish({ topic: 'ov/b', payload: '2' });
    await expect.poll(() => [engine.rows(1), engine.rows(2)], eventually).toEqual([2, 2]);
  });

  test('one refused filter does not take the others with it, also after a reconnect', async () => {
    await using broker = await startBroker({
      authorizeSubscribe: (_client, subscription, done) =>
        done(null, subscription.topic === 'secret' ? null : subscription),
    });
    using engine = new TestEngine(broker.ws!.url);
    engine.post({ type: 'open', stream: 1, spec: { ...SPEC, filters: ['a', 'secret', 'b'] } });
    await expect.poll(() => filters(broker), eventually).toEqual(['a', 'b']);
    await expect.poll(() => engine.all('subscribed').at(-1)?.refused, eventually).toHaveLength(1);
    expect(engine.all('subscribed').at(-1)).toMatchObject({
      stream: 1,
      granted: false,
      refused: [{ filter: 'secret' }],
    });
    broker.disconnectAll();
    await expect
      .poll(() => engine.all('status').filter(({ status }) => status.state === 'connected').length, eventually)
      .toBe(2);
    await expect.poll(() => filters(broker), eventually).toEqual(['a', 'b']);
  });

  test('more topics than the cap are counted, each once', async () => {
    await using broker = await startBroker();
    using engine = new TestEngine(broker.ws!.url);
    engine.post({ type: 'open', stream: 1, spec: { ...SPEC, filters: ['many/#'] } });
    await expect.poll(() => filters(broker), eventually).toEqual(['many/#']);
    for (let i = 0; i < 2 * 15; i++) {
      await broker.publish({ topic: `many/${i % 15}`, payload: '1' });
    }
    await expect.poll(() => engine.rows(1), eventually).toBe(20);
    await expect.poll(() => engine.all('batch').at(-1)?.streams[0].stats.refusedTopics, eventually).toBe(5);
  });

  test('come as often as the page shows them, and at once when it shows them more often', async () => {
    await using broker = await startBroker();
    using engine = new TestEngine(broker.ws!.url);
    engine.open(1);
    engine.open(2, { filters: ['other'] });
    await expect.poll(() => filters(broker), eventually).toEqual(['other', 't']);
    engine.post({ type: 'tick', stream: 1, ms: 3_600_000 });
    const publish = async (topic: string, count: number) => {
      for (let i = 0; i < count; i++) {
        await broker.publish({ topic, payload: '1' });
      }
    };
    await publish('t', 20);
    // The first ones after a quiet while do not wait, nor a message of a stream that is shown often
    await expect.poll(() => engine.rows(1), eventually).toBeGreaterThan(0);
    await publish('t', 20);
    await publish('other', 1);
    await expect.poll(() => [engine.rows(1), engine.rows(2)], eventually).toEqual([40, 1]);
    await publish('t', 50);
    const before = engine.rows(1);
    await setTimeout(400);
    expect(engine.rows(1)).toBe(before);
    engine.post({ type: 'tick', stream: 1, ms: 100 });
    await expect.poll(() => engine.rows(1), eventually).toBe(90);
  });

  describe('where the page does not take what it was sent', () => {
    /** Publishes numbers from 0 on that come while the first batch, of a number before them, is not taken. */
    async function publishTo(engine: TestEngine, broker: TestBroker, spec: Partial<StreamSpec>, count: number) {
      engine.acknowledges = false;
      engine.post({ type: 'open', stream: 1, spec: { ...SPEC, ...spec } });
      await expect.poll(() => filters(broker), eventually).toEqual(['t']);
      await broker.publish({ topic: 't', payload: '-1' });
      await expect.poll(() => engine.all('batch').length, eventually).toBe(1);
      for (let i = 0; i < count; i++) {
        await broker.publish({ topic: 't', payload: String(i) });
        // Not all in one frame
        await nextTurn();
      }
      // A message of another topic, answered by the broker after all others, shows that they have come.
      engine.post({ type: 'open', stream: 2, spec: { ...SPEC, filters: ['end'] } });
      await expect.poll(() => filters(broker), eventually).toEqual(['end', 't']);
    }

    /** All that has come and now comes; a batch that is taken lets the next one come. */
    async function takeAll(engine: TestEngine, newest: number): Promise<{ numbers: number[]; stats: StreamStats }> {
      engine.acknowledges = true;
      for (let untaken = engine.all('batch').length; untaken > 0; untaken--) {
        engine.post({ type: 'ack' });
      }
      await expect.poll(() => engine.numbers(1).at(-1), eventually).toBe(newest);
      const batches = engine.all('batch').flatMap(({ streams }) => streams.filter(({ stream }) => stream === 1));
      return { numbers: engine.numbers(1), stats: batches.at(-1)!.stats };
    }

    test('for a moment, nothing is lost', async () => {
      await using broker = await startBroker();
      using engine = new TestEngine(broker.ws!.url);
      await publishTo(engine, broker, { maxRows: 1_000 }, 250);
      const { numbers, stats } = await takeAll(engine, 249);
      expect(numbers).toEqual(Array.from({ length: 251 }, (_, i) => i - 1));
      expect(stats).toMatchObject({ messages: 251, droppedRows: 0 });
    });

    test('for long, it is sent no more than a few batches, gets the newest rows, and is told how many it missed', async () => {
      await using broker = await startBroker();
      using engine = new TestEngine(broker.ws!.url);
      await publishTo(engine, broker, { maxRows: 1_000 }, 1_000);
      await expect.poll(() => engine.all('batch').length, eventually).toBe(4);
      const { numbers, stats } = await takeAll(engine, 999);
      expect(numbers.slice(-100)).toEqual(Array.from({ length: 100 }, (_, i) => 900 + i));
      expect(stats).toMatchObject({ messages: 1_001, droppedRows: 1_001 - numbers.length });
      expect(stats.droppedRows).toBeGreaterThan(500);
    });

    test('and the query names how many rows it keeps, what it would not have kept is no loss', async () => {
      await using broker = await startBroker();
      using engine = new TestEngine(broker.ws!.url);
      await publishTo(engine, broker, {}, 1_000);
      expect(engine.all('batch')).toHaveLength(1);
      const { numbers, stats } = await takeAll(engine, 999);
      expect(numbers).toEqual([-1, ...Array.from({ length: 100 }, (_, i) => 900 + i)]);
      expect(stats).toMatchObject({ messages: 1_001, droppedRows: 0 });
    });
  });
});

test('a clock that is set back does not make rows run backwards', async () => {
  await using broker = await startBroker();
  let now = 2_000_000;
  using engine = new TestEngine(broker.ws!.url, {}, { now: () => now });
  engine.open(1);
  await expect.poll(() => filters(broker), eventually).toEqual(['t']);
  for (const [i, time] of [2_000_000, 1_000_000, 1_500_000, 2_000_001].entries()) {
    now = time;
    await broker.publish({ topic: 't', payload: String(i) });
    await expect.poll(() => engine.rows(1), eventually).toBe(i + 1);
  }
  const times = engine
    .all('batch')
    .flatMap(({ streams: [{ chunks }] }) => chunks.flatMap((chunk) => [...timesOf(chunk)]));
  expect(times).toEqual([2_000_000, 2_000_000, 2_000_000, 2_000_001]);
});

describe('a connection', () => {
  test('comes back by itself, with another id than any other tab’s', async () => {
    await using broker = await startBroker();
    using first = new TestEngine(broker.ws!.url);
    using second = new TestEngine(broker.ws!.url);
    await expect.poll(() => [first.status.state, second.status.state], eventually).toEqual(['connected', 'connected']);
    broker.disconnectAll();
    await expect
      .poll(() => first.all('status').map(({ status }) => status.state), eventually)
      .toEqual(['connecting', 'connected', 'reconnecting', 'connected']);
  });

  test('to a port where nobody listens is unreachable', async () => {
    const port = await freePort();
    using engine = new TestEngine(`ws://127.0.0.1:${port}/mqtt`);
    await expect.poll(() => engine.errorCode, eventually).toBe('unreachable');
    expect(engine.status.state).toBe('connecting');
  });

  test('to a broker that is gone after a connection needs no other host name, port or path', async () => {
    await using broker = await startBroker();
    using engine = new TestEngine(broker.ws!.url);
    await expect.poll(() => engine.status.state, eventually).toBe('connected');
    await broker.close();
    await expect.poll(() => engine.errorCode, eventually).toBe('unreachable');
    expect(engine.error).toMatchObject({
      connectedBefore: true,
      message: expect.stringMatching(/any more\. Check that the broker is running/),
    });
  });

  test('to a server that accepts and says nothing times out', async () => {
    const { server, port } = await tcpServer(() => undefined);
    using engine = new TestEngine(`ws://127.0.0.1:${port}`, { connectTimeout: 0.2 });
    await expect.poll(() => engine.errorCode, eventually).toBe('timeout');
    server.close();
  });

  test('to a WebSocket that is not MQTT is told from one that is not there', async () => {
    const http = createHttpServer();
    const wss = new WebSocketServer({ server: http, handleProtocols: () => 'mqtt' });
    wss.on('connection', (socket) => socket.on('message', () => socket.close(1000)));
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const address = http.address() as { port: number };
    using engine = new TestEngine(`ws://127.0.0.1:${address.port}`);
    await expect.poll(() => engine.errorCode, eventually).toBe('not-mqtt');
    engine.post({ type: 'stop' });
    wss.clients.forEach((client) => client.terminate());
    http.close();
  });

  test('that is refused says why, and does not storm the broker', async () => {
    let attempts = 0;
    await using broker = await startBroker({
      authenticate: (_client, _user, _password, done) => {
        attempts++;
        done(Object.assign(new Error('no'), { returnCode: 4 as const }), false);
      },
    });
    using engine = new TestEngine(broker.ws!.url);
    await expect.poll(() => engine.errorCode, eventually).toBe('refused');
    expect('error' in engine.status && engine.status.error?.message).toMatch(/user name or password is wrong/);
    expect(attempts).toBe(1);
  });

  test('with an address that is none is not tried again', () => {
    using engine = new TestEngine('not a url');
    expect(engine.status).toMatchObject({ state: 'stopped', error: { code: 'url' } });
  });

  test('that is told to stop takes leave of the broker', async () => {
    await using broker = await startBroker();
    const engine = new TestEngine(broker.ws!.url);
    await expect.poll(() => broker.clients(), eventually).toBe(1);
    engine.post({ type: 'stop' });
    await expect.poll(() => engine.all('stopped').length, eventually).toBe(1);
    await expect.poll(() => broker.clients(), eventually).toBe(0);
  });
});

async function tcpServer(onSocket: (socket: TcpSocket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer(onSocket);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as { port: number }).port };
}
