import { expect, test } from 'vitest';
import { startBroker } from '../fixture';
import { connectClient, startBareAedes, until } from '../testing/clients';

const SESSION = { clientId: 'dashboard', clean: false };
const FILTERS = { 'ok/#': { qos: 1 }, 'ok/+': { qos: 1 } } as const;

test('a persistent session with overlapping filters gets each QoS 1 message once and stays connected', async () => {
  await using broker = await startBroker();
  await using subscriber = await connectClient(broker.tcp!.url, SESSION);
  await subscriber.client.subscribeAsync(FILTERS);
  const expected = Array.from({ length: 100 }, (_, n) => String(n));
  for (const payload of expected) {
    void broker.publish({ topic: 'ok/1', payload, qos: 1 });
  }
  await broker.publish({ topic: 'ok/end', payload: 'end', qos: 1 });
  await until('the end', () => subscriber.texts().includes('end'));
  expect(subscriber.texts()).toEqual([...expected, 'end']);
  expect(subscriber.client.connected).toBe(true);
  expect(broker.clientErrors).toEqual([]);

  // Everything is acknowledged, so that nothing is delivered again.
  await subscriber.client.endAsync();
  await using back = await connectClient(broker.tcp!.url, SESSION);
  await broker.publish({ topic: 'ok/mark', payload: 'mark' });
  await until('the mark', () => back.texts().includes('mark'));
  expect(back.texts()).toEqual(['mark']);
});

test('control: bare Aedes loses one of two and drops the client', async () => {
  await using bare = await startBareAedes();
  await using subscriber = await connectClient(bare.tcpUrl, SESSION);
  await subscriber.client.subscribeAsync(FILTERS);
  for (const payload of ['x', 'y']) {
    bare.aedes.publish({ cmd: 'publish', topic: 'ok/1', payload, qos: 1, retain: false, dup: false }, () => {});
  }
  await until('the client to be dropped', () => !subscriber.client.connected);
  expect(bare.errors.map(({ message }) => message)).toContain('no such packet');
});

test('what was published while it was away comes once', async () => {
  await using broker = await startBroker();
  await using subscriber = await connectClient(broker.tcp!.url, SESSION);
  await subscriber.client.subscribeAsync(FILTERS);
  await subscriber.client.endAsync();
  await broker.publish({ topic: 'ok/1', payload: 'away 1', qos: 1 });
  await broker.publish({ topic: 'ok/1', payload: 'away 2', qos: 1, retain: true });
  await using back = await connectClient(broker.tcp!.url, { ...SESSION, clean: false });
  await until('both', () => back.deliveries.length >= 2);
  await broker.publish({ topic: 'ok/mark', payload: 'mark' });
  await until('the mark', () => back.texts().includes('mark'));
  expect(back.texts()).toEqual(['away 1', 'away 2', 'mark']);
});

test('filters of different QoS leave nothing behind in the queue', async () => {
  await using broker = await startBroker();
  await using subscriber = await connectClient(broker.tcp!.url, SESSION);
  await subscriber.client.subscribeAsync('ok/#', { qos: 0 });
  await subscriber.client.subscribeAsync('ok/+', { qos: 1 });
  for (const payload of ['1', '2', '3']) {
    void broker.publish({ topic: 'ok/1', payload, qos: 1 });
  }
  await until('three', () => subscriber.deliveries.length >= 3);
  await subscriber.client.endAsync();
  await using back = await connectClient(broker.tcp!.url, SESSION);
  await broker.publish({ topic: 'ok/mark', payload: 'mark' });
  await until('the mark', () => back.texts().includes('mark'));
  expect(subscriber.texts()).toEqual(['1', '2', '3']);
  expect(back.texts()).toEqual(['mark']);
});

test('what a client may not read is taken out of its queue, many at once too', async () => {
  await using broker = await startBroker({ acl: [{ allow: 'all', topic: 'ok/#' }] });
  await using subscriber = await connectClient(broker.tcp!.url, SESSION);
  await subscriber.client.subscribeAsync('#', { qos: 1 });
  await Promise.all(
    Array.from({ length: 500 }, (_, n) =>
      broker.publish({ topic: n % 2 ? 'ok/1' : 'no/1', payload: String(n), qos: n % 3 ? 1 : 2 })
    )
  );
  await until('those that it may', () => subscriber.deliveries.length === 250);
  await until('nothing to wait', () => broker.stats().queuedMessages === 0);
  expect(broker.stats().queuedBytes).toBe(0);
});
