import type { DataQuery, DataQueryRequest, DataQueryResponse, DataSourceApi } from '@grafana/data';
import { NEVER, type Observable, of, throwError } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { absolute, request } from '../testing/test-request';
import type { BackfillChoice } from '../types';
import { BackfillPool } from './backfill-pool';
import type { BackfillResult } from './backfill-result';

const CHOICE: BackfillChoice = { datasource: { uid: 'other' }, query: { refId: 'A' } };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp(...answers: Array<Observable<DataQueryResponse>>) {
  const requests: DataQueryRequest[] = [];
  const source = {
    name: 'other',
    query: (asked: DataQueryRequest) => answers[Math.min(requests.push(asked), answers.length) - 1],
  } as unknown as DataSourceApi;
  const pool = new BackfillPool({ get: () => Promise.resolve(source), isOwn: () => false });
  return {
    requests,
    asked: () => requests.length,
    join: async (neededUpTo: number, choice = CHOICE, over: Parameters<typeof request>[1] = {}) => {
      const joined = pool.join(choice, request([], over), (text) => text, neededUpTo);
      await vi.advanceTimersByTimeAsync(0);
      return joined;
    },
  };
}

const framesOf = ({ parts }: BackfillResult) => parts.flatMap(({ frames }) => frames);
const spanOf = ({ range, intervalMs, maxDataPoints }: DataQueryRequest) => [
  range.from.valueOf(),
  range.to.valueOf(),
  intervalMs,
  maxDataPoints,
];

describe('a result', () => {
  const first = of({ data: [{ fields: [], length: 1 }] });
  const second = of({ data: [{ fields: [], length: 2 }] });

  test('is requested again if rows are needed beyond its end, and has the old rows until then', async () => {
    const { asked, join } = setUp(first, NEVER);
    const { result } = await join(0);
    await join(result.to);
    expect(asked()).toBe(1);
    await join(result.to + 1);
    expect([asked(), result.isLoading, framesOf(result)]).toEqual([2, true, [{ fields: [], length: 1 }]]);
  });

  test('is requested again after an error', async () => {
    const { asked, join } = setUp(
      throwError(() => 'gone'),
      second
    );
    const { result } = await join(0);
    expect(result.error).toBe('gone');
    await join(0);
    expect([asked(), result.error, framesOf(result)]).toEqual([2, undefined, [{ fields: [], length: 2 }]]);
  });

  test('is another for a finer interval, whose rows a coarser one does not have', async () => {
    const { asked, join } = setUp(first, NEVER);
    const { result: coarse } = await join(0, CHOICE, absolute(0, 1_000));
    const { result } = await join(0, CHOICE, { ...absolute(0, 1_000), intervalMs: 7 });
    // The coarser rows are shown until then
    expect([asked(), result.isLoading, result.parts]).toEqual([2, true, coarse.parts]);
    await join(0, CHOICE, { ...absolute(0, 1_000), intervalMs: 1_000 });
    expect(asked()).toBe(2);
  });

  test('of another range has the rows of this one that both have', async () => {
    const { requests, join } = setUp(first);
    const points = { intervalMs: 1_000, maxDataPoints: 1_000 };
    await join(2_000_000, CHOICE, { ...absolute(1_000_000, 2_000_000), ...points });
    // Out, on both sides
    const wide = { intervalMs: 3_000, maxDataPoints: 1_000 };
    const { result } = await join(3_000_000, CHOICE, { ...absolute(0, 3_000_000), ...wide });
    expect(requests.slice(1).map(spanOf)).toEqual([
      [0, 1_000_000, 3_000, 334],
      // The last interval and what a recorder had not written yet are requested again
      [1_938_000, 3_000_000, 3_000, 354],
    ]);
    expect(result.parts.map(({ from, to }) => [from, to])).toEqual([
      [0, 1_000_000],
      [1_000_000, 2_000_000],
      [1_938_000, 3_000_000],
    ]);
    // Back in, and to a side
    await join(1_900_000, CHOICE, { ...absolute(1_100_000, 1_900_000), ...points });
    await join(1_500_000, CHOICE, { ...absolute(500_000, 1_500_000), ...wide });
    expect(requests).toHaveLength(3);
    // Another query, and one whose rows depend on the range
    const of = (query: string): BackfillChoice => ({ ...CHOICE, query: { refId: 'A', query } as DataQuery });
    for (const [i, query] of ['other', 'sum(x[$__range])', 'sum(x[${__from:date}])'].entries()) {
      await join(2_000_000, of(query), { ...absolute(1_000_000, 2_000_000), ...points });
      await join(3_000_000, of(query), { ...absolute(0, 3_000_000), ...wide });
      expect(requests.slice(i === 0 ? 3 : 6 + (i - 1) * 2).map(spanOf)).toEqual(
        i === 0
          ? [expect.anything(), [0, 1_000_000, 3_000, 334], [1_938_000, 3_000_000, 3_000, 354]]
          : [expect.anything(), [0, 3_000_000, 3_000, 1_000]]
      );
    }
  });

  test('does not count a range that failed as known', async () => {
    const { requests, join } = setUp(
      first,
      throwError(() => 'gone'),
      second
    );
    await join(0, CHOICE, absolute(1_000_000, 2_000_000));
    const { result } = await join(0, CHOICE, absolute(0, 2_000_000));
    expect([result.error, result.parts.length]).toEqual(['gone', 1]);
    await join(0, CHOICE, absolute(0, 2_000_000));
    expect([result.error, result.parts.length]).toEqual([undefined, 2]);
    expect(requests.map(spanOf).map(([from, to]) => [from, to])).toEqual([
      [1_000_000, 2_000_000],
      [0, 1_000_000],
      [0, 1_000_000],
    ]);
  });

  test('is requested as a whole when it has too many parts', async () => {
    const { requests, join } = setUp(first);
    const raw = { from: 'now-1h', to: 'now' };
    for (let n = 1; n <= 12; n++) {
      const { result } = await join(n * 100_000, CHOICE, { range: { ...absolute(0, n * 100_000).range, raw } });
      expect(result.parts.length).toBeLessThan(9);
    }
    expect(requests.filter(({ range }) => range.from.valueOf() === 0).length).toBe(2);
  });

  test('stays for five minutes after the last reader, unless there are fifty younger ones', async () => {
    const { asked, join } = setUp(first);
    const { leave } = await join(0);
    leave();
    await vi.advanceTimersByTimeAsync(290_000);
    (await join(0)).leave();
    expect(asked()).toBe(1);
    for (let n = 0; n < 50; n++) {
      (await join(0, { ...CHOICE, query: { refId: `Q${n}` } })).leave();
    }
    await vi.advanceTimersByTimeAsync(2_000);
    expect(asked()).toBe(51);
    await join(0);
    expect(asked()).toBe(52);
  });
});
