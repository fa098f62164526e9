import mqtt from 'mqtt';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startBroker } from '../../../broker/fixture';
import { Connection } from '../mqtt-connection';
import { HistorianClient } from './historian-client';
import { OPTIONS } from '../../testing/connection-options';

const DEPS = {
  openSocket: (url: string, protocols: string[]) => new WebSocket(url, protocols),
  now: () => Date.now(),
  random: () => Math.random(),
};

test('where the page is asked for credentials, the session with the historian has its own', async () => {
  const users: Array<string | undefined> = [];
  await using broker = await startBroker({
    history: { filters: ['#'] },
    authenticate: (_client, username, _password, done) => {
      users.push(username);
      done(null, true);
    },
  });
  await broker.publish({ topic: 't', payload: '1' });
  const client: HistorianClient = new HistorianClient(
    {
      connection: { ...OPTIONS, url: broker.ws!.url, credentials: 'ask' },
      older: false,
      subscribeMarks: () => Promise.resolve(undefined),
      root: 'history',
      // As the page, which answers later.
      askCredentials: (attempt) => setTimeout(() => client.credentials(attempt, { username: `ann ${attempt}` })),
    },
    DEPS,
    Connection
  );
  const topics: string[] = [];
  const { answer } = client.ask(['t'], { from: 0, to: Infinity }, ({ messages }) => {
    topics.push(...messages.map(({ topic }) => topic));
  });
  expect(await answer).toMatchObject({ state: 'answered' });
  client.stop();
  expect(topics).toEqual(['t']);
  expect(users).toEqual(['ann 1']);
});

test('where the page has none, there is no answer, and it is asked again the next time', async () => {
  await using broker = await startBroker({ history: { filters: ['#'] } });
  let asked = 0;
  const client: HistorianClient = new HistorianClient(
    {
      connection: { ...OPTIONS, url: broker.ws!.url, credentials: 'ask' },
      older: false,
      subscribeMarks: () => Promise.resolve(undefined),
      root: 'history',
      askCredentials: (attempt) => {
        asked++;
        setTimeout(() => client.credentials(attempt, asked === 1 ? undefined : {}));
      },
    },
    DEPS,
    Connection
  );
  expect(await client.ask(['t'], { from: 0, to: 1 }, () => {}).answer).toEqual({ state: 'none' });
  expect(await client.ask(['t'], { from: 0, to: 1 }, () => {}).answer).toMatchObject({ state: 'answered' });
  client.stop();
});

test('a historian of version 1 is asked in its way', async () => {
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
      askCredentials: () => {},
    },
    DEPS,
    Connection
  );
  const parts: string[][] = [];
  const { answer } = client.ask(['a'], { from: 500, to: Infinity }, ({ messages, isMarked }) => {
    expect(isMarked).toBe(false);
    parts.push(messages.map(({ payload }) => new TextDecoder().decode(payload)));
  });
  expect(await answer).toEqual({ state: 'answered', truncated: false, userProperties: false });
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
      askCredentials: () => {},
    },
    DEPS,
    Connection
  );
  let parts = 0;
  const request = client.ask(['t'], { from: 0, to: Infinity }, () => {
    parts++;
    request.cancel();
  });
  expect(await request.answer).toEqual({ state: 'cancelled' });
  expect(await client.ask(['t'], { from: 8e15, to: Infinity }, () => {}).answer).toMatchObject({ state: 'answered' });
  expect(parts).toBe(1);
  client.stop();
});
