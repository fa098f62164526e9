/** Bugs of Aedes 1.2.0 that this broker works around, each with a control test on bare Aedes. */
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { startBroker } from '../fixture';
import { connectMqtt, openRaw, publish, publishPacket, subscribe, take } from '../testing/raw-client';
import type { Storage } from '../storage/storage';
import { SessionPersistence } from '../storage/memory/persistence';
import { connectRaw, packets, startBareAedes, until } from '../testing/clients';

const holding = (persistence: SessionPersistence): Storage => ({ persistence, close: () => Promise.resolve() });

/** Runs the same test against this broker and against bare Aedes. */
async function both<T>(run: (port: number) => Promise<T>): Promise<{ ours: T; bare: T }> {
  await using broker = await startBroker();
  const ours = await run(broker.tcp!.port);
  await using aedes = await startBareAedes();
  return { ours, bare: await run(aedes.tcpPort) };
}

test('an empty client id with a persistent session is refused [MQTT-3.1.3-8]', async () => {
  const { ours, bare } = await both(async (port) => {
    using client = await connectMqtt(port, '', { clean: false });
    return client.returnCode;
  });
  expect({ ours, bare }).toEqual({ ours: 2, bare: 0 });
});

test('a client id of MQTT 3.1 may have more than 23 characters, up to the limit', async () => {
  const { ours, bare } = await both(async (port) => {
    using old = await connectMqtt(port, 'x'.repeat(24), { protocolId: 'MQIsdp', protocolVersion: 3 });
    using long = await connectMqtt(port, 'x'.repeat(60_000));
    return [old.returnCode, long.returnCode];
  });
  expect({ ours, bare }).toEqual({ ours: [0, 2], bare: [2, 0] });
});

test('a client id must be valid UTF-8 without NUL [MQTT-1.5.3-2]', async () => {
  const { ours, bare } = await both(async (port) => {
    using client = await connectMqtt(port, 'a\u0000b');
    return client.returnCode;
  });
  expect({ ours, bare }).toEqual({ ours: 2, bare: 0 });
});

test.each(['a+', '+a', 'a/+b', 'a#', '#/a', 'a/#/b', '++'])(
  'the filter %j has a wildcard where none may be, and ends the connection [MQTT-4.7.1]',
  async (filter) => {
    await using broker = await startBroker();
    using raw = await connectRaw(broker.tcp!.port);
    raw.socket.write(Buffer.concat([packets.connect('bad'), packets.subscribe(filter)]));
    await once(raw.socket, 'close');
    expect(broker.clientErrors[0].error.message).toMatch(/#|\+/);
  }
);

test('control: bare Aedes grants a+, +a, a/+b and a#', async () => {
  await using bare = await startBareAedes();
  using client = await connectMqtt(bare.tcpPort, 'bad');
  expect(await subscribe(client, { 'a+': 0, 'a/+b': 0, '+a': 0, 'a#': 0 })).toEqual([0, 0, 0, 0]);
});

test.each([true, false])('a message is forwarded without the DUP flag of its publisher, clean: %s', async (clean) => {
  const { ours, bare } = await both(async (port) => {
    using client = await connectMqtt(port, 'c', { clean });
    await subscribe(client, { a: 1 });
    await publish(client, publishPacket('a', '1', 1, { dup: true }));
    return (await client.next('publish')).dup;
  });
  expect({ ours, bare }).toEqual({ ours: false, bare: true });
});

describe('QoS', () => {
  test('a QoS 2 message to a wildcard filter of QoS 1 is delivered with QoS 1 [MQTT-3.8.4-6]', async () => {
    const { ours, bare } = await both(async (port) => {
      using client = await connectMqtt(port, 'c');
      await subscribe(client, { 'a/#': 1 });
      await publish(client, publishPacket('a/b', '1', 2));
      return (await client.next('publish')).qos;
    });
    expect({ ours, bare }).toEqual({ ours: 1, bare: 2 });
  });

  test('the highest QoS of several matching filters applies [MQTT-3.3.5-1]', async () => {
    const { ours, bare } = await both(async (port) => {
      using client = await connectMqtt(port, 'c');
      await subscribe(client, { '#': 0 });
      await subscribe(client, { 'a/b': 1 });
      await subscribe(client, { 'a/+': 2 });
      await publish(client, publishPacket('a/b', '1', 2));
      return (await client.next('publish')).qos;
    });
    expect(ours).toBe(2);
    expect(bare).toBeLessThan(2);
  });

  test('it follows a filter that is subscribed to again with another QoS, and one that is unsubscribed', async () => {
    await using broker = await startBroker();
    using client = await connectMqtt(broker.tcp!.port, 'c');
    const qosOfNext = async (): Promise<number> => {
      await publish(client, publishPacket('a/b', '1', 2));
      return (await take(client)).qos;
    };
    await subscribe(client, { 'a/b': 0 });
    expect(await qosOfNext()).toBe(0);
    await subscribe(client, { 'a/#': 2 });
    expect(await qosOfNext()).toBe(2);
    await subscribe(client, { 'a/#': 1 });
    expect(await qosOfNext()).toBe(1);
    client.send({ cmd: 'unsubscribe', messageId: 9, unsubscriptions: ['a/#'] });
    await client.next('unsuback');
    expect(await qosOfNext()).toBe(0);
  });
});

test('queued messages are delivered without RETAIN [MQTT-3.3.1-9]', async () => {
  const { ours, bare } = await both(async (port) => {
    {
      using client = await connectMqtt(port, 'c', { clean: false });
      await subscribe(client, { a: 1 });
      client.send({ cmd: 'disconnect' });
      await once(client.socket, 'close');
    }
    using publisher = await connectMqtt(port, 'p');
    await publish(publisher, publishPacket('a', '1', 1, { retain: true }));
    using back = await connectMqtt(port, 'c', { clean: false });
    return (await back.next('publish')).retain;
  });
  expect({ ours, bare }).toEqual({ ours: false, bare: true });
});

test('a message that is sent again has DUP [MQTT-3.3.1-1]', async () => {
  const { ours, bare } = await both(async (port) => {
    {
      using client = await connectMqtt(port, 'c', { clean: false });
      await subscribe(client, { a: 1 });
      client.send(publishPacket('a', '1', 1));
      await client.next('publish');
      client.socket.destroy();
      await once(client.socket, 'close');
    }
    using back = await connectMqtt(port, 'c', { clean: false });
    return (await back.next('publish')).dup;
  });
  expect({ ours, bare }).toEqual({ ours: true, bare: false });
});

describe('a message that cannot be stored', () => {
  /** A persistence with a session, whose queue fails on demand. */
  const failing = (): { persistence: SessionPersistence; fail: () => void } => {
    const persistence = new SessionPersistence();
    persistence.subscriptions.add('session', [{ topic: 'a', qos: 1 }]);
    const enqueue = persistence.outgoingEnqueueCombi.bind(persistence);
    let broken = false;
    persistence.outgoingEnqueueCombi = (...args) =>
      broken ? Promise.reject(new Error('disk full')) : enqueue(...args);
    return { persistence, fail: () => (broken = true) };
  };

  test('is not acknowledged: the publisher is disconnected, and sends it again', async () => {
    const { persistence, fail } = failing();
    await using broker = await startBroker({ storage: () => holding(persistence) });
    using client = await connectMqtt(broker.tcp!.port, 'c');
    await publish(client, publishPacket('a', '1', 1));
    fail();
    client.send(publishPacket('a', '2', 1));
    await once(client.socket, 'close');
    expect(client.received.filter(({ cmd }) => cmd === 'puback')).toHaveLength(1);
    expect(broker.clientErrors[0].error.message).toBe('disk full');
  });

  test('control: bare Aedes acknowledges it', async () => {
    const { persistence, fail } = failing();
    await using bare = await startBareAedes({ persistence });
    using client = await connectMqtt(bare.tcpPort, 'c');
    fail();
    client.send(publishPacket('a', '2', 1));
    expect((await client.next('puback')).cmd).toBe('puback');
  });
});

describe('messages of QoS 0, 1 and 0 in one write', () => {
  const all = Array.from({ length: 60 }, (_, n) => publishPacket('a', String(n), (n % 2) as 0 | 1));
  const payloads = all.map(({ payload }) => payload);

  async function sendAll(port: number): Promise<string[]> {
    using client = await connectMqtt(port, 'c');
    await subscribe(client, { a: 1 });
    client.send(...all);
    for (const _ of all.filter(({ qos }) => qos > 0)) {
      await client.next('puback');
    }
    client.send({ cmd: 'pingreq' });
    await client.next('pingresp');
    return client.messages().map(({ payload }) => payload.toString());
  }

  test('arrive in this order', async () => {
    await using broker = await startBroker();
    expect(await sendAll(broker.tcp!.port)).toEqual(payloads);
  });

  test('control: on bare Aedes those of QoS 0 overtake', async () => {
    await using bare = await startBareAedes();
    expect(await sendAll(bare.tcpPort)).not.toEqual(payloads);
  });
});

test('a SUBSCRIBE of many filters is stored once, not once per filter', async () => {
  const { ours, bare } = await both(async (port) => {
    using client = await connectMqtt(port, 'c', { clean: false });
    await subscribe(client, Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`a/${n}`, 1 as const])));
    return client.received.length;
  });
  expect(ours).toBe(bare);

  const calls = { ours: 0, bare: 0 };
  const counting = (name: keyof typeof calls): SessionPersistence => {
    const persistence = new SessionPersistence();
    const add = persistence.addSubscriptions.bind(persistence);
    persistence.addSubscriptions = (client, subscriptions) => {
      calls[name] += subscriptions.length;
      return add(client, subscriptions);
    };
    return persistence;
  };
  const filters = Object.fromEntries(Array.from({ length: 50 }, (_, n) => [`a/${n}`, 1 as const]));
  await using broker = await startBroker({ storage: () => holding(counting('ours')) });
  using one = await connectMqtt(broker.tcp!.port, 'c', { clean: false });
  await subscribe(one, filters);
  await using aedes = await startBareAedes({ persistence: counting('bare') });
  using other = await connectMqtt(aedes.tcpPort, 'c', { clean: false });
  await subscribe(other, filters);
  expect(calls).toEqual({ ours: 50, bare: 2_500 });
});

test('a queue larger than the backlog limit is delivered when the client reconnects', async () => {
  await using broker = await startBroker({ limits: { backlogBytes: 64 << 10 } });
  {
    using client = await connectMqtt(broker.tcp!.port, 'c', { clean: false });
    await subscribe(client, { '#': 1 });
  }
  await until('it to be gone', () => broker.clients() === 0);
  const payload = 'x'.repeat(10_000);
  for (let n = 0; n < 2_000; n += 1) {
    await broker.publish({ topic: `a/${n}`, payload, qos: 1 });
  }
  using back = await openRaw(broker.tcp!.port);
  // Reads nothing for a while: 20 MB do not fit into the kernel's buffers
  back.socket.pause();
  back.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: false, clientId: 'c', keepalive: 0 });
  await until('it to be connected', () => broker.clients() === 1);
  await new Promise((resolve) => {
    setTimeout(resolve, 300);
  });
  back.socket.resume();
  await until('all of it', () => back.messages().length === 2_000);
  expect(broker.clientErrors).toEqual([]);
  expect(back.messages().map(({ topic }) => topic)).toEqual(Array.from({ length: 2_000 }, (_, n) => `a/${n}`));
});

test('retained messages larger than the backlog limit are delivered to a slow subscriber', async () => {
  await using broker = await startBroker({ limits: { backlogBytes: 64 << 10 } });
  const payload = 'x'.repeat(10_000);
  for (let n = 0; n < 2_000; n += 1) {
    void broker.publish({ topic: `a/${n}`, payload, retain: true });
  }
  await broker.publish({ topic: 'z', payload: '' });
  using client = await connectMqtt(broker.tcp!.port, 'c');
  client.socket.pause();
  client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: '#', qos: 0 }] });
  await new Promise((resolve) => {
    setTimeout(resolve, 300);
  });
  client.socket.resume();
  await until('all of them', () => client.messages().length === 2_000);
  expect(broker.clientErrors).toEqual([]);
});
