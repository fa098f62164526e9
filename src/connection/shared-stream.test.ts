import { describe, expect, test } from 'vitest';
import type { StreamStats } from '../engine';
import { SeriesBuilder } from '../payload';
import { evictedRowsNotice, thinnedRowsNotice } from '../notices/stream';
import { SharedStream } from './shared-stream';

const STATS = {} as StreamStats;

/** A stream that gets one number a second, in batches of so many. */
function streamOf(spec: { pendingRows: number; maxRows?: number }, rangeMs: number) {
  const stream = new SharedStream(1, '', { filters: ['t'], qos: 0, format: 'auto', maxSeries: 1, ...spec });
  stream.requireRange(rangeMs);
  const builder = new SeriesBuilder(0, 't', 100_000);
  let second = 0;
  return {
    stream,
    send: (seconds: number, perBatch = 1) => {
      for (let i = 0; i < seconds; i += perBatch) {
        for (let row = 0; row < perBatch; row++) {
          builder.add(++second * 1_000, second);
        }
        stream.append({ stream: 1, stats: STATS, chunks: [builder.take()!] });
      }
    },
    times: () => stream.series[0].frame.times(0, stream.series[0].frame.length),
  };
}

describe('a full series', () => {
  test('grows where a time range needs its oldest rows, and not further', () => {
    const { stream, send, times } = streamOf({ pendingRows: 10, maxRows: 1_000 }, 60_000);
    send(500);
    const { frame } = stream.series[0];
    expect(times().length).toBeGreaterThanOrEqual(60);
    expect(frame.capacity).toBeLessThanOrEqual(120);
    expect(times().at(-1)).toBe(500_000);
  });

  test('grows at once to what a batch brings', () => {
    const { send, times } = streamOf({ pendingRows: 10, maxRows: 1_000 }, 3_600_000);
    send(5);
    send(300, 300);
    expect(times()).toHaveLength(305);
  });

  test('stays as it is where the rows that go are out of range, and where the query says how many to keep', () => {
    const short = streamOf({ pendingRows: 10, maxRows: 1_000 }, 5_000);
    short.send(100);
    expect(short.times()).toHaveLength(10);
    const fixed = streamOf({ pendingRows: 10 }, 60_000);
    fixed.send(100);
    expect(fixed.times()).toHaveLength(10);
  });

  test('does not grow again after memory was short for it', () => {
    const { stream, send, times } = streamOf({ pendingRows: 10, maxRows: 1_000 }, 60_000);
    send(5);
    stream.memoryLimited.add(stream.series[0]);
    send(100);
    expect(times()).toHaveLength(10);
  });

  test('says so where even the most rows do not reach the beginning of the time range', () => {
    const { stream, send } = streamOf({ pendingRows: 10, maxRows: 20 }, 60_000);
    send(20);
    expect(evictedRowsNotice(stream, 0)).toEqual([]);
    send(80);
    expect(evictedRowsNotice(stream, 90_000)).toEqual([]);
    expect(evictedRowsNotice(stream, 40_000)).toEqual([
      {
        severity: 'info',
        text: 'This time range has more rows than a series can store. The panel has the newest 20 rows of each series.',
      },
    ]);
  });

  /** A stream that has got 500 numbers a second for five minutes, with a spike in the first minute. */
  function busy(spec: { pendingRows: number; maxRows?: number }, prepare: (stream: SharedStream) => void = () => {}) {
    const stream = new SharedStream(1, '', { filters: ['t'], qos: 0, format: 'auto', maxSeries: 1, ...spec });
    stream.requireRange(300_000);
    prepare(stream);
    const builder = new SeriesBuilder(0, 't', 100_000);
    for (let row = 0; row < 150_000; row++) {
      builder.add(row * 2, row === 12_345 ? 1_000 : row % 100);
      if (row % 50 === 49) {
        stream.append({ stream: 1, stats: STATS, chunks: [builder.take()!] });
      }
    }
    const { frame } = stream.series[0];
    return { stream, frame, values: frame.values(0, 0, frame.length) };
  }

  test('has the whole time range as its smallest and largest values, in the memory of its limit, and says so', () => {
    const { stream, frame, values } = busy({ pendingRows: 1_000, maxRows: 10_000 });
    expect(frame.time(0)).toBeLessThan(1_000);
    expect(frame.capacity).toBe(10_000);
    expect(frame.bytes).toBeLessThanOrEqual(10_000 * 16);
    expect(values[frame.times(0, frame.length).indexOf(24_690)]).toBe(1_000);
    expect(evictedRowsNotice(stream, 0)).toEqual([]);
    const clock = { now: 300_000, timeZone: 'utc' };
    expect(thinnedRowsNotice(stream, 0, clock)).toEqual([
      {
        severity: 'info',
        text: expect.stringMatching(
          /^This time range has more rows than a series can store\. Before .+, the panel has the rows with the smallest and largest values of each 500 ms\.$/
        ),
      },
    ]);
    // The newest rows are as they came
    expect(thinnedRowsNotice(stream, 298_000, clock)).toEqual([]);
  });

  test.each<[string, { pendingRows: number; maxRows?: number }, (stream: SharedStream) => void]>([
    [
      'a panel shows all of its rows',
      { pendingRows: 1_000, maxRows: 10_000 },
      (stream) => stream.requireRange(0, false),
    ],
    ['its query says how many to keep', { pendingRows: 10_000 }, () => {}],
  ])('keeps only its newest rows where %s', (_what, spec, prepare) => {
    const { stream, frame, values } = busy(spec, prepare);
    expect(values).toEqual(Array.from({ length: 10_000 }, (_, row) => row % 100));
    expect(frame.time(0)).toBe(280_000);
    expect(thinnedRowsNotice(stream, 0, { now: 300_000, timeZone: 'utc' })).toEqual([]);
    expect(evictedRowsNotice(stream, 0)).toHaveLength(spec.maxRows === undefined ? 0 : 1);
  });
});

test('a gap of two sessions that were lost together is filled once', () => {
  const { stream } = streamOf({ pendingRows: 10 }, 60_000);
  stream.addGap({ from: 1, to: 2 });
  stream.addGap({ from: 1, to: 2 });
  stream.addGap({ from: 1, to: 3 });
  stream.removeGap({ from: 1, to: 2 });
  expect(stream.gaps).toEqual([{ from: 1, to: 3 }]);
});
