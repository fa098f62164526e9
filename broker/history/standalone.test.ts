import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../config/check';
import { loadHistorian } from '../config/historian';
import { startBroker } from '../fixture';
import { connectClient, until, type TestClient } from '../testing/clients';
import { startStandaloneHistorian, type StandaloneHistorian, type StandaloneOptions } from './standalone';
import { connectHistory } from '../testing/history-client';
import { type Mosquitto, mosquittoPath, startMosquitto } from '../../testing/mosquitto';

const mosquitto = mosquittoPath();

interface OtherBroker extends AsyncDisposable {
  url: string;
}

/** Brokers that keep no history of their own. */
const BROKERS: Array<[name: string, start: (() => Promise<OtherBroker>) | undefined]> = [
  [
    'the embedded broker',
    async () => {
      const broker = await startBroker();
      return { url: broker.tcp!.url, [Symbol.asyncDispose]: () => broker.close() };
    },
  ],
  ['mosquitto', mosquitto === undefined ? undefined : async () => overTcp(await startMosquitto(mosquitto))],
];

function overTcp(broker: Mosquitto): OtherBroker {
  return {
    url: `mqtt://127.0.0.1:${broker.tcpPort}`,
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}

/** A standalone historian that is connected. */
async function connected(options: StandaloneOptions, errors: string[] = []): Promise<StandaloneHistorian> {
  let is = false;
  const historian = await startStandaloneHistorian({
    ...options,
    onConnected: () => {
      is = true;
      options.onConnected?.();
    },
    onError: ({ message }) => errors.push(message),
  });
  await until(`it to be connected; ${errors.join()}`, () => is || errors.length > 0);
  return historian;
}

/** The rules that docs/history.md gives for mosquitto. */
const [, RULES] =
  /^```text\n(# mosquitto's acl_file\n.*?)^```/ms.exec(
    readFileSync(new URL('../../docs/history.md', import.meta.url), 'utf8')
  ) ?? [];

const statuses = (client: TestClient): string[] =>
  client.deliveries.filter(({ topic }) => topic === 'history/status').map(({ text }) => text);

describe.each(BROKERS)('for %s', (name, start) => {
  test.skipIf(start === undefined)('it records, answers requests, and sets and removes the status', async () => {
    await using broker = await start!();
    const { url } = broker;
    await using watcher = await connectClient(url);
    await watcher.client.publishAsync('home/old', 'retained before it came', { qos: 1, retain: true });
    await watcher.client.subscribeAsync('history/status');
    const history = { filters: ['#', 'home/+/temperature'], age: 60, messages: 5 };
    const historian = await connected({ url, history });
    await until('its status', () => statuses(watcher).length === 1);
    expect(JSON.parse(statuses(watcher)[0])).toEqual({
      v: 2,
      versions: [1, 2],
      age: 60,
      messages: 5,
      userProperties: name === 'mosquitto',
    });

    await using sensor = await connectClient(url);
    for (let n = 0; n < 10; n += 1) {
      await sensor.client.publishAsync('home/hall/temperature', String(n), { qos: 1 });
    }
    await sensor.client.publishAsync('home/bytes', Buffer.from([0xff, 0]), { qos: 1, retain: true });
    await until('all to be recorded', () => historian.stats.messages === 6);
    await using client = await connectHistory(url, 'me/1');
    const { rows, truncated } = await client.request({ filters: ['#'], from: 0 });
    expect(Object.fromEntries(rows)).toEqual({
      'home/hall/temperature': ['5', '6', '7', '8', '9'],
      'home/bytes': [Buffer.from([0xff, 0])],
    });
    expect(truncated).toBe(true);
    expect((await client.request('?')).error?.code).toBe('bad-request');
    await historian.close();
    await until('its goodbye', () => statuses(watcher).length === 2);
    expect(statuses(watcher)[1]).toBe('');
    await using late = await connectClient(url);
    await late.client.subscribeAsync(['history/status', 'home/old']);
    await until('what is retained', () => late.deliveries.length > 0);
    expect(statuses(late)).toEqual([]);
  });

  test.skipIf(start === undefined).each([1, 2])(
    'a response of version %i comes in packets of at most 4,096 bytes',
    async (v) => {
      await using broker = await start!();
      const { url } = broker;
      await using historian = await connected({ url, history: { filters: ['home/#'] } });
      await using client = await connectClient(url);
      for (let n = 0; n < 200; n += 1) {
        await client.client.publishAsync(`home/${n % 7}`, `${n}`.padEnd(50));
      }
      await until('all to be recorded', () => historian.stats.messages === 200);
      await client.client.subscribeAsync('history/response/me/+');
      await client.client.publishAsync('history/request/me/1', JSON.stringify({ v, filters: ['home/#'], from: 0 }));
      const parts = (): string[] => client.deliveries.map(({ text }) => text);
      const isDone = (): boolean => parts().some((text) => (JSON.parse(text) as { done?: boolean }).done === true);
      await until('the response', isDone);
      expect(parts().length).toBeGreaterThan(2);
      for (const { topic, text } of client.deliveries) {
        expect(5 + 2 + topic.length + Buffer.byteLength(text)).toBeLessThanOrEqual(4_096);
      }
    }
  );

  test.skipIf(start === undefined).each([[['#']], [['home/+/t', 'home/hall/+']], [['home/#', '+/hall/t']]])(
    'what it records of %j comes to it once, requests and marks included',
    async (filters) => {
      await using broker = await start!();
      const { url } = broker;
      await using historian = await connected({ url, history: { filters } });
      await using client = await connectHistory(url, 'me');
      await client.client.subscribeAsync('history/mark/me/+');
      for (const payload of ['1', '2']) {
        await client.client.publishAsync('home/hall/t', payload, { qos: 1 });
        await client.client.publishAsync('elsewhere', payload, { qos: 1 });
      }
      const expected = filters.includes('#') ? 4 : 2;
      await until('all to be recorded', () => historian.stats.messages === expected);
      const { parts, rows } = await client.request({ v: 2, filters: ['#'], from: 0, mark: 'me' });
      expect(rows.get('home/hall/t')).toEqual(['1', '2']);
      expect(parts[0].mark).toBe(true);
      expect(historian.stats).toMatchObject({ requests: 1, messages: expected });
      expect(client.deliveries.filter(({ topic }) => topic.startsWith('history/mark/'))).toHaveLength(1);
    }
  );

  test.skipIf(start === undefined)('100,000 rows come whole and in order', async () => {
    await using broker = await start!();
    const { url } = broker;
    await using historian = await connected({ url, history: { filters: ['load/#'] } });
    await using sensor = await connectClient(url);
    for (let n = 0; n < 100; n += 1) {
      // A thousand at a time, which a broker queues for a subscriber
      await Promise.all(
        Array.from({ length: 1_000 }, (_, row) =>
          sensor.client.publishAsync(`load/${row % 100}`, `{"n":${n * 10 + Math.floor(row / 100)}}`, { qos: 1 })
        )
      );
    }
    await until('all to be recorded', () => historian.stats.messages === 100_000);
    await using client = await connectHistory(url, 'me');
    const { rows, parts } = await client.request({ filters: ['load/+'], from: 0 });
    expect(rows.size).toBe(100);
    const expected = Array.from({ length: 1_000 }, (_, n) => `{"n":${n}}`);
    for (const payloads of rows.values()) {
      expect(payloads).toEqual(expected);
    }
    expect(parts.map(({ part }) => part)).toEqual(parts.map((_, index) => index));
  });
});

test.skipIf(mosquitto === undefined)('with MQTT 5, it records user properties, QoS and RETAIN flag', async () => {
  await using broker = overTcp(await startMosquitto(mosquitto!));
  const { url } = broker;
  await using sensor = await connectClient(url, { protocolVersion: 5 });
  await sensor.client.publishAsync('home/old', 'retained before it came', { qos: 1, retain: true });
  await using historian = await connected({ url, history: { filters: ['home/#'] } });
  const properties = { userProperties: { site: 'north', tag: ['a', 'b'] } };
  await sensor.client.publishAsync('home/a', '1', { qos: 1, retain: true, properties });
  await sensor.client.publishAsync('home/a', '2', { qos: 1 });
  await until('both to be recorded', () => historian.stats.messages === 2);
  await using client = await connectHistory(url, 'me');
  const { parts } = await client.request({ v: 2, filters: ['#'], from: 0 });
  expect(parts.flatMap(({ topics }) => topics)).toMatchObject([
    {
      topic: 'home/a',
      payloads: ['1', '2'],
      retain: [1, 0],
      properties: [{ site: 'north', tag: ['a', 'b'] }, null],
    },
  ]);
});

test.skipIf(mosquitto === undefined)(
  'with MQTT 5, a request names its response topic and has its correlation data back',
  async () => {
    await using broker = overTcp(await startMosquitto(mosquitto!));
    const { url } = broker;
    await using historian = await connected({ url, history: { filters: ['home/#'] } });
    await using client = await connectClient(url, { protocolVersion: 5, clientId: 'me' });
    const responses: Array<[string, string | undefined, number]> = [];
    client.client.on('message', (topic, payload, packet) => {
      const { total = -1 } = JSON.parse(payload.toString()) as { total?: number };
      responses.push([topic, packet.properties?.correlationData?.toString(), total]);
    });
    await client.client.publishAsync('home/a', '1', { qos: 1 });
    await until('it to be recorded', () => historian.stats.messages === 1);
    await client.client.subscribeAsync(['history/response/me/+', 'elsewhere']);
    const request = JSON.stringify({ v: 2, filters: ['home/#'], from: 0 });
    const ask = (responseTopic: string, correlation: string, topic = 'history/request'): void => {
      const properties = { responseTopic, correlationData: Buffer.from(correlation) };
      client.client.publish(topic, request, { qos: 1, properties });
    };
    ask('elsewhere', 'outside of the responses');
    ask('history/response/me/x', 'first');
    ask('history/response/me/x', 'second');
    ask('history/response/me/y', 'third', 'history/request/me/1');
    await until('the responses', () => responses.length === 3);
    expect(responses).toEqual([
      ['history/response/me/x', 'first', 1],
      ['history/response/me/x', 'second', 1],
      ['history/response/me/y', 'third', 1],
    ]);
  }
);

test('it reconnects, reports the outage once, and still has the history of before', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'standalone-historian-'));
  const errors: string[] = [];
  let connections = 0;
  await using broker = await startBroker();
  const { url } = broker.tcp!;
  const options = { url, history: { filters: ['home/#'], directory: folder }, onConnected: () => (connections += 1) };
  const historian = await connected(options, errors);
  await broker.publish({ topic: 'home/a', payload: '1' });
  await until('it to be recorded', () => historian.stats.messages === 1);
  await broker.stop();
  await until('the error', () => errors.length > 0);
  await broker.restart();
  await until('it to be back', () => connections === 2);
  expect(errors).toEqual([
    `${url}: the connection was closed. Messages published until the connection is back are not recorded`,
  ]);
  await broker.publish({ topic: 'home/a', payload: '2' });
  await until('it to be recorded', () => historian.stats.messages === 2);
  await historian.close();

  // Errors of its own, so that the earlier ones do not end the wait for its connection
  await using again = await connected(options);
  await using client = await connectHistory(url, 'me');
  expect((await client.request({ filters: ['#'], from: 0 })).rows.get('home/a')).toEqual(['1', '2']);
  expect(again.stats.requests).toBe(1);
  await again.close();
  await rm(folder, { recursive: true });
});

test('it closes while the broker is stalled', async () => {
  await using broker = await startBroker();
  const historian = await connected({ url: broker.tcp!.url, history: { filters: ['#'] } });
  using stalled = broker.faults.hold();
  await historian.close();
  expect(stalled.count).toBeGreaterThan(0);
});

test('a subscription that the broker refuses is reported', async () => {
  const errors: string[] = [];
  await using broker = await startBroker({
    authorizeSubscribe: (_client, subscription, done) => done(null, subscription.topic === 'b' ? null : subscription),
  });
  await using _ = await connected({ url: broker.tcp!.url, history: { filters: ['a', 'b'] } }, errors);
  expect(errors).toEqual([
    `${broker.tcp!.url}: the broker refused the historian's subscriptions to b. Check the access rules of the broker`,
  ]);
});

test.skipIf(mosquitto === undefined)(
  "the broker's access control hides one client's responses from another",
  async () => {
    const password = 'secret';
    const users = { historian: password, anna: password, bert: password };
    const acl = `${RULES}user anna\ntopic write home/#\n`;
    await using broker = overTcp(await startMosquitto(mosquitto!, { users, acl }));
    const { url } = broker;
    await using historian = await connected({ url, username: 'historian', password, history: { filters: ['home/#'] } });
    await using anna = await connectHistory(url, 'a', { username: 'anna', password });
    await using bert = await connectHistory(url, 'b', { username: 'bert', password });
    await anna.client.publishAsync('home/a', '1', { qos: 1 });
    await until('it to be recorded', () => historian.stats.messages === 1);
    await bert.client.subscribeAsync(['history/response/#', 'history/#']).catch(() => {});
    expect((await anna.request({ filters: ['#'], from: 0 })).rows.get('home/a')).toEqual(['1']);
    expect((await bert.request({ filters: ['home/b'], from: 0 })).rows.size).toBe(0);
    expect(bert.deliveries.filter(({ topic }) => topic.includes('/response/a/'))).toEqual([]);
    // No client may send requests with the client id of another
    await bert.client.publishAsync('history/request/a/99', '{"v":1,"filters":["#"],"from":0}', { qos: 1 });
    await bert.request({ filters: ['home/b'], from: 0 });
    expect(historian.stats.requests).toBe(3);
  }
);

describe('the command', () => {
  test.each<[string[], RegExp]>([
    [[], /^--url: Expected the URL of the broker, such as mqtt:\/\/127\.0\.0\.1:1883, got nothing$/],
    [['--url', 'mqtt://h'], /^--history: Expected a topic filter to record, such as home\/#, got nothing$/],
    [['--url', 'localhost'], /^--url: Expected a URL such as .*"localhost" does not begin with mqtt:\/\//],
    [['--url', 'mqtt://u:secret@h'], /^--url: .*use --username and MQTT_HISTORIAN_PASSWORD$/],
    [['--url', 'mqtt://h', '--history', 'a/#/b'], /^--history\[0\]: Expected a topic filter .*"a\/#\/b" has #/],
    [['--url', 'mqtt://h', '--history', 'a', '--ca', '/nowhere'], /^--ca: The file \/nowhere does not exist$/],
  ])('%j is an error with a clear message', async (args, message) => {
    const failure = loadHistorian(args, {});
    await expect(failure).rejects.toThrow(ConfigError);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.not.toThrow('secret@');
  });

  test('takes flags, variables and a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'standalone-historian-'));
    const file = join(folder, 'historian.yaml');
    await writeFile(file, 'url: mqtts://broker.lan\nusername: historian\ndata: store\nhistory: { filters: [a/#] }\n');
    const env = { MQTT_HISTORIAN_PASSWORD: 'secret', MQTT_HISTORIAN_HISTORY_AGE: '60' };
    const { historian } = await loadHistorian(['--config', file, '--history-root', 'past'], env);
    expect(historian).toMatchObject({
      url: 'mqtts://broker.lan',
      username: 'historian',
      password: 'secret',
      clientId: 'historian',
      history: { filters: ['a/#'], age: 60, root: 'past', directory: join(folder, 'store', 'history') },
    });
    await rm(folder, { recursive: true });
  });

  test('runs, answers requests, and stops at SIGTERM; an invalid command line ends with exit code 2', async () => {
    await using broker = await startBroker();
    const { url } = broker.tcp!;
    const run = (...args: string[]): ChildProcess =>
      spawn(process.execPath, ['--import', 'tsx', 'broker/cli/historian.ts', ...args], {
        cwd: new URL('../..', import.meta.url).pathname,
        stdio: 'ignore',
      });
    const child = run('--url', url, '--history', 'home/#');
    const ended = once(child, 'exit');
    await using client = await connectHistory(url, 'me');
    await client.client.subscribeAsync('history/status');
    await until('its status', () => statuses(client).length === 1);
    await client.client.publishAsync('home/a', '1', { qos: 1 });
    expect((await client.request({ filters: ['#'], from: 0 })).rows.get('home/a')).toEqual(['1']);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    await until('its goodbye', () => statuses(client).at(-1) === '');
    expect(await once(run('--wrong'), 'exit')).toEqual([2, null]);
  });
});
