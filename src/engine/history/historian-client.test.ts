import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startBroker } from '../../../broker/fixture';
import { HistorianClient } from './historian-client';

test('a connection whose credentials the page asks for can ask a historian, too', async () => {
  await using broker = await startBroker({ history: { filters: ['#'] } });
  await broker.publish({ topic: 't', payload: '1' });
  const client = new HistorianClient(
    {
      connection: {
        url: broker.ws!.url,
        clientIdPrefix: 'test',
        protocolVersion: 4,
        keepalive: 60,
        connectTimeout: 5,
        cleanStart: true,
        sessionExpiry: 0,
        credentials: 'ask',
      },
      older: false,
      root: 'history',
      credentials: () => ({}),
    },
    { openSocket: (url, protocols) => new WebSocket(url, protocols), now: Date.now, random: Math.random }
  );
  const answer = await client.ask(['t'], { from: 0, to: Infinity });
  client.stop();
  expect(answer).toMatchObject({ state: 'answered', messages: [expect.objectContaining({ topic: 't' })] });
});
