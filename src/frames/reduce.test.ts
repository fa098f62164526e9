import { describe, expect, test } from 'vitest';
import { SeriesBuilder } from '../payload';
import { CircularFrame } from './circular-frame';
import { reduceRows, type ReduceMode } from './reduce';

function frameOf(rows: Array<[time: number, value: unknown]>): CircularFrame {
  const builder = new SeriesBuilder(0, 't', 100_000);
  for (const [time, value] of rows) {
    builder.add(time, value);
  }
  const frame = new CircularFrame(100_000);
  frame.append(builder.take()!);
  return frame;
}

function reduced(frame: CircularFrame, how: ReduceMode | undefined, intervalMs = 100, maxPoints = 1_000) {
  const rows = reduceRows(frame, 0, frame.length, { how, intervalMs, maxPoints });
  return { times: rows.times, values: frame.columns.map((_, i) => rows.values(i)), reduced: rows.reduced };
}

const SPIKY = frameOf([
  [1_000, 5],
  [1_010, 90],
  [1_020, 6],
  [1_090, 7],
  [1_100, 1],
  [1_150, 2],
  [1_250, -40],
  [1_299, 3],
]);

describe('reduceRows', () => {
  test('shows all rows of few', () => {
    expect(reduced(SPIKY, undefined)).toEqual({
      times: [1_000, 1_010, 1_020, 1_090, 1_100, 1_150, 1_250, 1_299],
      values: [[5, 90, 6, 7, 1, 2, -40, 3]],
      reduced: undefined,
    });
  });

  test('keeps the smallest and the largest of each interval where there are more than twice as many rows as points', () => {
    expect(reduced(SPIKY, undefined, 100, 4).reduced).toBeUndefined();
    expect(reduced(SPIKY, undefined, 100, 3)).toEqual({
      times: [1_000, 1_010, 1_100, 1_150, 1_250, 1_299],
      values: [[5, 90, 1, 2, -40, 3]],
      reduced: 'minmax',
    });
  });

  test('never loses a spike, wherever it is', () => {
    for (let at = 0; at < 1_000; at += 37) {
      const frame = frameOf(Array.from({ length: 1_000 }, (_, i) => [i, i === at ? 1_000 : Math.sin(i)]));
      expect(reduced(frame, 'minmax', 100).values[0]).toContain(1_000);
    }
  });

  test('takes the last of each interval, or the mean', () => {
    expect(reduced(SPIKY, 'last')).toMatchObject({ times: [1_090, 1_150, 1_299], values: [[7, 2, 3]] });
    expect(reduced(SPIKY, 'mean')).toMatchObject({ times: [1_090, 1_150, 1_299], values: [[27, 1.5, -18.5]] });
  });

  test('keeps whole rows, those that any of the columns needs', () => {
    const frame = frameOf([
      [0, { a: 1, b: 9, c: 'x' }],
      [1, { a: 2, b: 8, c: 'y' }],
      [2, { a: 3, b: 7, c: 'z' }],
      [3, { a: 2, b: 99, c: 'spike' }],
      [4, { a: 2, b: 8, c: 'q' }],
    ]);
    expect(reduced(frame, 'minmax')).toMatchObject({
      times: [0, 2, 3, 4],
      values: [
        [1, 3, 2, 2],
        [9, 7, 99, 8],
        ['x', 'z', 'spike', 'q'],
      ],
    });
  });

  test('a gap stays a gap, and missing is not null', () => {
    const gap = frameOf([
      [0, { a: 1 }],
      [10, { a: null }],
      [20, { a: 2 }],
      [30, { b: 'only text' }],
    ]);
    expect(reduced(gap, 'minmax').values[0]).toEqual([1, null, 2, undefined]);
    const nothingButNull = frameOf([
      [0, { a: 1 }],
      [100, { a: null }],
      [200, {}],
    ]);
    expect(reduced(nothingButNull, 'mean').values[0]).toEqual([1, null, undefined]);
  });

  test('shows the last text of an interval where there are no numbers', () => {
    const text = frameOf(Array.from({ length: 10 }, (_, i) => [i * 50, `v${i}`]));
    expect(reduced(text, 'minmax').values[0]).toEqual(['v1', 'v3', 'v5', 'v7', 'v9']);
  });

  test('intervals do not move with the window, so that points do not flicker as it does', () => {
    const frame = frameOf(Array.from({ length: 5_000 }, (_, i) => [i * 7, Math.sin(i / 3)]));
    const shown = (from: number): Set<number> =>
      new Set(reduceRows(frame, from, frame.length, { how: 'minmax', intervalMs: 250, maxPoints: 1 }).times);
    const [before, after] = [shown(0), shown(1)];
    expect([...before].filter((time) => !after.has(time) && time >= 250)).toEqual([]);
  });

  test('of nothing is nothing', () => {
    for (const how of ['all', 'last', 'mean', 'minmax'] as const) {
      expect(reduceRows(SPIKY, 3, 3, { how, intervalMs: 100, maxPoints: 1 }).times).toEqual([]);
    }
  });
});

describe('CircularFrame, less of it', () => {
  test('expire lets go of old rows, and those that follow find their place', () => {
    const frame = frameOf(Array.from({ length: 50 }, (_, i) => [i, i]));
    frame.expire(30);
    expect(frame.times(0, frame.length)).toEqual(Array.from({ length: 20 }, (_, i) => 30 + i));
    const more = new SeriesBuilder(0, 't', 1_000);
    for (let i = 50; i < 300; i++) {
      more.add(i, i);
    }
    frame.append(more.take()!);
    const wanted = Array.from({ length: 270 }, (_, i) => 30 + i);
    expect(frame.values(0, 0, frame.length)).toEqual(wanted);
    frame.expire(1_000);
    expect(frame.length).toBe(0);
  });

  test('limit keeps the newest rows and gives memory back', () => {
    const frame = frameOf(Array.from({ length: 5_000 }, (_, i) => [i, { n: i, s: `${i}` }]));
    const before = frame.bytes;
    frame.limit(100);
    expect(frame.bytes).toBeLessThan(before / 20);
    expect(frame.values(0, 0, frame.length)).toEqual(Array.from({ length: 100 }, (_, i) => 4_900 + i));
    expect(frame.newest(1)).toBe('4999');
    const more = new SeriesBuilder(0, 't', 10);
    more.add(5_000, { n: 5_000, s: 'x' });
    frame.append(more.take()!);
    expect(frame.length).toBe(100);
    expect(frame.newest(0)).toBe(5_000);
  });
});
