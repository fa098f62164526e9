/** Resources that Aedes 1.2.0 does not limit and this broker does, each with a control test on bare Aedes. */
import { once } from 'node:events';
import type { AedesOptions } from 'aedes';
import { describe, expect, test } from 'vitest';
import { startBroker } from '../fixture';
import type { Limits } from '../limits';
import { connectMqtt, publish, publishPacket, subscribe, type RawMqtt } from '../testing/raw-client';
import { packets, startBareAedes, until } from '../testing/clients';

/** Runs the same test against this broker, with limits, and against bare Aedes. */
async function both<T>(
  limits: Partial<Limits>,
  run: (port: number, expected: number) => Promise<T>
): Promise<{ ours: T; bare: T }> {
  await using broker = await startBroker({ limits });
  const ours = await run(broker.tcp!.port, LIMIT);
  await using aedes = await startBareAedes();
  return { ours, bare: await run(aedes.tcpPort, MESSAGES) };
}

const LIMIT = 100;
const MESSAGES = 300;

/** The number of delivered messages, once the expected number has arrived. */
async function countOf(client: RawMqtt, expected: number): Promise<number> {
  await until('them', () => client.messages().length >= expected);
  client.send({ cmd: 'pingreq' });
  await client.next('pingresp');
  return client.messages().length;
}

async function session(port: number, clientId: string): Promise<number> {
  using client = await connectMqtt(port, clientId, { clean: false });
  if (client.returnCode === 0) {
    await subscribe(client, { 'q/#': 1 });
    client.send({ cmd: 'disconnect' });
    await once(client.socket, 'close');
  }
  return client.returnCode;
}

describe('stored messages and sessions', () => {
  test('retained messages', async () => {
    const counts = await both({ retainedMessages: LIMIT }, async (port, expected) => {
      using publisher = await connectMqtt(port, 'p');
      for (let n = 0; n < MESSAGES; n += 1) {
        await publish(publisher, publishPacket(`r/${n}`, 'x', 1, { retain: true }));
      }
      using client = await connectMqtt(port, 'c');
      await subscribe(client, { 'r/+': 0 });
      return await countOf(client, expected);
    });
    expect(counts).toEqual({ ours: LIMIT, bare: MESSAGES });
  });

  test('the queue of a session', async () => {
    const counts = await both({ queueMessages: LIMIT }, async (port, expected) => {
      await session(port, 'c');
      using publisher = await connectMqtt(port, 'p');
      for (let n = 0; n < MESSAGES; n += 1) {
        await publish(publisher, publishPacket('q/1', String(n), 1));
      }
      using back = await connectMqtt(port, 'c', { clean: false });
      return await countOf(back, expected);
    });
    expect(counts).toEqual({ ours: LIMIT, bare: MESSAGES });
  });

  test('sessions', async () => {
    const { ours, bare } = await both({ sessions: 3 }, async (port) => {
      const codes: number[] = [];
      for (let n = 0; n < 5; n += 1) {
        codes.push(await session(port, `c${n}`));
      }
      return codes;
    });
    expect({ ours, bare }).toEqual({ ours: [0, 0, 0, 3, 3], bare: [0, 0, 0, 0, 0] });
  });
});

describe('packets of a client in one turn of the event loop', () => {
  const PACKETS = 5_000;

  /** Counts the messages of each turn. */
  function counting(): { hook: NonNullable<AedesOptions['authorizePublish']>; most: () => number; all: () => number } {
    let all = 0;
    let most = 0;
    let ofTurn = 0;
    return {
      hook: (_client, _packet, done) => {
        if (ofTurn === 0) {
          setImmediate(() => (ofTurn = 0));
        }
        all += 1;
        ofTurn += 1;
        most = Math.max(most, ofTurn);
        done(null);
      },
      most: () => most,
      all: () => all,
    };
  }

  async function flood(port: number, all: () => number): Promise<void> {
    using client = await connectMqtt(port, 'flood');
    // 35 KB, which arrive in one read
    client.socket.write(Buffer.concat(Array.from({ length: PACKETS }, () => packets.publish('t', ''))));
    await until('all of them', () => all() === PACKETS);
  }

  test('are limited', async () => {
    const { hook, most, all } = counting();
    await using broker = await startBroker({ authorizePublish: hook });
    await flood(broker.tcp!.port, all);
    expect(most()).toBeLessThan(2 * 1_024);
  });

  test('control: bare Aedes handles all of them', async () => {
    const { hook, most, all } = counting();
    await using bare = await startBareAedes({ authorizePublish: hook });
    await flood(bare.tcpPort, all);
    expect(most()).toBeGreaterThan(2 * 1_024);
  });
});
