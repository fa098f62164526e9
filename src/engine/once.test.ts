import { describe, expect, test } from 'vitest';
import { seededRandom } from '../../testing/random';
import { runOracle } from '../testing/overlap-oracle';
import { type Behaviour, OverlappingBroker } from '../testing/overlapping-broker';
import { eventually, TestEngine } from '../testing/test-engine';

/** For a run by hand with more messages: `OVERLAP_SECONDS=60 OVERLAP_RATE=1700`. */
const SECONDS = Number(process.env['OVERLAP_SECONDS'] ?? 6);
const RATE = Number(process.env['OVERLAP_RATE'] ?? 500);

describe.concurrent.each([4, 5] as const)(
  'MQTT %i: filters that overlap join and leave while messages flow',
  (protocolVersion) => {
    test.each<[string, Behaviour]>([
      ['one copy', { copies: 'one' }],
      ['one copy with one identifier', { copies: 'one, first identifier' }],
      ['a copy for each subscription', { copies: 'each' }],
      ['copies that each name all identifiers', { copies: 'each, all identifiers' }],
      ['a copy for each QoS', { copies: 'one for each QoS' }],
      [
        'further sessions slower than the first',
        { copies: 'each', delayMs: (connection) => (connection === 0 ? 0 : 60) },
      ],
      [
        'the first session slower than others',
        { copies: 'each', delayMs: (connection) => (connection === 0 ? 60 : 5) },
      ],
      ['a filter that is refused', { copies: 'each', refused: ['o/#'] }],
      ['a filter that is granted and silent', { copies: 'each', silent: ['o/+/c'] }],
    ])(
      '%s: each message once',
      async (_, behaviour) => {
        await using broker = await OverlappingBroker.start(behaviour);
        using engine = new TestEngine(broker.url, { protocolVersion });
        const random = seededRandom(7);
        const { missing, doubled, ...result } = await runOracle(engine, {
          random: (below) => Math.floor(random() * below),
          publish: (topic, payload) => broker.publish(topic, payload, { qos: 1 }),
          durationMs: SECONDS * 1_000,
          perSecond: RATE,
          silent: [...(behaviour.silent ?? []), ...(behaviour.refused ?? [])],
        });
        expect({
          ...result,
          doubled: doubled.slice(0, 5),
          missing: missing.slice(0, 5),
        }).toMatchObject({ doubled: [], missing: [] });
        // On a machine that is busy with other things, fewer streams come and go.
        expect(result.expected).toBeGreaterThan(100);
      },
      (SECONDS + 60) * 1_000
    );
  }
);

test.concurrent(
  'sessions that are seconds apart, as RabbitMQ has them under load: each message once',
  async () => {
    await using broker = await OverlappingBroker.start({ copies: 'each', delayMs: (connection) => connection * 900 });
    using engine = new TestEngine(broker.url);
    const random = seededRandom(5);
    const { missing, doubled } = await runOracle(engine, {
      random: (below) => Math.floor(random() * below),
      publish: (topic, payload) => broker.publish(topic, payload, { qos: 1 }),
      durationMs: SECONDS * 1_000,
      perSecond: 100,
    });
    expect({ doubled: doubled.slice(0, 5), missing: missing.slice(0, 5) }).toEqual({ doubled: [], missing: [] });
  },
  (SECONDS + 90) * 1_000
);

const numbers = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

describe('a filter that another one covers', () => {
  test('is not subscribed where both open together, and the cover has the highest QoS', async () => {
    await using broker = await OverlappingBroker.start({ copies: 'each' });
    using engine = new TestEngine(broker.url);
    engine.open(1, { filters: ['o/a'], qos: 1 });
    engine.open(2, { filters: ['o/#'] });
    engine.open(3, { filters: ['o/+', 'x'] });
    await expect.poll(() => [1, 2, 3].every((each) => engine.subscribed(each)?.granted), eventually).toBe(true);
    expect(broker.filters).toEqual([['o/#', 'x']]);
    const subscribe = broker.clients[0].sent.find((packet) => packet.cmd === 'subscribe');
    expect(subscribe).toMatchObject({ subscriptions: [{ topic: 'o/#', qos: 1 }] });
    broker.publish('o/a', 1, { qos: 1 });
    await expect.poll(() => [1, 2, 3].map((each) => engine.numbers(each)), eventually).toEqual([[1], [1], [1]]);
  });

  test('is subscribed by itself where the cover is refused', async () => {
    await using broker = await OverlappingBroker.start({ refused: ['o/#'] });
    using engine = new TestEngine(broker.url);
    engine.open(1, { filters: ['o/#'] });
    engine.open(2, { filters: ['o/a'] });
    await expect.poll(() => engine.subscribed(2)?.granted, eventually).toBe(true);
    expect(engine.subscribed(1)).toMatchObject({ granted: false, refused: [{ filter: 'o/#' }] });
    expect(broker.filters).toEqual([['o/a']]);
    broker.publish('o/a', 1);
    await expect.poll(() => engine.numbers(2), eventually).toEqual([1]);
    expect(engine.numbers(1)).toEqual([]);
  });

  test('has a session of its own where the cover is granted and silent', async () => {
    await using broker = await OverlappingBroker.start({ silent: ['o/#'] });
    using engine = new TestEngine(broker.url);
    engine.open(1, { filters: ['o/#'] });
    engine.open(2, { filters: ['o/a'] });
    await expect.poll(() => broker.filters.at(-1), eventually).toEqual(['o/a']);
    broker.publish('o/a', 1);
    await expect.poll(() => engine.numbers(2), eventually).toEqual([1]);
  }, 20_000);

  test('is subscribed before the cover goes, and equal messages in a row stay as many as were sent', async () => {
    await using broker = await OverlappingBroker.start({ copies: 'each' });
    using engine = new TestEngine(broker.url);
    engine.open(1, { filters: ['o/#'] });
    engine.open(2, { filters: ['o/a'], pendingRows: 1_000 });
    await expect.poll(() => engine.subscribed(2)?.granted, eventually).toBe(true);
    let sent = 0;
    const send = setInterval(() => {
      for (const value of [5, 5, 7]) {
        sent++;
        broker.publish('o/a', value);
      }
    }, 350);
    await expect.poll(() => engine.rows(2), eventually).toBeGreaterThan(10);
    engine.post({ type: 'close', stream: 1 });
    await expect.poll(() => broker.filters.flat(), { ...eventually, timeout: 40_000 }).toEqual(['o/a']);
    clearInterval(send);
    await expect.poll(() => engine.rows(2), eventually).toBe(sent);
  }, 60_000);
});

describe('filters that overlap in one client', () => {
  test('go to the one session that the broker allows', async () => {
    await using broker = await OverlappingBroker.start({ oneSession: true });
    using engine = new TestEngine(broker.url);
    engine.open(1, { filters: ['o/+'] });
    engine.open(2, { filters: ['+/a'] });
    await expect.poll(() => [1, 2].every((each) => engine.subscribed(each)?.granted), eventually).toBe(true);
    expect(broker.filters).toEqual([['+/a', 'o/+']]);
    broker.publish('o/a', 1);
    await expect.poll(() => [engine.numbers(1), engine.numbers(2)], eventually).toEqual([[1], [1]]);
  });

  test('ask for credentials once for each session', async () => {
    await using broker = await OverlappingBroker.start();
    using engine = new TestEngine(broker.url, { credentials: 'request' });
    engine.open(1, { filters: ['o/+'] });
    engine.open(2, { filters: ['+/a'] });
    for (let n = 0; n < 2; n++) {
      await expect.poll(() => engine.all('credentials').length, eventually).toBe(n + 1);
      const { attempt } = engine.all('credentials')[n];
      engine.post({ type: 'credentials', attempt, credentials: { username: 'u', password: `token ${n}` } });
    }
    await expect.poll(() => [1, 2].every((each) => engine.subscribed(each)?.granted), eventually).toBe(true);
    expect(broker.clients.map(({ connect }) => connect?.password?.toString())).toEqual(['token 0', 'token 1']);
    const [first, second] = broker.clients.map(({ connect }) => connect!.clientId);
    expect(second).toBe(`${first}-2`);
  });

  test('are never merged with a shared subscription, which has a part of the messages', async () => {
    await using broker = await OverlappingBroker.start();
    using engine = new TestEngine(broker.url);
    engine.open(1, { filters: ['o/#'] });
    engine.open(2, { filters: ['$share/g/o/a'] });
    await expect.poll(() => [1, 2].every((each) => engine.subscribed(each)?.granted), eventually).toBe(true);
    expect(broker.filters).toEqual([['o/#'], ['$share/g/o/a']]);
    broker.publish('o/a', 1);
    await expect.poll(() => engine.numbers(1), eventually).toEqual([1]);
    expect(engine.numbers(2)).toEqual([]);
  });

  test('need no further session when they are gone', async () => {
    await using broker = await OverlappingBroker.start();
    using engine = new TestEngine(broker.url);
    engine.open(1, { filters: ['o/+'] });
    engine.open(2, { filters: ['+/a'] });
    await expect.poll(() => broker.open, eventually).toBe(2);
    engine.post({ type: 'close', stream: 2 });
    await expect.poll(() => broker.open, { ...eventually, timeout: 15_000 }).toBe(1);
  }, 20_000);
});

describe.each([false, true])(
  'a late stream has its retained messages, with a broker that sends them once: %s',
  (retainedOnce) => {
    test('on the same filter, on one that is covered, and the newest value', async () => {
      await using broker = await OverlappingBroker.start({ copies: 'each', retainedOnce });
      for (const n of numbers(20)) {
        broker.publish(`o/${n}`, n, { retain: true });
      }
      using engine = new TestEngine(broker.url);
      engine.open(1, { filters: ['o/+'], maxSeries: 100 });
      await expect.poll(() => engine.rows(1), eventually).toBe(20);
      broker.publish('o/3', 103, { retain: true });
      broker.publish('o/4', '', { retain: true });
      await expect.poll(() => engine.numbers(1).includes(103), eventually).toBe(true);
      engine.open(2, { filters: ['o/+'], maxSeries: 100 });
      engine.open(3, { filters: ['o/3', 'o/4', 'o/5'] });
      await expect.poll(() => engine.numbers(3).toSorted((a, b) => b - a), eventually).toEqual([103, 5]);
      await expect.poll(() => engine.rows(2), eventually).toBe(19);
      broker.publish('o/3', 203);
      await expect.poll(() => engine.numbers(3).at(-1), eventually).toBe(203);
      expect(engine.numbers(3)).toHaveLength(3);
      expect(engine.numbers(2)).toHaveLength(20);
    });
  }
);

test('a broker that sends retained messages to exact filters only sends them although another filter covers these', async () => {
  await using broker = await OverlappingBroker.start({ copies: 'each', retainedExactly: true });
  broker.publish('o/a', 7, { retain: true });
  using engine = new TestEngine(broker.url);
  engine.open(1, { filters: ['o/#'] });
  engine.open(2, { filters: ['o/a'] });
  await expect.poll(() => engine.numbers(2), eventually).toEqual([7]);
  broker.publish('o/a', 8);
  await expect.poll(() => engine.numbers(2), eventually).toEqual([7, 8]);
});
