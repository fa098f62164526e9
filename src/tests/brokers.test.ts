import type { DataQueryResponse } from '@grafana/data';
import { connectAsync, type MqttClient } from 'mqtt';
import { describe, expect, test } from 'vitest';
import { startBroker } from '../../broker/fixture';
import { mosquittoPath, startMosquitto } from '../../testing/mosquitto';
import { responsesOf, valuesOf } from '../testing/responses';
import { testDeps, testPool } from '../testing/test-pool';
import { request } from '../testing/test-request';

/** One suite against every broker and protocol version that the engine speaks. */

interface Broker extends AsyncDisposable {
  readonly url: string;
  readonly tcpUrl: string;
  readonly protocolVersion: 4 | 5;
}

const mosquitto = mosquittoPath();

async function embedded(): Promise<Broker> {
  const broker = await startBroker();
  return {
    url: broker.ws!.url,
    tcpUrl: broker.tcp!.url,
    protocolVersion: 4,
    [Symbol.asyncDispose]: () => broker.close(),
  };
}

async function mosquittoWith(protocolVersion: 4 | 5): Promise<Broker> {
  const broker = await startMosquitto(mosquitto!);
  return {
    url: broker.wsUrl,
    tcpUrl: `mqtt://127.0.0.1:${broker.tcpPort}`,
    protocolVersion,
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}

/** Publishes until the subscriber, whose SUBSCRIBE is on its way, has got one: brokers other than ours cannot be asked. */
async function publishUntil(client: MqttClient, topic: string, arrived: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!arrived() && Date.now() < deadline) {
    await client.publishAsync(topic, '0');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe.each([
  { name: 'the embedded broker, MQTT 3.1.1', start: embedded, missing: false },
  { name: 'mosquitto, MQTT 3.1.1', start: () => mosquittoWith(4), missing: mosquitto === undefined },
  { name: 'mosquitto, MQTT 5', start: () => mosquittoWith(5), missing: mosquitto === undefined },
])('$name', ({ start, missing }) => {
  test.skipIf(missing)('delivers a message once to each query, however many of its filters match', async () => {
    await using broker = await start();
    const client = await connectAsync(broker.tcpUrl);
    using responses = responsesOf(
      request([{ topic: 'ov/#\nov/+\nov/a' }, { topic: 'ov/#' }, { topic: 'ov/+' }, { topic: 'ready' }]),
      testDeps({ url: broker.url, pool: testPool(), protocolVersion: broker.protocolVersion })
    );
    await publishUntil(client, 'ready', () => valuesOf(responses.last, 'D').length > 0);
    for (let i = 1; i <= 100; i++) {
      await client.publishAsync('ov/a', String(i), { qos: 1 });
    }
    const wanted = Array.from({ length: 100 }, (_, i) => i + 1);
    await responses.until((p) => valuesOf(p, 'A').includes(100) && valuesOf(p, 'B').includes(100));
    const response = await responses.until((p) => valuesOf(p, 'C').includes(100));
    for (const refId of ['A', 'B', 'C']) {
      expect(valuesOf(response, refId)).toEqual(wanted);
    }
    await client.endAsync();
  });

  test.skipIf(missing)('sends a late panel the retained value, and the earlier one nothing twice', async () => {
    await using broker = await start();
    const client = await connectAsync(broker.tcpUrl);
    await client.publishAsync('r/1', '1', { retain: true, qos: 1 });
    const pool = testPool();
    const deps = testDeps({ url: broker.url, pool, lingerMs: 5_000, protocolVersion: broker.protocolVersion });
    using first = responsesOf(request([{ topic: 'r/+' }]), deps);
    await first.until((p) => valuesOf(p, 'A').length === 1);
    using second = responsesOf(request([{ topic: 'r/+', keep: { rows: 5 } }]), deps);
    await second.until((p) => valuesOf(p, 'A').length === 1);
    await client.publishAsync('r/1', '2', { qos: 1 });
    const response = await first.until((p) => valuesOf(p, 'A').includes(2));
    expect(valuesOf(response, 'A')).toEqual([1, 2]);
    await client.endAsync();
  });

  test.skipIf(missing).each([0, 1, 2] as const)('delivers QoS %i in order', async (qos) => {
    await using broker = await start();
    const client = await connectAsync(broker.tcpUrl);
    using responses = responsesOf(
      request([{ topic: 'q', qos }, { topic: 'ready' }]),
      testDeps({ url: broker.url, pool: testPool(), protocolVersion: broker.protocolVersion })
    );
    await publishUntil(client, 'ready', () => valuesOf(responses.last, 'B').length > 0);
    // mosquitto 2.0.11 stops at 20 messages of QoS 2 in flight over WebSockets, with any client (seen with mqtt.js too).
    const wanted = Array.from({ length: qos === 2 ? 20 : 300 }, (_, i) => i + 1);
    await Promise.all(wanted.map((i) => client.publishAsync('q', String(i), { qos })));
    const response = await responses.until((p) => valuesOf(p, 'A').length >= wanted.length);
    expect(valuesOf(response, 'A')).toEqual(wanted);
    await client.endAsync();
  });

  test.skipIf(missing)('takes a large message among small ones', async () => {
    await using broker = await start();
    const client = await connectAsync(broker.tcpUrl);
    using responses = responsesOf(
      request([{ topic: 'big' }, { topic: 'ready' }]),
      testDeps({ url: broker.url, pool: testPool(), protocolVersion: broker.protocolVersion })
    );
    await publishUntil(client, 'ready', () => valuesOf(responses.last, 'B').length > 0);
    // Larger ones stay within mosquitto 2.0.11's WebSockets until the next message comes (mqttjs/MQTT.js#824).
    const texts = ['a', 'b'.repeat(50_000), 'c'];
    for (const text of texts) {
      await client.publishAsync('big', text, { qos: 1 });
    }
    const response = await responses.until((p) => valuesOf(p, 'A').length === 3);
    expect(valuesOf(response, 'A').map((text) => String(text).length)).toEqual([1, 50_000, 1]);
    await client.endAsync();
  });
});

describe('the version that is found out by itself is the newest', () => {
  async function found(broker: Broker): Promise<unknown> {
    const connection = testDeps({ url: broker.url, pool: testPool(), protocolVersion: 'auto' }).connect();
    const release = connection.hold();
    await expect.poll(() => connection.status.state, { timeout: 10_000 }).toBe('connected');
    release();
    return 'protocolVersion' in connection.status && connection.status.protocolVersion;
  }

  test('that the embedded broker speaks', async () => {
    await using broker = await embedded();
    expect(await found(broker)).toBe(4);
  });

  test.skipIf(mosquitto === undefined)('that mosquitto speaks', async () => {
    await using broker = await mosquittoWith(5);
    expect(await found(broker)).toBe(5);
  });
});

test.skipIf(mosquitto === undefined).each([0, 1] as const)('user properties of QoS %i become labels', async (qos) => {
  await using broker = await mosquittoWith(5);
  const client = await connectAsync(broker.tcpUrl, { protocolVersion: 5 });
  using responses = responsesOf(
    request([{ topic: 'p', qos, labels: [{ path: 'site', from: 'property' }] }, { topic: 'ready' }]),
    testDeps({ url: broker.url, pool: testPool(), protocolVersion: 'auto' })
  );
  await publishUntil(client, 'ready', () => valuesOf(responses.last, 'B').length > 0);
  for (const [site, value] of [
    ['north', '1'],
    ['south', '2'],
    ['north', '3'],
  ]) {
    await client.publishAsync('p', value, { qos, properties: { userProperties: { site, other: 'x' } } });
  }
  const seriesOf = (response: DataQueryResponse): unknown[] =>
    response.data
      .filter(({ refId, fields }) => refId === 'A' && fields.length > 1)
      .map(({ fields }) => [fields[1].labels.site, fields[1].values]);
  const series = seriesOf(await responses.until((p) => JSON.stringify(seriesOf(p)).includes('3')));
  expect(series).toEqual([
    ['north', [1, 3]],
    ['south', [2]],
  ]);
  await client.endAsync();
});
