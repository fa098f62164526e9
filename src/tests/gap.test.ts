import { expect, test } from 'vitest';
import { startBroker } from '../../broker/fixture';
import { responsesOf, valuesOf } from '../testing/responses';
import { subscribed, testDeps, testPool } from '../testing/test-pool';
import { request } from '../testing/test-request';
import { Relay } from '../testing/relay';

interface Loss {
  /** Of the query. */
  readonly qos: 0 | 1;
  readonly cleanStart: boolean;
  /** Of what is published. Default 1. */
  readonly published?: 0 | 1;
}

/** Publishes 1 and 2 before, 3 while the connection is away, and 4 after. */
async function lose(over: Loss, shape?: 'latest'): Promise<unknown[]> {
  await using broker = await startBroker();
  await using relay = await Relay.start(broker.ws!.port);
  const options = { cleanStart: over.cleanStart };
  const deps = testDeps({ url: `ws://127.0.0.1:${relay.port}/`, pool: testPool(), options });
  using responses = responsesOf(
    request([{ topic: 't', qos: over.qos, ...(shape === undefined ? {} : { shape }) }]),
    deps
  );
  await subscribed(broker, 't');
  const publish = (payload: string): Promise<void> => broker.publish({ topic: 't', payload, qos: over.published ?? 1 });
  await publish('1');
  await publish('2');
  await responses.until((p) => valuesOf(p, 'A').includes(2));
  relay.mode = 'refuse';
  relay.cut();
  const away = await responses.until((p) => JSON.stringify(p.data).includes('No live data since'));
  // Meanwhile the panel keeps what it has.
  expect(valuesOf(away, 'A')).toEqual(shape === 'latest' ? [2] : [1, 2]);
  await publish('3');
  relay.mode = 'pass';
  await responses.until((p) => !JSON.stringify(p.data).includes('No live data since'));
  await subscribed(broker, 't');
  await publish('4');
  const response = await responses.until((p) => valuesOf(p, 'A').includes(4));
  const times = valuesOf(response, 'A', 'Time') as number[];
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(times).toHaveLength(valuesOf(response, 'A').length);
  return valuesOf(response, 'A');
}

test('a line has a gap where the connection was away', async () => {
  expect(await lose({ qos: 0, cleanStart: true })).toEqual([1, 2, null, 4]);
});

test('and none where the broker had the messages stored', async () => {
  expect(await lose({ qos: 1, cleanStart: false })).toEqual([1, 2, 3, 4]);
});

test('a gap where the broker keeps the session and the sender publishes with QoS 0, which no broker stores', async () => {
  expect(await lose({ qos: 1, cleanStart: false, published: 0 })).toEqual([1, 2, null, 4]);
});

test('a gap where the broker has lost the session that was to be kept', async () => {
  await using broker = await startBroker();
  const deps = testDeps({ url: broker.ws!.url, pool: testPool(), options: { cleanStart: false } });
  using responses = responsesOf(request([{ topic: 't', qos: 1 }]), deps);
  const publish = (payload: string): Promise<void> => broker.publish({ topic: 't', payload, qos: 1 });
  await subscribed(broker, 't');
  await publish('1');
  await publish('2');
  await responses.until((p) => valuesOf(p, 'A').includes(2));
  await broker.stop();
  await responses.until((p) => JSON.stringify(p.data).includes('No live data since'));
  await broker.restart();
  await subscribed(broker, 't');
  await publish('4');
  expect(valuesOf(await responses.until((p) => valuesOf(p, 'A').includes(4)), 'A')).toEqual([1, 2, null, 4]);
});

test('what has a row for each topic has none for the gap', async () => {
  expect(await lose({ qos: 0, cleanStart: true }, 'latest')).toEqual([4]);
});
