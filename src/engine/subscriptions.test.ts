import { describe, expect, test } from 'vitest';
import { eventually, shortestBackoff, TestEngine } from '../testing/test-engine';
import { accept, publish, ScriptedBroker } from '../testing/scripted-broker';

describe('a refused filter', () => {
  test.each([
    [4, 0x80, /gives no reason/],
    [5, 0x80, /gives no reason/],
    [5, 0x87, /not authorized.*"not for you"/],
    [5, 0x8f, /not valid/],
    [5, 0x97, /quota/],
    [5, 0xa2, /does not allow wildcards/],
  ] as const)('of MQTT %i with code %i does not take others with it, and says why', async (version, code, reason) => {
    await using broker = await ScriptedBroker.start((packet, client) => {
      if (packet.cmd === 'subscribe' && packet.subscriptions[0].topic === 'secret') {
        const properties = code === 0x80 ? {} : { reasonString: 'not for you' };
        client.send({ cmd: 'suback', messageId: packet.messageId, granted: [code], properties });
        return true;
      }
    });
    using engine = new TestEngine(broker.url, { protocolVersion: version }, shortestBackoff);
    engine.open(1, { filters: ['a', 'secret', 'b'] });
    engine.open(2, { filters: ['b'] });
    for (const connection of [1, 2]) {
      await expect.poll(() => engine.connections, eventually).toBe(connection);
      await expect.poll(() => engine.subscribed(1)?.refused.length, eventually).toBe(1);
      await expect.poll(() => broker.last.asked.toSorted(), eventually).toEqual(['a', 'b', 'secret']);
      expect(engine.subscribed(1)).toMatchObject({ granted: false, refused: [{ filter: 'secret' }] });
      expect(engine.subscribed(1)!.refused[0].reason).toMatch(reason);
      expect(engine.subscribed(2)).toMatchObject({ granted: true, refused: [] });
      const ids = version === 5 ? { properties: { subscriptionIdentifier: 3 } } : {};
      publish(broker.last, 'b', connection, ids);
      await expect.poll(() => engine.rows(2), eventually).toBe(connection);
      broker.last.socket.close();
    }
  });
});

describe('with MQTT 5', () => {
  test('each filter is asked for with its identifier, and for its retained messages', async () => {
    await using broker = await ScriptedBroker.start();
    using engine = new TestEngine(broker.url, { protocolVersion: 5 });
    engine.open(1, { filters: ['a'], qos: 1 });
    engine.open(2, { filters: ['b'] });
    await expect.poll(() => broker.last?.asked, eventually).toEqual(['a', 'b']);
    const packets = broker.last.sent.filter((packet) => packet.cmd === 'subscribe');
    expect(packets.map(({ properties }) => properties)).toEqual([
      { subscriptionIdentifier: 1 },
      { subscriptionIdentifier: 2 },
    ]);
    expect(packets[0].subscriptions).toEqual([{ topic: 'a', qos: 1, nl: false, rap: false, rh: 0 }]);
  });

  test('what a broker says that it cannot do is not asked of it', async () => {
    await using broker = await ScriptedBroker.start((packet, client) => {
      if (packet.cmd === 'connect') {
        const properties = {
          wildcardSubscriptionAvailable: false,
          sharedSubscriptionAvailable: false,
          subscriptionIdentifiersAvailable: false,
        };
        accept(client, { properties });
        return true;
      }
    });
    using engine = new TestEngine(broker.url, { protocolVersion: 5 });
    engine.open(1, { filters: ['a', 'b/+', 'c/#', '$share/g/d'] });
    await expect.poll(() => engine.subscribed(1)?.refused.length, eventually).toBe(3);
    await expect.poll(() => broker.last.asked, eventually).toEqual(['a']);
    expect(broker.last.sent.find(({ cmd }) => cmd === 'subscribe')).not.toHaveProperty('properties');
    expect(engine.subscribed(1)!.refused.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/wildcards/),
      expect.stringMatching(/wildcards/),
      expect.stringMatching(/shared/),
    ]);
  });
});

describe('a broker that hangs up on a filter that it does not allow', () => {
  test('is not asked for it for ever, and the others get their messages', async () => {
    await using broker = await ScriptedBroker.start((packet, client) => {
      if (packet.cmd === 'subscribe' && packet.subscriptions[0].topic === 'secret') {
        client.socket.terminate();
        return true;
      }
    });
    using engine = new TestEngine(broker.url, {}, shortestBackoff);
    engine.open(1, { filters: ['secret', 'a'] });
    engine.open(2, { filters: ['b'] });
    await expect
      .poll(() => engine.subscribed(1)?.refused, eventually)
      .toEqual([
        {
          filter: 'secret',
          reason: expect.stringMatching(/closes the connection whenever the browser subscribes to it/),
        },
      ]);
    await expect.poll(() => engine.subscribed(2)?.granted, eventually).toBe(true);
    const attempts = broker.clients.length;
    expect(attempts).toBeLessThanOrEqual(4);
    expect(engine.all('status').some(({ status }) => 'error' in status && status.error?.code === 'client-id')).toBe(
      false
    );
    publish(broker.last, 'a', 1);
    publish(broker.last, 'b', 2);
    await expect.poll(() => [engine.rows(1), engine.rows(2)], eventually).toEqual([1, 1]);
    expect(broker.clients).toHaveLength(attempts);
  });

  test('is told from a network that is cut while a filter is asked for', async () => {
    let cuts = 0;
    await using broker = await ScriptedBroker.start((packet, client) => {
      if (packet.cmd === 'subscribe' && cuts < 2) {
        cuts++;
        client.socket.terminate();
        return true;
      }
    });
    using engine = new TestEngine(broker.url, {}, shortestBackoff);
    engine.open(1, { filters: ['a', 'b', 'c'] });
    await expect.poll(() => engine.subscribed(1), eventually).toMatchObject({ granted: true, refused: [] });
  });
});
