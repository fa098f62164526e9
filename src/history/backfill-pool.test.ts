import type { DataQueryResponse, DataSourceApi } from '@grafana/data';
import { NEVER, type Observable, of, throwError } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { request } from '../testing/test-request';
import type { BackfillChoice } from '../types';
import { BackfillPool } from './backfill-pool';

const CHOICE: BackfillChoice = { datasource: { uid: 'other' }, query: { refId: 'A' } };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function setUp(...answers: Array<Observable<DataQueryResponse>>) {
  let asked = 0;
  const source = {
    name: 'other',
    query: () => answers[Math.min(asked++, answers.length - 1)],
  } as unknown as DataSourceApi;
  const pool = new BackfillPool({ get: () => Promise.resolve(source), isOwn: () => false });
  return {
    asked: () => asked,
    join: async (neededUpTo: number, choice = CHOICE, over: Parameters<typeof request>[1] = {}) => {
      const joined = pool.join(choice, request([], over), (text) => text, neededUpTo);
      await vi.advanceTimersByTimeAsync(0);
      return joined;
    },
  };
}

describe('a result', () => {
  const first = of({ data: [{ fields: [], length: 1 }] });
  const second = of({ data: [{ fields: [], length: 2 }] });

  test('is requested again if rows are needed beyond its end, and has the old rows until then', async () => {
    const { asked, join } = setUp(first, NEVER);
    const { result } = await join(0);
    await join(result.to);
    expect(asked()).toBe(1);
    await join(result.to + 1);
    expect([asked(), result.isLoading, result.frames]).toEqual([2, true, [{ fields: [], length: 1 }]]);
  });

  test('is requested again after an error', async () => {
    const { asked, join } = setUp(
      throwError(() => 'gone'),
      second
    );
    const { result } = await join(0);
    expect(result.error).toBe('gone');
    await join(0);
    expect([asked(), result.error, result.frames]).toEqual([2, undefined, [{ fields: [], length: 2 }]]);
  });

  test('is another for another range, interval and number of points', async () => {
    const { asked, join } = setUp(first);
    await join(0);
    await join(0, CHOICE, { intervalMs: 7 });
    await join(0, CHOICE, { maxDataPoints: 7 });
    const raw = { from: 'now-1h', to: 'now' };
    await join(0, CHOICE, { range: { ...request([]).range, raw } });
    expect(asked()).toBe(4);
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
