/** Messages of a session whose client reconnects while others publish. */
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { startBroker } from '../fixture';
import { connectMqtt, connectPacket, openRaw, subscribe, type RawMqtt } from '../testing/raw-client';
import type { Storage } from '../storage/storage';
import { SessionPersistence } from '../storage/memory/persistence';
import { startBareAedes, until } from '../testing/clients';

const ME = { clean: false };

async function leaveSession(port: number): Promise<void> {
  using client = await connectMqtt(port, 'me', ME);
  await subscribe(client, { t: 1 });
  client.send({ cmd: 'disconnect' });
  await once(client.socket, 'close');
}

const texts = (client: RawMqtt): string[] => client.messages().map(({ payload }) => payload.toString());

describe('CONNACK is sent first [MQTT-3.2.0-1], with a slow store', () => {
  /** A store whose reply before CONNACK is delayed by the test. */
  function slowStore(): { persistence: SessionPersistence; asked: () => boolean; answer: () => void } {
    const persistence = new SessionPersistence();
    const delWill = persistence.delWill.bind(persistence);
    let answer = (): void => {};
    let asked = false;
    const held = new Promise<void>((resolve) => {
      answer = resolve;
    });
    let connects = 0;
    persistence.delWill = async (client) => {
      connects += 1;
      if (connects === 2) {
        asked = true;
        await held;
      }
      return delWill(client);
    };
    return { persistence, asked: () => asked, answer };
  }

  async function comeBack(
    { asked, answer }: ReturnType<typeof slowStore>,
    port: number,
    publish: (payload: string, qos: 0 | 1) => Promise<void>
  ): Promise<RawMqtt> {
    await leaveSession(port);
    const client = await openRaw(port);
    client.send(connectPacket('me', ME));
    await until('the store to be asked', asked);
    await Promise.all([publish('QoS 0', 0), publish('QoS 1', 1)]);
    answer();
    await client.next('connack');
    await publish('later', 1);
    await until('what was published last', () => texts(client).includes('later'));
    return client;
  }

  test('QoS 1 messages wait for it, and are delivered once', async () => {
    const store = slowStore();
    const storage: Storage = { persistence: store.persistence, close: () => Promise.resolve() };
    await using broker = await startBroker({ storage });
    using client = await comeBack(store, broker.tcp!.port, (payload, qos) =>
      broker.publish({ topic: 't', payload, qos })
    );
    expect(client.received[0].cmd).toBe('connack');
    expect(texts(client)).toEqual(['QoS 1', 'later']);
  });

  test('control: bare Aedes sends messages before CONNACK', async () => {
    const store = slowStore();
    await using bare = await startBareAedes({ persistence: store.persistence });
    using client = await comeBack(
      store,
      bare.tcpPort,
      (payload, qos) =>
        new Promise((resolve) => {
          bare.aedes.publish({ cmd: 'publish', topic: 't', payload, qos, retain: false, dup: false }, () => resolve());
        })
    );
    expect(client.received[0].cmd).toBe('publish');
  });
});

describe('new messages are delivered after queued ones [MQTT-4.6.0-6]', () => {
  const numbers = Array.from({ length: 200 }, (_, n) => String(n));

  async function comeBack(port: number, publish: (payload: string) => Promise<void>): Promise<string[]> {
    await leaveSession(port);
    for (const payload of numbers.slice(0, 10)) {
      await publish(payload);
    }
    using client = await openRaw(port);
    client.send(connectPacket('me', ME));
    for (const payload of numbers.slice(10)) {
      await publish(payload);
      if (Number(payload) % 2 === 1) {
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
    }
    await until('all', () => new Set(texts(client)).size === numbers.length);
    return texts(client);
  }

  test('each once, in order', async () => {
    for (let round = 0; round < 10; round += 1) {
      await using broker = await startBroker();
      const got = await comeBack(broker.tcp!.port, (payload) => broker.publish({ topic: 't', payload, qos: 1 }));
      expect(got).toEqual(numbers);
    }
  });

  test('control: bare Aedes sends new ones first', async () => {
    await using bare = await startBareAedes();
    const got = await comeBack(
      bare.tcpPort,
      (payload) =>
        new Promise((resolve) => {
          bare.aedes.publish({ cmd: 'publish', topic: 't', payload, qos: 1, retain: false, dup: false }, () =>
            resolve()
          );
        })
    );
    const firsts = [...new Set(got)].map(Number);
    expect(firsts).not.toEqual(firsts.toSorted((a, b) => a - b));
  });
});
