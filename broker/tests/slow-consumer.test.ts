import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { SlowConsumerError } from '../transport/client-stream';
import { startBroker, type TestBroker } from '../fixture';
import { connectClient, connectRaw, packets, startBareAedes, until, type TestClient } from '../testing/clients';

const PAYLOAD = Buffer.alloc(16 * 1024, 'x');
/** 48 MiB: more than the kernel's buffers of a loopback connection and the limit together. */
const MESSAGES = 3_072;

/** Subscribes to everything and reads nothing. */
async function freeze(broker: TestBroker, over: 'tcp' | 'ws', qos: 0 | 1 = 0): Promise<() => void> {
  const subscribe = packets.subscribe('#');
  subscribe[subscribe.length - 1] = qos;
  const hello = Buffer.concat([packets.connect('frozen'), subscribe]);
  const before = broker.subscriptions().size;
  let end: () => void;
  if (over === 'tcp') {
    const { socket } = await connectRaw(broker.tcp!.port);
    socket.write(hello);
    socket.pause();
    end = () => socket.destroy();
  } else {
    const ws = new WebSocket(broker.ws!.url, 'mqtt');
    await once(ws, 'open');
    ws.on('error', () => {});
    ws.send(hello);
    ws.pause();
    end = () => ws.terminate();
  }
  await until('the frozen one to be subscribed', () => broker.subscriptions().size > before && subscribed(broker));
  return end;
}

function subscribed(broker: TestBroker): boolean {
  return broker.subscriptions().get('frozen')?.includes('#') ?? false;
}

/** Publishes at the rate of a subscriber that reads; returns the longest wait for eight messages. */
async function worstGap(broker: TestBroker, healthy: TestClient, qos: 0 | 1): Promise<number> {
  const before = healthy.deliveries.length;
  let worst = 0;
  for (let n = 8; n <= MESSAGES; n += 8) {
    const start = performance.now();
    for (let k = 0; k < 8; k += 1) {
      void broker.publish({ topic: 't', payload: PAYLOAD, qos });
    }
    await until('the healthy one to have them', () => healthy.deliveries.length >= before + n);
    worst = Math.max(worst, performance.now() - start);
  }
  expect(healthy.deliveries).toHaveLength(before + MESSAGES);
  return worst;
}

describe.each(['tcp', 'ws'] as const)('a subscriber that stops reading, over %s', (over) => {
  test.each([0, 1] as const)('is disconnected at the limit, and delays nobody, QoS %d', async (qos) => {
    await using broker = await startBroker();
    await using healthy = await connectClient(broker[over]!.url);
    await healthy.client.subscribeAsync('#', { qos });
    const without = await worstGap(broker, healthy, qos);
    const end = await freeze(broker, over, qos);
    const withFrozen = await worstGap(broker, healthy, qos);
    // Bare Aedes delays every client by drainTimeout: 60,000 ms by default, at least 5,000
    expect(withFrozen).toBeLessThan(without + 1_000);
    expect(healthy.deliveries.every((delivery) => delivery.qos === qos)).toBe(true);
    expect(broker.clients()).toBe(1);
    expect(broker.clientErrors).toEqual([
      { error: expect.any(SlowConsumerError), clientId: 'frozen', listener: over, remoteAddress: '127.0.0.1' },
    ]);
    process.stderr.write(
      process.env['BROKER_MEASURE']
        ? `frozen ${over}, QoS ${qos}: worst gap ${withFrozen.toFixed(1)} ms, ${without.toFixed(1)} ms without\n`
        : ''
    );
    end();
  });

  test('is disconnected when it reads nothing for drainTimeout, although nothing more is written to it', async () => {
    await using broker = await startBroker({ limits: { drainTimeout: 300, backlogBytes: 256 << 20 } });
    const end = await freeze(broker, over);
    // Idle at first: without unsent bytes this is not a stall, and must not stop the checks
    await sleep(700);
    expect(broker.clients()).toBe(1);
    for (let n = 0; n < MESSAGES; n += 1) {
      void broker.publish({ topic: 't', payload: PAYLOAD });
    }
    await until('it to be dropped', () => broker.clients() === 0);
    expect(broker.clientErrors.map(({ error }) => error.message)).toEqual([
      expect.stringMatching(/^Subscriber read none of its \d+ unsent bytes for 300 ms$/),
    ]);
    end();
  });
});

test('a slow subscriber that keeps reading stays connected for longer than drainTimeout', async () => {
  await using broker = await startBroker({ limits: { drainTimeout: 1_000, backlogBytes: 256 << 20 } });
  using slow = await connectRaw(broker.tcp!.port);
  let taken = 0;
  slow.socket.write(Buffer.concat([packets.connect('slow'), packets.subscribe('#')]));
  await until('it to be subscribed', () => broker.subscriptions().get('slow')?.length === 1);
  slow.socket.on('data', (chunk) => {
    taken += chunk.length;
    slow.socket.pause();
    setTimeout(() => slow.socket.resume(), 4);
  });
  const start = performance.now();
  for (let n = 0; n < 32; n += 1) {
    void broker.publish({ topic: 't', payload: Buffer.alloc(1 << 20) });
  }
  await until('32 MiB', () => taken > 32 << 20);
  expect(performance.now() - start).toBeGreaterThan(1_500);
  expect(broker.clientErrors).toEqual([]);
  expect(broker.clients()).toBe(1);
});

test('control: on bare Aedes every client waits for the one that stopped reading', async () => {
  await using bare = await startBareAedes();
  await using healthy = await connectClient(bare.tcpUrl);
  await healthy.client.subscribeAsync('#');
  using frozen = await connectRaw(bare.tcpPort);
  frozen.socket.write(Buffer.concat([packets.connect('frozen'), packets.subscribe('#')]));
  await until('CONNACK and SUBACK', () => frozen.bytes().length >= 9);
  frozen.socket.pause();
  // Few and large: when its subscribers leave, mqemitter calls itself for each message that waits.
  const messages = MESSAGES / 4;
  const payload = Buffer.alloc(PAYLOAD.length * 4, 'x');
  for (let n = 0; n < messages; n += 1) {
    bare.aedes.publish({ cmd: 'publish', topic: 't', payload, qos: 0, retain: false, dup: false }, () => {});
  }
  let before = -1;
  while (healthy.deliveries.length > before) {
    before = healthy.deliveries.length;
    await sleep(1_000);
  }
  expect(healthy.deliveries.length).toBeLessThan(messages);
});
