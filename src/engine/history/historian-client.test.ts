import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startBroker } from '../../../broker/fixture';
import { OPTIONS } from '../../testing/test-engine';
import { HistorianClient } from './historian-client';

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
      root: 'history',
      // As the page, which answers later.
      askCredentials: (attempt) => setTimeout(() => client.credentials(attempt, { username: `ann ${attempt}` })),
    },
    DEPS
  );
  const answer = await client.ask(['t'], { from: 0, to: Infinity });
  client.stop();
  expect(answer).toMatchObject({ state: 'answered', messages: [expect.objectContaining({ topic: 't' })] });
  expect(users).toEqual(['ann 1']);
});

test('where the page has none, there is no answer, and it is asked again the next time', async () => {
  await using broker = await startBroker({ history: { filters: ['#'] } });
  let asked = 0;
  const client: HistorianClient = new HistorianClient(
    {
      connection: { ...OPTIONS, url: broker.ws!.url, credentials: 'ask' },
      older: false,
      root: 'history',
      askCredentials: (attempt) => {
        asked++;
        setTimeout(() => client.credentials(attempt, asked === 1 ? undefined : {}));
      },
    },
    DEPS
  );
  expect(await client.ask(['t'], { from: 0, to: 1 })).toEqual({ state: 'none' });
  expect(await client.ask(['t'], { from: 0, to: 1 })).toMatchObject({ state: 'answered' });
  client.stop();
});
