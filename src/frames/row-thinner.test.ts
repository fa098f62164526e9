import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeriesBuilder } from '../payload';
import { CircularFrame } from './circular-frame';
import { RowThinner } from './row-thinner';

type Row = readonly [time: number, value: unknown];

const CAPACITY = 1_000;

/** Feeds messages in batches to a frame that is thinned where it is full, and to one that has room for all. */
function feed(rows: readonly Row[], perBatch: number, rangeMs: number) {
  const [frame, whole] = [new CircularFrame(CAPACITY), new CircularFrame(1_000_000)];
  const thinner = new RowThinner(frame);
  const builder = new SeriesBuilder(0, 't', 1_000_000);
  for (let begin = 0; begin < rows.length; begin += perBatch) {
    const batch = rows.slice(begin, begin + perBatch);
    for (const [time, value] of batch) {
      builder.add(time, value);
    }
    const chunk = builder.take()!;
    if (frame.length + chunk.rows > frame.capacity) {
      thinner.makeRoom(chunk.rows, frame.newestTime! - rangeMs);
    }
    frame.append(chunk);
    whole.append(chunk);
  }
  return { frame, whole, thinner };
}

function rowsOf(frame: CircularFrame, column = 0): Array<[number, unknown]> {
  const values = frame.values(column, 0, frame.length);
  return frame.times(0, frame.length).map((time, row) => [time, values[row]]);
}

/** The smallest and the largest number of each interval, and whether it has a gap. */
function envelope(frame: CircularFrame, intervalMs: number, column = 0): Map<number, [number, number, boolean]> {
  const all = new Map<number, [number, number, boolean]>();
  for (const [time, value] of rowsOf(frame, column)) {
    const interval = Math.floor(time / intervalMs);
    const [least, most, gap] = all.get(interval) ?? [Infinity, -Infinity, false];
    const isNumber = typeof value === 'number' && !Number.isNaN(value);
    all.set(interval, [
      isNumber ? Math.min(least, value) : least,
      isNumber ? Math.max(most, value) : most,
      gap || (!isNumber && value !== undefined),
    ]);
  }
  return all;
}

const value = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: -1_000, max: 1_000 }) },
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constant(NaN) }
);

/** Numbers at uneven times, many more than the frame has room for. */
const numbers = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 9 }), value), { minLength: 200, maxLength: 400 })
  .chain((pattern) => fc.record({ pattern: fc.constant(pattern), repeats: fc.integer({ min: 8, max: 30 }) }))
  .map(({ pattern, repeats }) => {
    let time = 1_700_000_000_000;
    return Array.from({ length: repeats }).flatMap(() =>
      pattern.map(([after, value], at): Row => [(time += at % 3 === 0 ? after + 1 : after), value])
    );
  });

describe('a full frame', () => {
  test('has of all rows the smallest and the largest number of each interval, in the order of time', () => {
    fc.assert(
      fc.property(numbers, fc.integer({ min: 1, max: 200 }), (rows, perBatch) => {
        const { frame, whole, thinner } = feed(rows, perBatch, 1e9);
        expect(frame.length).toBeLessThanOrEqual(CAPACITY);
        expect(thinner.before).toBeGreaterThan(rows[0][0]);
        expect(frame.evicted).toBe(frame.thinned);
        const intervalMs = thinner.intervalMs;
        expect(envelope(frame, intervalMs)).toEqual(envelope(whole, intervalMs));
        const times = frame.times(0, frame.length);
        expect(times).toEqual(times.toSorted((a, b) => a - b));
        // Nothing is in it that was not sent, and the newest rows are all there
        const sent = new Map<string, number>();
        for (const row of rowsOf(whole)) {
          sent.set(String(row), (sent.get(String(row)) ?? 0) + 1);
        }
        for (const row of rowsOf(frame)) {
          const left = sent.get(String(row)) ?? 0;
          expect(left, String(row)).toBeGreaterThan(0);
          sent.set(String(row), left - 1);
        }
        expect(rowsOf(frame).slice(-CAPACITY / 4)).toEqual(rowsOf(whole).slice(-CAPACITY / 4));
        expect(frame.newest(0)).toEqual(whole.newest(0));
      }),
      { numRuns: 15 }
    );
  });

  test('keeps a spike of one row, at its time, however many come after it', () => {
    const rows = Array.from({ length: 100_000 }, (_, n): Row => [
      n * 2,
      n === 777 ? 9_999 : n === 778 ? -9_999 : n % 50,
    ]);
    const { frame } = feed(rows, 100, 1e9);
    expect(rowsOf(frame)).toEqual(
      expect.arrayContaining([
        [1_554, 9_999],
        [1_556, -9_999],
      ])
    );
    expect(frame.time(0)).toBeLessThan(5_000);
  });

  test('chooses for each of several columns, and keeps where a text changes', () => {
    const rows = Array.from({ length: 20_000 }, (_, n): Row => [
      n * 5,
      { a: Math.sin(n) * 10, b: Math.cos(n / 7), state: n < 4_321 ? 'on' : 'off', on: n % 6_000 < 10 },
    ]);
    const { frame, whole, thinner } = feed(rows, 50, 1e9);
    expect(frame.evicted).toBe(frame.thinned);
    for (const column of [0, 1]) {
      expect(envelope(frame, thinner.intervalMs, column)).toEqual(envelope(whole, thinner.intervalMs, column));
    }
    const changes = (of: CircularFrame, column: number): unknown[] => {
      const all = rowsOf(of, column);
      return all.filter(([, value], row) => value !== all[row - 1]?.[1]);
    };
    expect(changes(frame, 2)).toEqual(changes(whole, 2));
    expect(changes(frame, 3).length).toBe(changes(whole, 3).length);
  });

  test('evicts its oldest rows where a text changes with each row', () => {
    const rows = Array.from({ length: 5_000 }, (_, n): Row => [n, { a: n, id: `m${n}` }]);
    const { frame, thinner } = feed(rows, 50, 1e9);
    expect(rowsOf(frame).at(0)).toEqual([4_000, 4_000]);
    expect(frame.thinned).toBe(0);
    expect(thinner.before).toBe(-Infinity);
  });

  test('thins nothing where the rows that it evicts are out of range', () => {
    const rows = Array.from({ length: 5_000 }, (_, n): Row => [n, n]);
    const { frame } = feed(rows, 50, 500);
    expect(frame.thinned).toBe(0);
    expect(frame.length).toBe(CAPACITY);
  });

  test('reaches back as far as the range, in the memory of a full frame', () => {
    const rows = Array.from({ length: 100_000 }, (_, n): Row => [n * 2, n % 77]);
    const { frame, thinner } = feed(rows, 100, 60_000);
    const full = new CircularFrame(CAPACITY);
    full.grow(CAPACITY);
    const newest = frame.newestTime!;
    expect(newest - frame.time(0)).toBeGreaterThan(59_000);
    expect(newest - frame.time(0)).toBeLessThan(75_000);
    expect(frame.bytes).toBe(CAPACITY * 16);
    expect(thinner.intervalMs).toBeLessThanOrEqual(500);
  });

  test('takes late rows between those that are left', () => {
    const rows = Array.from({ length: 10_000 }, (_, n): Row => [1_000 + n * 2, n % 77]);
    const { frame } = feed(rows, 100, 1e9);
    const builder = new SeriesBuilder(0, 't', 100);
    builder.add(1_001, 500);
    builder.add(frame.time(frame.length - 3) + 1, 600);
    frame.append(builder.take()!);
    const all = rowsOf(frame);
    expect(all.find(([, value]) => value === 500)).toEqual([1_001, 500]);
    expect(all.map(([time]) => time)).toEqual(all.map(([time]) => time).toSorted((a, b) => a - b));
    expect(frame.newest(0)).toBe(76 - ((76 - (9_999 % 77)) % 77));
  });
});
