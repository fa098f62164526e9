import { setTimeout as sleep } from 'node:timers/promises';
import mqtt from 'mqtt';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startBroker } from '../../../broker/fixture';
import { Connection } from '../mqtt-connection';
import { HistorianClient } from './historian-client';
import { OPTIONS } from '../../testing/connection-options';
import { accept, ScriptedBroker } from '../../testing/scripted-broker';

const DEPS = {
  openSocket: (url: string, protocols: string[]) => new WebSocket(url, protocols),
  now: () => Date.now(),
  random: () => Math.random(),
};

/** A client whose connection requests credentials of the page; the page responds later. */
function clientThatAsks(url: string, requestCredentials: (attempt: number) => void): HistorianClient {
  return new HistorianClient(
    {
      connection: { ...OPTIONS, url, credentials: 'request' },
      older: false,
      subscribeMarks: () => Promise.resolve(undefined),
      watchStatus: () => {},
      root: 'history',
      requestCredentials,
    },
    DEPS,
    Connection
  );
}

test('if the page provides the credentials, the session with the historian has its own', async () => {
  const users: Array<string | undefined> = [];
  await using broker = await startBroker({
    history: { filters: ['#'] },
    authenticate: (_client, username, _password, done) => {
      users.push(username);
      done(null, true);
    },
  });
  await broker.publish({ topic: 't', payload: '1' });
  const client: HistorianClient = clientThatAsks(broker.ws!.url, (attempt) =>
    setTimeout(() => client.credentials(attempt, { username: `ann ${attempt}` }))
  );
  const topics: string[] = [];
  const { result: answer } = client.request(['t'], { from: 0, to: Infinity }, ({ messages }) => {
    topics.push(...messages.map(({ topic }) => topic));
  });
  expect(await answer).toMatchObject({ state: 'done' });
  client.stop();
  expect(topics).toEqual(['t']);
  expect(users).toEqual(['ann 1']);
});

test('if the page has no credentials, there is no result, and the next request asks the page again', async () => {
  await using broker = await startBroker({ history: { filters: ['#'] } });
  let requests = 0;
  const client: HistorianClient = clientThatAsks(broker.ws!.url, (attempt) => {
    requests++;
    setTimeout(() => client.credentials(attempt, requests === 1 ? undefined : {}));
  });
  expect(await client.request(['t'], { from: 0, to: 1 }, () => {}).result).toEqual({ state: 'none', until: 'later' });
  expect(await client.request(['t'], { from: 0, to: 1 }, () => {}).result).toMatchObject({ state: 'done' });
  client.stop();
});

test('a historian of version 1 gets requests of version 1', async () => {
  await using broker = await startBroker();
  const historian = await mqtt.connectAsync(broker.tcp!.url);
  const requests: unknown[] = [];
  historian.on('message', (topic, payload) => {
    const request = JSON.parse(payload.toString()) as { v: number };
    requests.push(request);
    const respond = (part: object): unknown =>
      historian.publish(topic.replace('/request/', '/response/'), JSON.stringify({ v: 1, ...part }));
    if (request.v === 1) {
      respond({ part: 0, topics: [{ topic: 'a', times: [1_000], payloads: ['1'] }] });
      respond({ part: 1, topics: [{ topic: 'a', times: [2_000], payloads: ['2'] }], done: true, now: Date.now() });
    } else {
      respond({ error: { code: 'bad-request', message: 'Expected v to be 1' } });
    }
  });
  await historian.subscribeAsync('history/request/+/+');
  await historian.publishAsync('history/status', '{"v":1,"age":60,"messages":100}', { retain: true, qos: 1 });
  const client = new HistorianClient(
    {
      connection: { ...OPTIONS, url: broker.ws!.url },
      older: false,
      root: 'history',
      subscribeMarks: () => Promise.reject(new Error('It has no marks')),
      watchStatus: () => {},
      requestCredentials: () => {},
    },
    DEPS,
    Connection
  );
  const parts: string[][] = [];
  const { result: answer } = client.request(['a'], { from: 500, to: Infinity }, ({ messages, isMarked }) => {
    expect(isMarked).toBe(false);
    parts.push(messages.map(({ payload }) => new TextDecoder().decode(payload)));
  });
  expect(await answer).toEqual({ state: 'done', truncated: false, userProperties: false });
  expect(parts).toEqual([['1', '2']]);
  expect(requests).toEqual([{ v: 1, filters: ['a'], from: 500 }]);
  client.stop();
  await historian.endAsync(true);
});

test('a request that nobody needs any longer is cancelled', async () => {
  await using broker = await startBroker({ history: { filters: ['#'] } });
  for (let n = 0; n < 2_000; n++) {
    await broker.publish({ topic: 't', payload: `${n} ${'x'.repeat(500)}` });
  }
  const client = new HistorianClient(
    {
      connection: { ...OPTIONS, url: broker.ws!.url },
      older: false,
      root: 'history',
      subscribeMarks: () => Promise.resolve(undefined),
      watchStatus: () => {},
      requestCredentials: () => {},
    },
    DEPS,
    Connection
  );
  let parts = 0;
  const request = client.request(['t'], { from: 0, to: Infinity }, () => {
    parts++;
    request.cancel();
  });
  expect(await request.result).toEqual({ state: 'cancelled' });
  expect(await client.request(['t'], { from: 8e15, to: Infinity }, () => {}).result).toMatchObject({ state: 'done' });
  expect(parts).toBe(1);
  client.stop();
});

test('a historian whose status comes before the SUBACK stays there', async () => {
  await using broker = await ScriptedBroker.start((packet, client) => {
    if (packet.cmd === 'subscribe') {
      client.send({
        cmd: 'publish',
        topic: 'history/status',
        payload: '{"v":2}',
        qos: 0,
        dup: false,
        retain: true,
      });
      setTimeout(
        () => client.send({ cmd: 'suback', messageId: packet.messageId, granted: packet.subscriptions.map(() => 0) }),
        50
      );
      return true;
    }
    if (packet.cmd === 'publish' && packet.topic.startsWith('history/request/')) {
      const part = { v: 2, part: 0, now: Date.now(), run: 'run', topics: [], done: true };
      client.send({
        cmd: 'publish',
        topic: packet.topic.replace('/request/', '/response/'),
        payload: JSON.stringify(part),
        qos: 0,
        dup: false,
        retain: false,
      });
      return true;
    }
    if (packet.cmd === 'connect') {
      accept(client);
      return true;
    }
  });
  const client = new HistorianClient(
    {
      connection: { ...OPTIONS, url: broker.url, protocolVersion: 4 },
      older: false,
      root: 'history',
      subscribeMarks: () => Promise.resolve(undefined),
      watchStatus: () => {},
      requestCredentials: () => {},
    },
    DEPS,
    Connection
  );
  const ask = () => client.request(['t'], { from: 0, to: 1 }, () => {}).result;
  expect(await ask()).toMatchObject({ state: 'done' });
  // Longer than a status is waited for
  await sleep(1_500);
  expect(await ask()).toMatchObject({ state: 'done' });
  expect(broker.clients).toHaveLength(1);
  client.stop();
});
