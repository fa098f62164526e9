import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startBroker } from '../../../broker/fixture';
import { OPTIONS } from '../../testing/test-engine';
import { HistorianClient } from './historian-client';

test('the historian gets the credentials of the engine’s own connection', async () => {
  const users: Array<string | undefined> = [];
  await using broker = await startBroker({
    authenticate: (_client, username, _password, done) => {
      users.push(username);
      done(null, true);
    },
  });
  const client = new HistorianClient(
    {
      connection: { ...OPTIONS, url: broker.ws!.url, credentials: 'ask' },
      older: false,
      root: 'history',
      credentials: () => ({ username: 'ann' }),
    },
    { openSocket: (url, protocols) => new WebSocket(url, protocols), now: () => Date.now(), random: () => 0 }
  );
  expect(await client.ask(['t'], { from: 0, to: 1 })).toEqual({ state: 'none' });
  client.stop();
  expect(users).toEqual(['ann']);
});
