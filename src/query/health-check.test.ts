import { afterEach, describe, expect, test, vi } from 'vitest';
import { startBroker } from '../../broker/fixture';
import { mosquittoPath, startMosquitto } from '../../testing/mosquitto';
import { testPool } from '../testing/test-pool';
import type { MqttOptions } from '../types';
import type { ConnectionClient } from '../connection/client';
import { connectionOptions } from '../connection/settings';
import { healthCheck } from './health-check';

const LIMITS = { lingerMs: 60_000, memoryBytes: Infinity };
const pools: Array<ReturnType<typeof testPool>> = [];

function connection(url: string, jsonData: MqttOptions = {}): ConnectionClient {
  const page = { protocol: 'http:', host: 'grafana.example.com', appSubUrl: '' };
  const pool = testPool();
  pools.push(pool);
  return pool.get('u', connectionOptions({ access: 'direct', url, jsonData }, page), LIMITS);
}

// Although the data source lingers, its test does not.
afterEach(async () => {
  await vi.waitFor(
    () => {
      if (pools.some((pool) => pool.size > 0)) {
        throw new Error('A connection outlives its test');
      }
    },
    { timeout: 5_000 }
  );
  pools.length = 0;
});

describe('with MQTT 3.1.1', () => {
  test('names the version, the time, the wildcard and the first message', async () => {
    await using broker = await startBroker();
    await broker.publish({ topic: 'home/t', payload: 'grün', retain: true });
    const result = await healthCheck(connection(broker.ws!.url));
    expect(result.status).toBe('success');
    expect(result.message).toMatch(
      /^Connected to ws:\S+ with MQTT 3\.1\.1 in \d+ ms\. The broker allows the subscription to "#"\. The first message arrived on "home\/t" \(5 bytes\)\.$/
    );
    expect(result.details?.message).toMatch(/^The broker does not speak MQTT 5.* The broker answers in \d+ ms\./);
  });

  test.each([
    [Buffer.from([0xff]), '1 byte'],
    [Buffer.from([0xff, 0xfe, 0]), '3 bytes'],
    [Buffer.alloc(1_234, 0x80), '1,234 bytes'],
  ])('counts the bytes of what is no text (%#)', async (payload, words) => {
    await using broker = await startBroker();
    await broker.publish({ topic: 'raw', payload, retain: true });
    const result = await healthCheck(connection(broker.ws!.url));
    expect(result.message).toMatch(new RegExp(`on "raw" \\(${words}\\)\\.$`));
  });

  // The first message of ActiveMQ Classic is an advisory without a payload.
  test('counts the bytes of a message without a payload', async () => {
    await using broker = await startBroker();
    const timer = setInterval(() => void broker.publish({ topic: 'empty', payload: '' }), 50);
    const result = await healthCheck(connection(broker.ws!.url)).finally(() => clearInterval(timer));
    expect(result.message).toMatch(/on "empty" \(0 bytes\)\.$/);
  });

  test('says that nothing came, below the root that is set', async () => {
    await using broker = await startBroker();
    await broker.publish({ topic: 'home/t', payload: '1', retain: true });
    const result = await healthCheck(connection(broker.ws!.url, { protocol: '3.1.1' }), { topicRoot: 'factory/#' });
    expect(result).toMatchObject({
      status: 'success',
      message: expect.stringMatching(
        /The broker allows the subscription to "factory\/#", but no message arrived within 3 s\.$/
      ),
    });
    expect(result.details?.message).not.toMatch(/does not speak MQTT 5/);
  });

  test('warns where the broker does not allow the wildcard', async () => {
    await using broker = await startBroker({
      authorizeSubscribe: (_client, subscription, done) => done(null, subscription.topic === '#' ? null : subscription),
    });
    const result = await healthCheck(connection(broker.ws!.url));
    expect(result).toMatchObject({
      status: 'warning',
      message: expect.stringMatching(
        /^Connected to .*, but the broker refused the subscription to "#": .*topic tree root/
      ),
    });
  });

  test('says what went wrong, and what went wrong this time rather than before', async () => {
    await using broker = await startBroker();
    const connected = connection(broker.ws!.url);
    const release = connected.hold();
    try {
      await expect.poll(() => connected.status.state, { timeout: 10_000 }).toBe('connected');
      await broker.stop();
      await expect.poll(() => connected.status.state, { timeout: 10_000 }).toBe('reconnecting');
      const result = await healthCheck(connected);
      expect(result).toMatchObject({ status: 'error', message: expect.stringMatching(/^Cannot reach ws:/) });
      // The check does not try again after its end.
      expect(result.message).not.toMatch(/has tried to connect/);
      await broker.restart();
      expect(await healthCheck(connected)).toMatchObject({ status: 'success' });
    } finally {
      release();
    }
  });

  test('what the viewer has to enter is a warning', async () => {
    await using broker = await startBroker();
    const asking = connection(broker.ws!.url, { auth: 'viewer' });
    const error = { code: 'credentials', message: 'Enter yours.', details: 'none yet' } as const;
    asking.services = {
      credentials: { get: () => Promise.resolve({ error, retry: false }), refused: (error) => error },
    };
    expect(await healthCheck(asking)).toEqual({
      status: 'warning',
      message: 'Enter yours.',
      details: { verboseMessage: expect.stringContaining('none yet') },
    });
  });
});

const program = mosquittoPath();

describe.skipIf(program === undefined)('with MQTT 5', () => {
  test('names the version and what the broker says of itself', async () => {
    await using broker = await startMosquitto(program!, {
      extra: 'max_keepalive 30\nmax_packet_size 20000\nmax_qos 1',
    });
    const result = await healthCheck(connection(broker.wsUrl));
    expect(result).toMatchObject({ status: 'success', message: expect.stringMatching(/ with MQTT 5 in \d+ ms\./) });
    expect(result.details?.message).toMatch(
      /^The broker reports: maximum QoS 1; maximum packet size 20,000 bytes; server keep alive 30 s/
    );
  });
});
