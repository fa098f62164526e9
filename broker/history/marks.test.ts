import { describe, expect, test, vi } from 'vitest';
import { startBroker } from '../fixture';
import { mosquittoPath, startMosquitto } from '../../testing/mosquitto';
import { connectClient, until } from '../testing/clients';
import { connectHistory } from '../testing/history-client';
import { Marks } from './marks';
import { startStandaloneHistorian } from './standalone';

const mosquitto = mosquittoPath();
const TOPICS = ['t/a', 't/b'];

/** A broker with a historian, of its own or next to it. */
interface Recorded extends AsyncDisposable {
  url: string;
}

const BROKERS: Array<[name: string, start: (() => Promise<Recorded>) | undefined]> = [
  [
    'the embedded broker',
    async () => {
      const broker = await startBroker({ history: { filters: ['t/#'] } });
      return { url: broker.tcp!.url, [Symbol.asyncDispose]: () => broker.close() };
    },
  ],
  [
    'a standalone historian and mosquitto',
    mosquitto === undefined
      ? undefined
      : async () => {
          const broker = await startMosquitto(mosquitto);
          const url = `mqtt://127.0.0.1:${broker.tcpPort}`;
          let isThere = false;
          const errors: string[] = [];
          const historian = await startStandaloneHistorian({
            url,
            history: { filters: ['t/#'] },
            onConnected: () => (isThere = true),
            onError: ({ message }) => errors.push(message),
          });
          await until('the historian', () => isThere).catch((error: Error) => {
            throw new Error(`${error.message}; ${errors.join('; ') || 'without errors'}`);
          });
          return {
            url,
            [Symbol.asyncDispose]: async () => {
              await historian.close();
              await broker[Symbol.asyncDispose]();
            },
          };
        },
  ],
];

describe.each(BROKERS)('for %s', (_name, start) => {
  test.skipIf(start === undefined).each([0, 1] as const)(
    'a mark divides live messages of QoS %i exactly: those in the response come before the mark, no other does',
    async (qos) => {
      await using broker = await start!();
      await using live = await connectClient(broker.url, { clientId: 'live' });
      await live.client.subscribeAsync(['t/#', 'history/mark/live/+'], { qos });
      await using history = await connectHistory(broker.url, 'asks');
      await using sensor = await connectClient(broker.url);
      const publisher = new AbortController();
      const publishing = (async () => {
        // Equal payloads, in quick succession
        while (!publisher.signal.aborted) {
          await Promise.all(TOPICS.map((topic) => sensor.client.publishAsync(topic, '7', { qos })));
        }
      })();
      const marks = (): number[] =>
        live.deliveries.flatMap(({ topic }, index) => (topic.startsWith('history/mark/live/') ? [index] : []));
      for (let n = 1; n <= 20; n += 1) {
        const { parts } = await history.request({ v: 2, filters: ['t/#'], from: 0, limit: 1, mark: 'live' });
        expect(parts[0].mark).toBe(true);
        await until('the mark', () => marks().length === n);
        const before = live.deliveries.slice(0, marks().at(-1));
        for (const { topic, first } of parts.flatMap(({ topics = [] }) => topics)) {
          expect(before.filter((each) => each.topic === topic)).toHaveLength(first! + 1);
        }
      }
      publisher.abort();
      await publishing;
    }
  );
});

test('a response does not wait for a mark that cannot come back', async () => {
  vi.useFakeTimers();
  try {
    const marks = new Marks();
    const sent: string[] = [];
    const onMark = vi.fn();
    await marks.publish('m', onMark);
    marks.setSender((topic) => sent.push(topic));
    for (let n = 0; n < 3; n += 1) {
      const waiting = marks.publish('m', onMark);
      await vi.advanceTimersByTimeAsync(1_000);
      await waiting;
    }
    await marks.publish('m', onMark);
    expect(sent).toHaveLength(3);
    expect(onMark).not.toHaveBeenCalled();
  } finally {
    vi.useRealTimers();
  }
});
