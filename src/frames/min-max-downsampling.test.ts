import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SeriesBuilder } from '../payload';
import { CircularFrame } from './circular-frame';
import { MinMaxDownsampling, minMaxDownsamplingOf } from './min-max-downsampling';

type Message = readonly [afterMs: number, value: unknown];

/** Appends messages in batches, as they come, and calls back after each. */
function feed(frame: CircularFrame, batches: ReadonlyArray<readonly Message[]>, then: () => void): void {
  const builder = new SeriesBuilder(0, 't', 100_000);
  let time = 0;
  for (const batch of batches) {
    for (const [afterMs, value] of batch) {
      time += afterMs;
      builder.add(time, value);
    }
    const chunk = builder.take();
    if (chunk !== undefined) {
      frame.append(chunk);
    }
    then();
  }
}

const value = fc.oneof(
  fc.integer({ min: -50, max: 50 }),
  fc.constant(null),
  fc.constant('text'),
  fc.constant(NaN),
  fc.record({ a: fc.integer({ min: -9, max: 9 }), b: fc.integer({ min: -9, max: 9 }) }, { requiredKeys: [] }),
  fc.record(
    { a: fc.integer({ min: -9, max: 9 }), s: fc.constantFrom('run', 'stop'), t: fc.constantFrom('E1', 'E2', null) },
    { requiredKeys: [] }
  )
);
const batches = fc.array(fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), value), { maxLength: 30 }), {
  maxLength: 20,
});

describe('MinMaxDownsampling', () => {
  test('a number that is none hides no spike', () => {
    const frame = new CircularFrame(10);
    feed(frame, [[NaN, 5, 100, 1, 7].map((value): Message => [1, value])], () => undefined);
    expect(new MinMaxDownsampling(frame, 50).numbers(0, 5)).toEqual([0, 2, 3, 4]);
  });

  test('of numbers that are all infinite, one is there', () => {
    const frame = new CircularFrame(10);
    feed(frame, [[Infinity, Infinity].map((value): Message => [1, value])], () => undefined);
    expect(new MinMaxDownsampling(frame, 50).numbers(0, 2)).toEqual([0]);
  });

  test('the last state of an interval stays, however few rows have one', () => {
    const frame = new CircularFrame(100);
    const states = ['run', undefined, 'fault', undefined, undefined, 'fault', undefined, 'stop', undefined];
    const rows = states.map((state, i): Message => [1, state === undefined ? { v: i } : { v: i, state }]);
    feed(frame, [rows], () => undefined);
    // The smallest value, the last state, the largest value
    expect(new MinMaxDownsampling(frame, 50).numbers(0, rows.length)).toEqual([0, 7, 8]);
  });

  test('a text that comes with each number needs no row of its own', () => {
    const frame = new CircularFrame(100);
    const rows = [3, 1, 2, 5, 4].map((v): Message => [1, { name: 'pump', v, unit: 'bar' }]);
    feed(frame, [rows], () => undefined);
    // The last row, too: it is the newest of the series
    expect(new MinMaxDownsampling(frame, 50).numbers(0, rows.length)).toEqual([1, 3, 4]);
    const another = new CircularFrame(100);
    feed(another, [[...rows, [100, { name: 'pump', v: 7, unit: 'bar' }]]], () => undefined);
    expect(new MinMaxDownsampling(another, 50).numbers(0, rows.length + 1)).toEqual([1, 3, 5]);
  });

  test('the newest value of each column is there, which a panel shows as the one of now', () => {
    const frame = new CircularFrame(100);
    const values = [{ a: 9, b: 1 }, { a: 0, b: 5 }, { a: 4, b: 2 }, { a: 3 }];
    feed(frame, [values.map((value): Message => [1, value])], () => undefined);
    expect(new MinMaxDownsampling(frame, 50).numbers(0, 4)).toEqual([0, 1, 2, 3]);
  });

  test('a row that is chosen for one column does not end another one with an older state', () => {
    const frame = new CircularFrame(100);
    const rows: Message[] = [
      [1, { v: 0, a: 'run' }],
      [1, { v: 9, a: 'run' }],
      [1, { v: 3, a: 'fault', b: 'E1' }],
      [1, { v: 4, a: 'run' }],
      [100, { v: 5 }],
    ];
    feed(frame, [rows], () => undefined);
    expect(new MinMaxDownsampling(frame, 50).numbers(0, rows.length)).toEqual([0, 1, 2, 3, 4]);
  });

  test('a state that is again what it was needs none either, but one that was between the chosen rows does', () => {
    const frame = new CircularFrame(100);
    const states = ['run', undefined, 'fault', 'run', 'stop', undefined];
    const rows = states.map((state, v): Message => [1, state === undefined ? { v } : { v, state }]);
    feed(frame, [rows], () => undefined);
    const minMax = new MinMaxDownsampling(frame, 50);
    expect(minMax.numbers(0, 4)).toEqual([0, 3]);
    expect(minMax.numbers(0, 6)).toEqual([0, 4, 5]);
  });

  test('chooses with every packet what it would choose if it saw the rows for the first time', () => {
    fc.assert(
      fc.property(batches, fc.integer({ min: 1, max: 80 }), fc.nat(60), (batches, capacity, skip) => {
        const frame = new CircularFrame(capacity);
        const kept = new MinMaxDownsampling(frame, 50);
        feed(frame, batches, () => {
          const from = Math.min(skip, frame.length);
          // A window that ends before the newest row is looked at without what was remembered; so is a new one.
          expect(kept.numbers(from, frame.length)).toEqual(
            new MinMaxDownsampling(frame, 50).numbers(from, frame.length)
          );
        });
      }),
      { numRuns: 300 }
    );
  });

  test('chooses the same as one who looks at the rows of the window alone', () => {
    fc.assert(
      fc.property(batches, fc.nat(60), (batches, skip) => {
        const frame = new CircularFrame(200);
        feed(frame, batches, () => undefined);
        const from = Math.min(skip, frame.length);
        const chosen = new MinMaxDownsampling(frame, 50)
          .numbers(from, frame.length)
          .map((number) => number - frame.evicted);
        const byInterval = new Map<number, number[]>();
        for (let row = from; row < frame.length; row++) {
          const interval = Math.floor(frame.time(row) / 50);
          byInterval.set(interval, [...(byInterval.get(interval) ?? []), row]);
        }
        for (const [interval, rows] of byInterval) {
          const picked = chosen.filter((row) => Math.floor(frame.time(row) / 50) === interval);
          expect(picked.length).toBeGreaterThan(0);
          for (const [column, { type }] of frame.columns.entries()) {
            const numbers = (of: number[]): number[] =>
              of
                .map((row) => frame.cell(column, row))
                .filter((cell) => typeof cell === 'number' && cell === cell) as number[];
            if (type === 'number' && numbers(rows).length > 0) {
              expect(Math.max(...numbers(picked))).toBe(Math.max(...numbers(rows)));
              expect(Math.min(...numbers(picked))).toBe(Math.min(...numbers(rows)));
            }
            const hasGap = (of: number[]): boolean =>
              of.some((row) => frame.cell(column, row) === null || Number.isNaN(frame.cell(column, row)));
            if (type === 'number') {
              expect(hasGap(picked)).toBe(hasGap(rows));
            } else {
              const stateOf = (of: number[]): unknown =>
                of.map((row) => frame.cell(column, row)).findLast((cell) => cell !== undefined);
              expect(stateOf(picked)).toBe(stateOf(rows));
            }
          }
        }
        expect(chosen).toEqual([...new Set(chosen)].toSorted((a, b) => a - b));
      }),
      { numRuns: 300 }
    );
  });

  test('lets go of what has left the frame', () => {
    const frame = new CircularFrame(100);
    const downsampling = new MinMaxDownsampling(frame, 2);
    const many = Array.from({ length: 400 }, () => Array.from({ length: 50 }, (_, i): Message => [1, i]));
    feed(frame, many, () => downsampling.numbers(0, frame.length));
    expect(downsampling.numbers(0, 100)).toEqual(Array.from({ length: 100 }, (_, i) => frame.evicted + i));
    expect(downsampling.size).toBeLessThan(4_500);
  });

  test('is remembered with the frame, for a few interval lengths', () => {
    const frame = new CircularFrame(100);
    const first = minMaxDownsamplingOf(frame, 1);
    expect(minMaxDownsamplingOf(frame, 1)).toBe(first);
    for (let interval = 2; interval <= 5; interval++) {
      minMaxDownsamplingOf(frame, interval);
    }
    expect(minMaxDownsamplingOf(frame, 1)).not.toBe(first);
  });
});
