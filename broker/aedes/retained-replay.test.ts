import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { startBroker, type TestBroker } from '../fixture';
import { connectMqtt, type RawMqtt } from '../testing/raw-client';
import { SessionPersistence } from '../storage/memory/persistence';
import { startBareAedes, until } from '../testing/clients';

/** More than what the kernel's buffers and the broker's window for replays take. */
const MESSAGES = 1_000;
const PAYLOAD = 'x'.repeat(20_000);

async function retain(broker: TestBroker, ...folders: string[]): Promise<void> {
  for (const folder of folders) {
    for (let n = 0; n < MESSAGES; n += 1) {
      void broker.publish({ topic: `${folder}/${n}`, payload: PAYLOAD, retain: true });
    }
  }
  await broker.publish({ topic: 'end', payload: '' });
}

/** Subscribes with packets of one filter each. */
function ask(client: RawMqtt, ...filters: string[]): void {
  client.send(
    ...filters.map((topic, n) => ({
      cmd: 'subscribe' as const,
      messageId: n + 1,
      subscriptions: [{ topic, qos: 0 as const }],
    }))
  );
}

const folders = (client: RawMqtt): string[] => client.messages().map(({ topic }) => topic.split('/')[0]);

const times = (folder: string, count = MESSAGES): string[] => Array.from({ length: count }, () => folder);

test('the retained messages of one SUBSCRIBE come after those of the other, and a filter that waits is sent once', async () => {
  await using broker = await startBroker();
  await retain(broker, 'a', 'b');
  using client = await connectMqtt(broker.tcp!.port, 'c');
  client.socket.pause();
  for (const filter of ['a/#', 'b/#']) {
    ask(client, filter);
    await until('it to be subscribed', () => broker.subscriptions().get('c')?.includes(filter) === true);
  }
  ask(client, 'b/#', 'b/#');
  ask(client, 'mark');
  await until('these too', () => broker.subscriptions().get('c')?.includes('mark') === true);
  client.socket.resume();
  await until('all of them', () => client.messages().length >= 2 * MESSAGES);
  client.send({ cmd: 'pingreq' });
  await client.next('pingresp');
  expect(folders(client)).toEqual([...times('a'), ...times('b')]);
  expect(client.received.filter(({ cmd }) => cmd === 'suback')).toHaveLength(5);
  // And those of a filter that was sent before come again [MQTT-3.8.4-3]
  client.send({ cmd: 'subscribe', messageId: 9, subscriptions: [{ topic: 'a/7', qos: 0 }] });
  await until('it again', () => client.messages().length > 2 * MESSAGES);
  expect(client.messages().at(-1)).toMatchObject({ topic: 'a/7', retain: true });
});

test('what is unsubscribed from before its turn does not come', async () => {
  await using broker = await startBroker();
  await retain(broker, 'a', 'b');
  using client = await connectMqtt(broker.tcp!.port, 'c');
  client.socket.pause();
  ask(client, 'a/#');
  await until('it to be subscribed', () => broker.subscriptions().get('c')?.length === 1);
  ask(client, 'b/#', 'a/1');
  await until('the others', () => broker.subscriptions().get('c')?.length === 3);
  client.send({ cmd: 'unsubscribe', messageId: 9, unsubscriptions: ['b/#'] });
  await until('that', () => broker.subscriptions().get('c')?.join() === 'a/#,a/1');
  client.socket.resume();
  await until('all of them', () => client.messages().length > MESSAGES);
  expect(folders(client)).toEqual(times('a', MESSAGES + 1));
});

/** A store that counts the retained messages that are being sent. */
function counting(): { persistence: SessionPersistence; going: () => number } {
  const persistence = new SessionPersistence();
  const create = persistence.createRetainedStreamCombi.bind(persistence);
  let going = 0;
  persistence.createRetainedStreamCombi = (filters): Readable => {
    going += 1;
    return create(filters).once('close', () => (going -= 1));
  };
  return { persistence, going: () => going };
}

const flood = times('#', 2_000);

test('a client that subscribes over and over and reads nothing is sent them once at a time', async () => {
  const { persistence, going } = counting();
  await using broker = await startBroker({ storage: () => ({ persistence, close: () => Promise.resolve() }) });
  await retain(broker, 'a');
  using client = await connectMqtt(broker.tcp!.port, 'c');
  client.socket.pause();
  ask(client, ...flood);
  client.send({ cmd: 'publish', topic: 'mark', payload: '', qos: 0, dup: false, retain: false });
  await broker.message('mark');
  expect(going()).toBe(1);
  client.socket.destroy();
  await once(client.socket, 'close');
  await until('the end of it', () => going() === 0);
});

test('control: bare Aedes sends them as many times at once as it was asked', async () => {
  const { persistence, going } = counting();
  await using bare = await startBareAedes({ persistence });
  for (let n = 0; n < MESSAGES; n += 1) {
    bare.aedes.publish(
      { cmd: 'publish', topic: `a/${n}`, payload: Buffer.from(PAYLOAD), qos: 0, retain: true, dup: false },
      () => {}
    );
  }
  using client = await connectMqtt(bare.tcpPort, 'c');
  client.socket.pause();
  ask(client, ...flood);
  await until('most of them', () => going() > 1_000);
  expect(going()).toBeGreaterThan(1_000);
});
