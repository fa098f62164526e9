/** Access control: a historian is not a way around the rules. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { IClientOptions } from 'mqtt';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { AclRule } from '../auth/acl';
import { hashPassword } from '../auth/password';
import { startBroker, type FixtureOptions, type TestBroker } from '../fixture';
import type { Storage } from '../storage/storage';
import { openDiskStorage } from '../storage/disk/disk';
import { connectClient, next, until } from '../testing/clients';
import { responseOf, connectHistory, type HistoryClient } from '../testing/history-client';

let folder = '';
let users = '';
let broker: TestBroker;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'history-access-'));
  users = join(folder, 'users');
  const hash = await hashPassword('secret');
  const roles = { sensor: 'device', grafana: 'dashboard', kiosk: 'kiosk', anna: '', chief: 'admin' };
  await writeFile(
    users,
    Object.entries(roles)
      .map(([name, role]) => `${name}:${hash}${role && `:${role}`}\n`)
      .join('')
  );
});
afterAll(() => rm(folder, { recursive: true }));
afterEach(() => broker.close());

const acl: AclRule[] = [
  { role: 'device', allow: 'write', topic: '#' },
  { role: 'kiosk', allow: 'read', topic: 'home/+/temperature' },
  { role: 'kiosk', deny: 'read', topic: 'home/safe/#' },
  { role: 'kiosk', allow: 'subscribe', topic: 'home/#' },
  { user: 'anna', allow: 'readwrite', topic: 'anna/#' },
];

async function start(options: FixtureOptions = {}): Promise<void> {
  broker = await startBroker({ history: { filters: ['#'] }, users, acl, ...options });
}

const as = (username: string): IClientOptions => ({ username, password: 'secret' });

const connectAs = (user: string, id = user): Promise<HistoryClient> => connectHistory(broker.tcp!.url, id, as(user));

async function publishAll(...topics: string[]): Promise<void> {
  await using sensor = await connectClient(broker.tcp!.url, as('sensor'));
  for (const topic of topics) {
    await sensor.client.publishAsync(topic, topic, { qos: 1 });
  }
}

const HOUSE = ['home/hall/temperature', 'home/hall/door', 'home/safe/temperature', 'anna/diary'];

test('the built-in dashboard role requests and receives everything, though it may publish nothing', async () => {
  await start();
  await publishAll(...HOUSE);
  await using grafana = await connectAs('grafana');
  expect([...(await grafana.request({ filters: ['#'], from: 0 })).rows.keys()]).toEqual(HOUSE);
  grafana.client.publish('home/hall/temperature', '1');
  await next(grafana.client, 'close');
});

test('a client receives the topics that it may read, and a filter that it may not subscribe to is not authorized', async () => {
  await start();
  await publishAll(...HOUSE);
  await using kiosk = await connectAs('kiosk');
  expect([...(await kiosk.request({ filters: ['home/#'], from: 0 })).rows.keys()]).toEqual(['home/hall/temperature']);
  expect((await kiosk.request({ filters: ['#'], from: 0 })).error).toEqual({
    code: 'not-authorized',
    message: 'This client may not subscribe to "#", so it may not read the history of that filter',
  });
  expect((await kiosk.request({ filters: ['home/safe/temperature'], from: 0 })).error?.code).toBe('not-authorized');
  expect((await kiosk.request({ filters: ['home/hall/temperature', 'anna/#'], from: 0 })).error?.code).toBe(
    'not-authorized'
  );
  await using anna = await connectAs('anna');
  expect([...(await anna.request({ filters: ['#'], from: 0 })).rows.keys()]).toEqual(['anna/diary']);
});

test('changed rules apply to the next request, and to the rest of a response', async () => {
  const file = join(folder, 'acl');
  await writeFile(file, 'user sensor\ntopic write #\nuser anna\ntopic read a/#\ntopic read b/#\n');
  await start({ acl: file });
  await publishAll('a/1', 'b/1');
  await using anna = await connectAs('anna');
  expect([...(await anna.request({ filters: ['#'], from: 0 })).rows.keys()]).toEqual(['a/1', 'b/1']);
  await writeFile(file, 'user sensor\ntopic write #\nuser anna\ntopic read b/#\n');
  await broker.reload();
  expect([...(await anna.request({ filters: ['#'], from: 0 })).rows.keys()]).toEqual(['b/1']);
});

test('hooks decide on the filters, as for a subscription, and not on the request', async () => {
  await start({
    users: undefined,
    acl: undefined,
    authorizePublish: (_client, { topic }, done) => done(topic.startsWith('a/') ? null : new Error('no')),
    authorizeSubscribe: (_client, subscription, done) => {
      if (subscription.topic === 'explode') {
        throw new Error('at once');
      }
      const { topic } = subscription;
      const granted = topic === 'a/#' ? subscription : topic === '+/+' ? { ...subscription, topic: 'a/2' } : null;
      done(topic === 'error' ? new Error('no') : null, granted);
    },
  });
  await broker.publish({ topic: 'a/1', payload: '1' });
  await broker.publish({ topic: 'a/2', payload: '2' });
  await using client = await connectHistory(broker.tcp!.url, 'me');
  expect((await client.request({ filters: ['a/#'], from: 0 })).rows.get('a/1')).toEqual(['1']);
  // A hook may grant less than what was asked for
  expect([...(await client.request({ filters: ['+/+'], from: 0 })).rows]).toEqual([['a/2', ['2']]]);
  for (const filter of ['#', 'error', 'explode']) {
    expect((await client.request({ filters: [filter], from: 0 })).error?.code).toBe('not-authorized');
  }
  expect(client.client.connected).toBe(true);
});

describe('responses', () => {
  test('go to the client that sent the request: nobody else receives them, or may subscribe to them', async () => {
    await start();
    await publishAll(...HOUSE);
    await using chief = await connectAs('chief', 'spy');
    await chief.client.subscribeAsync(['#', 'history/#', 'history/response/+/+', '+/response/#']);
    await expect(chief.client.subscribeAsync('history/response/grafana/+')).rejects.toThrow();
    await expect(chief.client.subscribeAsync('history/response/grafana/#')).rejects.toThrow();
    await using grafana = await connectAs('grafana');
    expect((await grafana.request({ filters: ['#'], from: 0 })).rows.size).toBe(4);
    await publishAll('anna/last');
    await until('the last message', () => chief.deliveries.some(({ topic }) => topic === 'anna/last'));
    expect(chief.deliveries.map(({ topic }) => topic)).toEqual(['history/status', 'anna/last']);
    // Its own come once, however many of its filters match
    await chief.request({ filters: ['home/hall/door'], from: 0 });
    expect(chief.deliveries.filter(({ topic }) => topic.startsWith('history/response/spy/'))).toHaveLength(1);
  });

  test('and the status are published by nobody but the broker', async () => {
    await start();
    for (const topic of [
      'history/response/grafana/1',
      'history/response/chief/1',
      'history/status',
      'history/request/chief',
    ]) {
      await using chief = await connectClient(broker.tcp!.url, { ...as('chief'), clientId: 'chief' });
      chief.client.publish(topic, '{}');
      await next(chief.client, 'close');
      const { error } = broker.clientErrors.at(-1)!;
      expect(error.message).toMatch(
        /is reserved for the broker|is not a request topic: expected history\/request\/CLIENT-ID/
      );
    }
    const will = { topic: 'history/response/grafana/1', payload: Buffer.from('{}'), qos: 0 as const, retain: false };
    await expect(connectClient(broker.tcp!.url, { ...as('chief'), will })).rejects.toThrow();
  });

  test('requests and responses are not recorded, retained, delivered or queued', async () => {
    await start();
    await using session = await connectClient(broker.tcp!.url, { ...as('chief'), clientId: 'away', clean: false });
    await session.client.subscribeAsync('#', { qos: 1 });
    await session.client.endAsync(true);
    await using grafana = await connectAs('grafana');
    for (const qos of [0, 1, 2] as const) {
      const request = { v: 1, filters: ['#'], from: 0 };
      grafana.client.publish(`history/request/grafana/q${qos}`, JSON.stringify(request), { qos, retain: true });
      expect(await responseOf(grafana, `history/response/grafana/q${qos}`)).toMatchObject({
        rows: new Map(),
        truncated: false,
      });
    }
    expect(broker.received).toEqual([]);
    expect(broker.stats()).toMatchObject({
      historyMessages: 0,
      retainedMessages: 0,
      queuedMessages: 0,
      historyRequests: 3,
    });
  });
});

test('a client may send requests for another connection of its user, and of nobody else', async () => {
  await start();
  await publishAll(...HOUSE);
  await using screen = await connectAs('grafana', 'screen');
  await using shell = await connectClient(broker.tcp!.url, { ...as('grafana'), clientId: 'shell' });
  const request = JSON.stringify({ v: 1, filters: ['#'], from: 0 });
  shell.client.publish('history/request/screen/7', request);
  expect((await responseOf(screen, 'history/response/screen/7')).rows.size).toBe(4);
  await using anna = await connectAs('anna');
  anna.client.publish('history/request/screen/8', request);
  anna.client.publish('history/request/nobody/9', request);
  const refused = await responseOf(anna, 'history/response/anna/8');
  expect(refused.error).toEqual({
    code: 'not-authorized',
    message: 'This user has no connected client "screen": use your own client id in the request topic',
  });
  expect((await responseOf(anna, 'history/response/anna/9')).error?.code).toBe('not-authorized');
  expect(screen.deliveries.filter(({ topic }) => topic.endsWith('/8'))).toEqual([]);
});

describe('the status', () => {
  test('announces the historian, also to a client that may read nothing', async () => {
    await start({ history: { filters: ['#'], age: 60, messages: 7 } });
    await using sensor = await connectClient(broker.tcp!.url, as('sensor'));
    await sensor.client.subscribeAsync('history/status');
    await until('it', () => sensor.deliveries.length === 1);
    expect(sensor.deliveries[0]).toMatchObject({ topic: 'history/status', retain: true });
    expect(JSON.parse(sensor.deliveries[0].text)).toEqual({
      v: 2,
      versions: [1, 2],
      age: 60,
      messages: 7,
      userProperties: false,
    });
  });

  test('is not a stored retained message, and retained messages do not replace it', async () => {
    const storage = (): Promise<Storage> => openDiskStorage(join(folder, 'store'));
    const open: FixtureOptions = { users: undefined, acl: undefined, storage };
    const retained = async (): Promise<string[]> => {
      await using client = await connectClient(broker.tcp!.url, { clientId: 'me' });
      await client.client.subscribeAsync('#');
      await until('the last of them', () => client.deliveries.some(({ topic }) => topic === 'last'));
      return client.deliveries.map(({ topic, text }) => `${topic}: ${text}`).toSorted();
    };
    await start({ ...open, history: undefined });
    // Without a historian these are topics like any other
    const topics = ['history/status', 'history/response/me/1', 'history/request/me/1', 'history/other', 'last'];
    for (const topic of topics) {
      await broker.publish({ topic, payload: 'x', retain: true });
    }
    const all = topics.map((topic) => `${topic}: x`).toSorted();
    expect(await retained()).toEqual(all);
    const { historyMessages, historyTopics, historyRequests } = broker.stats();
    expect([historyMessages, historyTopics, historyRequests]).toEqual([0, 0, 0]);
    await broker.close();

    await start(open);
    expect(await retained()).toEqual([
      'history/other: x',
      'history/status: {"v":2,"versions":[1,2],"age":86400,"messages":10000,"userProperties":false}',
      'last: x',
    ]);
    await broker.close();

    await start({ ...open, history: undefined });
    expect(await retained()).toEqual(all);
  });
});
