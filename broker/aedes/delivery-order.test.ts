import { describe, expect, test } from 'vitest';
import { startBroker } from '../fixture';
import { connectClient, connectRaw, packets, startBareAedes, until, type TestClient } from '../testing/clients';

interface Plan {
  name: string;
  qos: (n: number) => 0 | 1;
  retain: (n: number) => boolean;
  count: number;
  /** How many of them bare Aedes delivers. */
  bare: number;
}

/** The scenarios of moscajs/aedes #994 and #955 that were reproduced on 1.2.0. */
const PLANS: Plan[] = [
  { name: 'retained and not, in turn', qos: () => 0, retain: (n) => n % 2 === 0, count: 1_000, bare: 501 },
  { name: 'one retained in twenty', qos: () => 0, retain: (n) => n % 20 === 0, count: 1_000, bare: 951 },
  { name: 'QoS 1 and QoS 0, in turn', qos: (n) => (n % 2 === 0 ? 1 : 0), retain: () => false, count: 1_000, bare: 501 },
  {
    name: 'all kinds',
    qos: (n) => (n % 3 === 0 ? 1 : 0),
    retain: (n) => n % 4 === 0,
    count: 1_500,
    bare: 751,
  },
];

const numbers = (count: number): string[] => Array.from({ length: count }, (_, n) => String(n));

/** Publishes a mark and waits for it: whatever is still on its way comes before. */
async function settled(subscriber: TestClient, publishMark: () => void): Promise<string[]> {
  publishMark();
  await until('the mark', () => subscriber.deliveries.some(({ topic }) => topic === 'mark'));
  return subscriber.deliveries.filter(({ topic }) => topic !== 'mark').map(({ text }) => text);
}

describe.each(PLANS)('$name, published in one go', ({ qos, retain, count, bare }) => {
  test('all arrive, in order', async () => {
    await using broker = await startBroker();
    await using subscriber = await connectClient(broker.tcp!.url);
    await subscriber.client.subscribeAsync('#', { qos: 1 });
    const done = numbers(count).map((payload, n) =>
      broker.publish({ topic: `dev/${n % 7}`, payload, qos: qos(n), retain: retain(n) })
    );
    await Promise.all(done);
    const texts = await settled(subscriber, () => void broker.publish({ topic: 'mark', payload: '' }));
    expect(texts).toEqual(numbers(count));
    expect(broker.received.map(({ text }) => text).slice(0, count)).toEqual(numbers(count));
  });

  test('control: bare Aedes loses some', async () => {
    await using bareBroker = await startBareAedes();
    await using subscriber = await connectClient(bareBroker.tcpUrl);
    await subscriber.client.subscribeAsync('#', { qos: 1 });
    const publish = (topic: string, payload: string, n = 1, plain = false): void =>
      bareBroker.aedes.publish(
        { cmd: 'publish', topic, payload, qos: plain ? 0 : qos(n), retain: !plain && retain(n), dup: false },
        () => {}
      );
    numbers(count).forEach((payload, n) => publish(`dev/${n % 7}`, payload, n));
    // Later than everything that is still being stored
    await new Promise((resolve) => setImmediate(resolve));
    const texts = await settled(subscriber, () => publish('mark', '', 1, true));
    expect(texts.length).toBeLessThanOrEqual(bare);
  });
});

test('a retained message that a client sends just before another one arrives', async () => {
  const bytes = Buffer.concat(
    numbers(1_000).map((payload, n) =>
      packets.publish(n % 2 === 0 ? 'dev/status' : 'dev/temp', payload, { retain: n % 2 === 0 })
    )
  );
  await using broker = await startBroker();
  await using subscriber = await connectClient(broker.ws!.url);
  await subscriber.client.subscribeAsync('dev/#');
  using publisher = await connectRaw(broker.tcp!.port);
  publisher.socket.write(Buffer.concat([packets.connect('sensor'), bytes]));
  await until('1,000 messages', () => subscriber.deliveries.length >= 1_000);
  expect(subscriber.texts()).toEqual(numbers(1_000));

  await using bare = await startBareAedes();
  await using loser = await connectClient(bare.tcpUrl);
  await loser.client.subscribeAsync('#');
  using again = await connectRaw(bare.tcpPort);
  again.socket.write(Buffer.concat([packets.connect('sensor'), bytes]));
  await until('the last one', () => loser.deliveries.some(({ text }) => text === '999'));
  // The control
  expect(loser.deliveries.length).toBeLessThan(600);
});

test('one topic stays in order when only some of its messages are retained', async () => {
  await using broker = await startBroker();
  await using subscriber = await connectClient(broker.tcp!.url);
  await subscriber.client.subscribeAsync('t');
  for (const payload of numbers(300)) {
    void broker.publish({
      topic: 't',
      payload,
      retain: Number(payload) % 3 === 0,
      qos: Number(payload) % 5 === 0 ? 2 : 0,
    });
  }
  await until('300 messages', () => subscriber.deliveries.length >= 300);
  expect(subscriber.texts()).toEqual(numbers(300));
});

describe('the queue of a session whose client is away, with retained messages among others', () => {
  const session = { clientId: 'away', clean: false };

  async function queued(url: string, publish: (payload: string, retain: boolean) => Promise<void>): Promise<string[]> {
    {
      await using client = await connectClient(url, session);
      await client.client.subscribeAsync('t', { qos: 1 });
      await client.client.endAsync();
    }
    await Promise.all(numbers(100).map((payload, n) => publish(payload, n % 3 === 0)));
    await using back = await connectClient(url, { ...session, resubscribe: false });
    await until('all of them', () => back.deliveries.length >= 100);
    return back.texts();
  }

  test('is in the order of publishing', async () => {
    await using broker = await startBroker();
    const publish = (payload: string, retain: boolean) => broker.publish({ topic: 't', payload, qos: 1, retain });
    expect(await queued(broker.tcp!.url, publish)).toEqual(numbers(100));
  });

  test('control: on bare Aedes it is not', async () => {
    await using bare = await startBareAedes();
    const texts = await queued(
      bare.tcpUrl,
      (payload, retain) =>
        new Promise((resolve) => {
          bare.aedes.publish({ cmd: 'publish', topic: 't', payload, qos: 1, retain, dup: false }, () => resolve());
        })
    );
    expect(texts).not.toEqual(numbers(100));
  });
});

test('overlapping filters of one client deliver once, with and without retain and QoS', async () => {
  await using broker = await startBroker();
  await using subscriber = await connectClient(broker.tcp!.url);
  for (const filter of ['a/#', 'a/+', 'a/b', '#']) {
    await subscriber.client.subscribeAsync(filter, { qos: 1 });
  }
  for (const payload of numbers(200)) {
    const n = Number(payload);
    void broker.publish({ topic: 'a/b', payload, qos: (n % 3) as 0 | 1 | 2, retain: n % 4 === 0 });
  }
  expect(await settled(subscriber, () => void broker.publish({ topic: 'mark', payload: '' }))).toEqual(numbers(200));
});

test('what a hook publishes while a message is delivered does not overtake it', async () => {
  const heard: string[] = [];
  await using broker = await startBroker({
    onPublish: ({ topic }) => {
      heard.push(topic);
      if (topic === 'question') {
        void broker.publish({ topic: 'answer', payload: '' });
      }
    },
  });
  await using subscriber = await connectClient(broker.tcp!.url);
  await subscriber.client.subscribeAsync('+');
  await broker.publish({ topic: 'question', payload: '', qos: 1, retain: true });
  await until('the answer', () => subscriber.deliveries.length === 2);
  expect(subscriber.deliveries.map(({ topic }) => topic)).toEqual(['question', 'answer']);
  expect(heard).toEqual(['question', 'answer']);
});

test('a publish that is refused holds up nothing', async () => {
  await using broker = await startBroker();
  const deep = 'a/'.repeat(150);
  const results = await Promise.allSettled([
    broker.publish({ topic: 'kept', payload: '1', retain: true }),
    broker.publish({ topic: deep, payload: '2', qos: 1 }),
    broker.publish({ topic: 'kept', payload: '3', retain: true }),
    broker.publish({ topic: 'other', payload: '4' }),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  expect(broker.received.map(({ text }) => text)).toEqual(['1', '3', '4']);
});
