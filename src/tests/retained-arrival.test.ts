/** Retained messages whose own time is before a panel's range, and known from a historian or not. */
import { describe, expect, test } from 'vitest';
import { startBroker, type TestBroker } from '../../broker/fixture';
import type { Recording } from '../connection/recording';
import { type Responses, responsesOf, valuesOf } from '../testing/responses';
import { testDeps, testPool } from '../testing/test-pool';
import { absolute, request } from '../testing/test-request';
import type { MqttQuery } from '../types';

const RECORDING: Recording = { bytes: 16_000_000, ageMs: 366 * 86_400_000, historian: 'history' };
const MINUTE = 60_000;

function lastMinutes(minutes: number) {
  const now = Date.now();
  const raw = { from: `now-${minutes}m`, to: 'now' };
  return { range: { ...absolute(now - minutes * MINUTE, now).range, raw }, rangeRaw: raw };
}

/** A dashboard over one connection, on a broker with messages of the past. */
async function dashboard(past: ReadonlyArray<readonly [minutes: number, topic: string, payload: string]>) {
  const now = Date.now();
  const broker: TestBroker = await startBroker({ history: { filters: ['#'] } });
  const messages = past.map(([ago, topic, payload]) => ({ topic, payload, time: now - ago * MINUTE, retain: true }));
  await broker.importHistory(messages, Date.now());
  const deps = testDeps({ url: broker.ws!.url, pool: testPool(), recording: RECORDING, lingerMs: 10_000 });
  return {
    broker,
    now,
    /** Panels with the same query share its rows. */
    open: (minutes: number, query: Partial<MqttQuery> = {}): Responses =>
      responsesOf(request([{ topic: 't', ...query }], lastMinutes(minutes)), deps),
    [Symbol.asyncDispose]: () => broker.close(),
  };
}

const minutesAgo = (now: number, time: number): number => Math.abs(Math.round((now - time) / MINUTE));

/** The rows of a panel: the minutes before `now`, and the value. */
function rowsOf({ last }: Responses, now: number, field = 'Value'): Array<[ago: number, value: unknown]> {
  const values = valuesOf(last, 'A', field);
  const times = valuesOf(last, 'A', 'Time') as number[];
  // A gap, where the historian was not there yet, is a row of null
  return times
    .map((time, row): [number, unknown] => [minutesAgo(now, time), values[row]])
    .filter(([, value]) => value !== null);
}

const BEFORE = [[30, 't', '7']] as const;

describe('a range that begins after a retained message', () => {
  test.each<Partial<MqttQuery>>([{}, { shape: 'table' }, { shape: 'logs' }, { retained: 'mark', shape: 'table' }])(
    'has it at its arrival, also after a longer range had it at its own time: %j',
    async (query) => {
      await using board = await dashboard(BEFORE);
      const { now, open } = board;
      const field = query.shape === 'logs' ? 'body' : 'Value';
      const timeField = query.shape === 'logs' ? 'timestamp' : 'Time';
      const agoOf = (panel: Responses): number[] =>
        (valuesOf(panel.last, 'A', timeField) as number[]).map((time) => minutesAgo(now, time));
      for (const [minutes, ago] of [
        [5, 0],
        [60, 30],
        [5, 0],
        [60, 30],
        [5, 0],
      ]) {
        using panel = open(minutes, query);
        await panel.until(() => agoOf(panel).includes(ago));
        expect(agoOf(panel)).toEqual([ago]);
        expect(String(valuesOf(panel.last, 'A', field)[0])).toContain('7');
        if (query.retained === 'mark') {
          expect(valuesOf(panel.last, 'A', 'Retained')).toEqual([ago === 0]);
        }
      }
    }
  );

  test('has it while another panel has a longer range', async () => {
    await using board = await dashboard(BEFORE);
    const { now, open } = board;
    using longer = open(60);
    await longer.until(() => rowsOf(longer, now)[0]?.[0] === 30);
    using shorter = open(5);
    await shorter.until(() => rowsOf(shorter, now).length > 0);
    expect(rowsOf(shorter, now)).toEqual([[0, 7]]);
    expect(rowsOf(longer, now)).toEqual([[30, 7]]);
    // What comes then is behind it, in both
    await board.broker.publish({ topic: 't', payload: '8' });
    await shorter.until(() => rowsOf(shorter, now).some(([, value]) => value === 8));
    expect(rowsOf(shorter, now)).toEqual([
      [0, 7],
      [0, 8],
    ]);
    await longer.until(() => rowsOf(longer, now).length > 1);
    expect(rowsOf(longer, now)).toEqual([
      [30, 7],
      [0, 8],
    ]);
  });

  test('has it where its topic has other labels, too, and not those', async () => {
    await using board = await dashboard([
      [40, 't', '{"id":"a","v":1}'],
      [30, 't', '{"id":"b","v":2}'],
    ]);
    const { now, open } = board;
    const query = { labels: [{ path: 'id' }] };
    const timesOf = (panel: Responses): unknown[] =>
      (panel.last?.data ?? []).flatMap(({ fields }) => {
        const [time, value] = fields as Array<{ values: unknown[]; labels?: { id: string } }>;
        return time.values
          .map((at, row) => [value.labels?.id, minutesAgo(now, at as number), value.values[row]])
          .filter((row) => row[2] !== null);
      });
    {
      using longer = open(60, query);
      await longer.until(() => timesOf(longer).length === 2);
      await longer.until(() => JSON.stringify(timesOf(longer)) === '[["a",40,1],["b",30,2]]');
    }
    using shorter = open(5, query);
    await shorter.until(() => timesOf(shorter).length > 0);
    expect(timesOf(shorter)).toEqual([['b', 0, 2]]);
  });

  test('does not have it if the query ignores retained messages', async () => {
    await using board = await dashboard(BEFORE);
    const { now, open } = board;
    {
      using longer = open(60, { retained: 'ignore' });
      await longer.until(() => rowsOf(longer, now).length > 0);
    }
    using shorter = open(5, { retained: 'ignore' });
    await shorter.until(({ data }) => JSON.stringify(data).includes('No row is in this time range'));
    expect(rowsOf(shorter, now)).toEqual([]);
  });
});
