import type { ISubscribePacket } from 'mqtt-packet';
import { describe, expect, test } from 'vitest';
import { eventually, shortestBackoff, TestEngine } from '../testing/test-engine';
import { accept, publish, ScriptedBroker, type ScriptedClient } from '../testing/scripted-broker';

const keeping = { cleanStart: false, sessionExpiry: 60 } as const;

/** A broker that kept the session of every client but the first. */
function resuming(
  onSubscribe?: (client: ScriptedClient, packet: ISubscribePacket, connections: number) => boolean
): Promise<ScriptedBroker> {
  let connections = 0;
  return ScriptedBroker.start((packet, client) => {
    if (packet.cmd === 'connect') {
      accept(client, { sessionPresent: connections++ > 0 });
      return true;
    }
    return packet.cmd === 'subscribe' && onSubscribe?.(client, packet, connections) === true ? true : undefined;
  });
}

describe.each([4, 5] as const)('a session that the broker kept, with MQTT %i', (protocolVersion) => {
  test('needs no subscriptions but for what is new, and loses those that nobody wants any longer', async () => {
    await using broker = await resuming();
    using engine = new TestEngine(broker.url, { ...keeping, protocolVersion }, shortestBackoff);
    engine.open(1, { filters: ['stays'], qos: 1 });
    engine.open(2, { filters: ['goes'], qos: 1 });
    engine.open(3, { filters: ['unstored'] });
    await expect.poll(() => engine.subscribed(3)?.granted, eventually).toBe(true);
    const { clientId } = broker.last.connect!;
    broker.last.socket.close();
    await expect.poll(() => engine.status.state, eventually).toBe('reconnecting');
    engine.post({ type: 'close', stream: 2 });
    engine.open(4, { filters: ['new'], qos: 1 });
    await expect.poll(() => engine.subscribed(4)?.granted, eventually).toBe(true);
    expect(engine.status).toMatchObject({ state: 'connected', sessionPresent: true });
    expect(broker.last.connect?.clientId).toBe(clientId);
    expect(broker.last.dropped).toEqual(['goes']);
    // Messages of QoS 0 are not stored; their filter is asked for again for its retained ones.
    expect(broker.last.asked).toEqual(['unstored', 'new']);
  });

  test('brings no row twice, and each that it promised', async () => {
    await using broker = await resuming();
    using engine = new TestEngine(broker.url, { ...keeping, protocolVersion }, shortestBackoff);
    engine.open(1, { qos: 2 });
    await expect.poll(() => engine.subscribed(1)?.granted, eventually).toBe(true);
    const named = protocolVersion === 5 ? { properties: { subscriptionIdentifier: 1 } } : {};
    publish(broker.last, 't', 1, { qos: 1, messageId: 1, ...named });
    publish(broker.last, 't', 2, { qos: 1, messageId: 2, ...named });
    publish(broker.last, 't', 3, { qos: 2, messageId: 3, ...named });
    publish(broker.last, 't', 4, { qos: 2, messageId: 4, ...named });
    await expect.poll(() => broker.last.sent.filter(({ cmd }) => cmd === 'pubrec').length, eventually).toBe(2);
    broker.last.send({ cmd: 'pubrel', messageId: 3 });
    await expect.poll(() => engine.numbers(1), eventually).toEqual([1, 2, 3]);
    broker.last.socket.terminate();
    await expect.poll(() => engine.connections, eventually).toBe(2);
    // Its acknowledgements were lost on the way: it sends everything again that it does not know to have arrived.
    publish(broker.last, 't', 1, { qos: 1, messageId: 1, dup: true, ...named });
    publish(broker.last, 't', 2, { qos: 1, messageId: 2, dup: true, ...named });
    broker.last.send({ cmd: 'pubrel', messageId: 3 });
    publish(broker.last, 't', 4, { qos: 2, messageId: 4, dup: true, ...named });
    broker.last.send({ cmd: 'pubrel', messageId: 4 });
    publish(broker.last, 't', 5, { qos: 1, messageId: 5, ...named });
    publish(broker.last, 't', 6, { qos: 1, messageId: 1, ...named });
    await expect.poll(() => engine.numbers(1), eventually).toEqual([1, 2, 3, 4, 5, 6]);
    const acknowledged = (): unknown[] =>
      broker.last.sent.filter(({ cmd }) => cmd === 'puback').map(({ messageId }) => messageId);
    await expect.poll(acknowledged, eventually).toEqual([1, 2, 5, 1]);
  });
});

describe('that it is connected again says of which streams the broker has stored all', () => {
  /** Loses the connection once, and gives what it says then. */
  async function lose(broker: ScriptedBroker, qos: 0 | 1, before?: () => void): Promise<unknown> {
    using engine = new TestEngine(broker.url, { ...keeping, protocolVersion: 4 }, shortestBackoff);
    engine.open(1, { qos });
    await expect.poll(() => engine.subscribed(1) !== undefined, eventually).toBe(true);
    before?.();
    broker.last.socket.close();
    await expect.poll(() => engine.connections, eventually).toBe(2);
    return engine.all('status').at(-1)?.stored;
  }

  test('those with a QoS above 0', async () => {
    await using broker = await resuming();
    expect(await lose(broker, 1)).toEqual([1]);
    expect(await lose(broker, 0)).toBeUndefined();
  });

  test.each<[string, object, unknown]>([
    ['a live message of QoS 0', {}, undefined],
    ['a retained message of QoS 0, which may be years old', { retain: true }, [1]],
    ['a message of QoS 1', { qos: 1, messageId: 1 }, [1]],
    ['a message of QoS 2', { qos: 2, messageId: 1 }, [1]],
  ])('after %s', async (_, over, stored) => {
    await using broker = await resuming();
    expect(await lose(broker, 1, () => publish(broker.last, 't', 1, over))).toEqual(stored);
  });

  test('not those that it granted a lower QoS than was asked', async () => {
    await using broker = await resuming((client, { messageId }) => {
      client.send({ cmd: 'suback', messageId, granted: [0] });
      return true;
    });
    expect(await lose(broker, 1)).toBeUndefined();
  });

  test('not those that it had not answered for when the connection was lost', async () => {
    await using broker = await resuming((client, _packet, connections) => {
      if (connections > 1) {
        return false;
      }
      client.socket.close();
      return true;
    });
    using engine = new TestEngine(broker.url, { ...keeping, protocolVersion: 4 }, shortestBackoff);
    engine.open(1, { qos: 1 });
    await expect.poll(() => engine.connections, eventually).toBe(2);
    expect(engine.all('status').at(-1)).not.toHaveProperty('stored');
  });

  test('none where it kept no session', async () => {
    await using broker = await ScriptedBroker.start();
    expect(await lose(broker, 1)).toBeUndefined();
  });
});

test('a session that the broker did not keep is begun again', async () => {
  await using broker = await ScriptedBroker.start();
  using engine = new TestEngine(broker.url, keeping, shortestBackoff);
  engine.open(1, { filters: ['a', 'b'], qos: 1 });
  await expect.poll(() => engine.subscribed(1)?.granted, eventually).toBe(true);
  broker.last.socket.close();
  await expect.poll(() => broker.clients.length, eventually).toBe(2);
  await expect.poll(() => broker.last.asked, eventually).toEqual(['a', 'b']);
});

test('who stops for good tells the broker to forget the session', async () => {
  await using broker = await ScriptedBroker.start();
  using engine = new TestEngine(broker.url, { ...keeping, protocolVersion: 5 });
  await expect.poll(() => engine.status.state, eventually).toBe('connected');
  engine.post({ type: 'stop' });
  await expect.poll(() => engine.all('stopped').length, eventually).toBe(1);
  await expect
    .poll(() => broker.last.sent.at(-1), eventually)
    .toMatchObject({ cmd: 'disconnect', properties: { sessionExpiryInterval: 0 } });
});

test('who stops does not wait for a broker that owes an answer', async () => {
  await using broker = await ScriptedBroker.start((packet) => packet.cmd === 'subscribe');
  using engine = new TestEngine(broker.url);
  engine.open(1);
  await expect.poll(() => broker.last?.asked, eventually).toEqual(['t']);
  engine.post({ type: 'stop' });
  await expect.poll(() => engine.all('stopped').length, eventually).toBe(1);
  await expect.poll(() => broker.open, eventually).toBe(0);
});
