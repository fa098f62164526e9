/** Rows of earlier messages in panels: after an edit of the query, and after a reload of the page. */
import 'fake-indexeddb/auto';
import { describe, expect, test } from 'vitest';
import { startBroker } from '../../broker/fixture';
import type { Recording } from '../connection/recording';
import { responsesOf, valuesOf } from '../testing/responses';
import { subscribed, testDeps, testPool } from '../testing/test-pool';
import { request } from '../testing/test-request';
import type { MqttQuery } from '../types';

const MEMORY: Recording = { bytes: 16_000_000, ageMs: 3_600_000 };

const TOPIC = 'plug/1/SENSOR';

/** Message `n` of a plug: `n` stands in it four times, each to be found by another query. */
function payload(n: number): string {
  return JSON.stringify({ n, id: 'plug', power: { watts: n, unit: 'W' }, list: [{ v: n }], at: 1_700_000_000 + n });
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, n) => n);
}

interface Edit {
  readonly query: Partial<MqttQuery>;
  /** The field that has the number of each message. */
  readonly field: string;
  readonly read?: (value: unknown) => number;
}

const EDITS: Record<string, Edit> = {
  'a field': { query: { fields: [{ path: 'power.watts' }] }, field: 'power.watts' },
  'its name': { query: { fields: [{ path: 'power.watts', name: 'Power' }] }, field: 'Power' },
  'its unit': { query: { fields: [{ path: 'power.watts', unit: 'watt' }] }, field: 'power.watts' },
  'its type': {
    query: { fields: [{ path: 'power.watts', type: 'string' }] },
    field: 'power.watts',
    read: Number,
  },
  'a label': { query: { labels: [{ path: 'id' }] }, field: 'n' },
  rows: { query: { rows: 'list' }, field: 'v' },
  'the format': {
    query: { format: 'text' },
    field: 'Value',
    read: (value) => (JSON.parse(String(value)) as { n: number }).n,
  },
  QoS: { query: { qos: 1 }, field: 'n' },
  'the topic': { query: { topic: 'plug/{id}/SENSOR' }, field: 'n' },
  'how much is kept': { query: { keep: { rows: 1_000 } }, field: 'n' },
  shape: { query: { shape: 'table' }, field: 'n' },
};

function numbers(
  response: Parameters<typeof valuesOf>[0],
  { field, read = (value) => value as number }: Edit
): number[] {
  return valuesOf(response, 'A', field).map(read);
}

describe('an edit of the query loses nothing:', () => {
  test.each(Object.entries(EDITS))('%s', async (_, edit) => {
    await using broker = await startBroker();
    const publish = (n: number) => broker.publish({ topic: TOPIC, payload: payload(n) });
    const deps = testDeps({ url: broker.ws!.url, pool: testPool(), lingerMs: 1_000, recording: MEMORY });
    const before = responsesOf(request([{ topic: TOPIC }]), deps);
    await subscribed(broker, TOPIC);
    for (const n of upTo(50)) {
      await publish(n);
    }
    await before.until((response) => valuesOf(response, 'A', 'n').length === 50);
    before.unsubscribe();
    using after = responsesOf(request([{ topic: TOPIC, ...edit.query }]), deps);
    await publish(50);
    const response = await after.until((each) => numbers(each, edit).includes(50));
    // A table shows the newest first.
    expect(numbers(response, edit).toSorted((a, b) => a - b)).toEqual(upTo(51));
  });
});

let names = 0;

test('a reload of the page loses nothing but what came meanwhile, which is a gap', async () => {
  await using broker = await startBroker();
  const publish = (n: number) => broker.publish({ topic: 't', payload: String(n) });
  const storage = { name: `stored messages ${++names}`, owner: 'anna', ageMs: 900_000 };
  const load = () =>
    testDeps({
      url: broker.ws!.url,
      pool: testPool({ tabId: () => Promise.resolve('tab') }),
      recording: { ...MEMORY, storage },
    });
  const first = load();
  const before = responsesOf(request([{ topic: 't' }]), first);
  await subscribed(broker, 't');
  for (const n of upTo(20)) {
    await publish(n);
  }
  await before.until((response) => valuesOf(response, 'A').length === 20);
  const connection = first.connect();
  connection.flush();
  before.unsubscribe();
  // The page goes with its connection.
  await expect.poll(() => broker.subscriptions().size, { timeout: 10_000 }).toBe(0);

  using after = responsesOf(request([{ topic: 't' }]), load());
  await after.until((response) => valuesOf(response, 'A').length >= 20);
  await subscribed(broker, 't');
  await publish(20);
  const response = await after.until((each) => valuesOf(each, 'A').includes(20));
  expect(valuesOf(response, 'A')).toEqual([...upTo(20), null, 20]);
});

test('whatever is edited, refreshed and reloaded while messages come, a panel shows each once', async () => {
  await using broker = await startBroker();
  let seed = 7;
  const random = (below: number): number => {
    seed = (seed * 48_271) % 2_147_483_647;
    return seed % below;
  };
  const edits = Object.values(EDITS).filter(({ query }) => query.shape === undefined);
  const deps = testDeps({ url: broker.ws!.url, pool: testPool(), lingerMs: 5_000, recording: MEMORY });
  let sent = 0;
  const publish = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) {
      await broker.publish({ topic: TOPIC, payload: payload(sent++) });
    }
  };
  const anchor = responsesOf(request([{ topic: TOPIC }]), deps);
  await subscribed(broker, TOPIC);
  for (let step = 0; step < 60; step++) {
    const edit = edits[random(edits.length)];
    await publish(random(30));
    using panel = responsesOf(request([{ topic: TOPIC, ...edit.query }]), deps);
    await publish(1 + random(30));
    const count = Math.min(sent, edit.query.keep?.rows ?? Infinity);
    const response = await panel.until(
      (each) => numbers(each, edit).length >= count && numbers(each, edit).includes(sent - 1)
    );
    expect(numbers(response, edit)).toEqual(upTo(sent).slice(-count));
  }
  anchor.unsubscribe();
}, 120_000);
