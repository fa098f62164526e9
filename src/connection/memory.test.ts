import { expect, test } from 'vitest';
import type { StreamSpec } from '../engine';
import { SeriesBuilder } from '../payload';
import { limitMemory } from './memory';
import { SharedStream } from './shared-stream';

const SPEC: StreamSpec = { filters: ['#'], qos: 0, format: 'auto', pendingRows: 10_000, maxSeries: 100 };

function streamOf(topics: string[], rows: number, value: (row: number) => unknown = (row) => row): SharedStream {
  const stream = new SharedStream(1, '', SPEC);
  const chunks = topics.map((topic, i) => {
    const builder = new SeriesBuilder(i, topic, rows);
    for (let row = 0; row < rows; row++) {
      builder.add(row, value(row));
    }
    return builder.take()!;
  });
  stream.append({ stream: 1, chunks, stats: stream.stats });
  return stream;
}

function rowsOf(stream: SharedStream): Record<string, number> {
  return Object.fromEntries(stream.series.map(({ topic, frame }) => [topic, frame.length]));
}

test('leaves alone what fits', () => {
  const stream = streamOf(['a', 'b'], 1_000);
  limitMemory(stream.bytes, [stream]);
  expect(rowsOf(stream)).toEqual({ a: 1_000, b: 1_000 });
  expect(stream.memoryLimited.size).toBe(0);
});

test('takes from what was read least recently first', () => {
  const [shown, lingering] = [streamOf(['shown'], 8_000), streamOf(['old', 'older'], 8_000)];
  shown.series[0].lastRead = 300;
  lingering.series[0].lastRead = 200;
  lingering.series[1].lastRead = 100;
  limitMemory((shown.bytes + lingering.bytes) * 0.85, [shown, lingering]);
  expect(rowsOf(shown)).toEqual({ shown: 8_000 });
  expect(rowsOf(lingering)).toMatchObject({ old: 8_000 });
  expect(rowsOf(lingering)['older']).toBeLessThan(8_000);
  expect([...lingering.memoryLimited].map(({ topic }) => topic)).toEqual(['older']);
});

test('gets below the limit, and keeps a few rows of everything when it cannot', () => {
  const stream = streamOf(
    Array.from({ length: 50 }, (_, i) => `t${i}`),
    5_000
  );
  limitMemory(500_000, [stream]);
  expect(stream.bytes).toBeLessThanOrEqual(500_000);
  const rows = Object.values(rowsOf(stream));
  expect(Math.min(...rows)).toBeGreaterThanOrEqual(50);
});

test('of large values keeps the newest of each, and none of what was read least recently where those are too many', () => {
  const picture = 'x'.repeat(1_000_000);
  const stream = streamOf(['old', 'new', 'newest'], 60, (row) => `${row}${picture}`);
  stream.series.forEach((series, i) => (series.lastRead = i));
  limitMemory(5_000_000, [stream]);
  expect(stream.bytes).toBeLessThanOrEqual(5_000_000);
  expect(rowsOf(stream)).toEqual({ old: 1, new: 1, newest: 1 });
  expect(String(stream.series[2].frame.newest(0)).slice(0, 2)).toBe('59');
  limitMemory(2_500_000, [stream]);
  expect(rowsOf(stream)).toEqual({ old: 0, new: 1, newest: 1 });
  expect(stream.bytes).toBeLessThanOrEqual(2_500_000);
  // And it is alive: what comes next is shown.
  const builder = new SeriesBuilder(0, 'old', 10);
  builder.add(100, 'next');
  stream.append({ stream: 1, chunks: [builder.take()!], stats: stream.stats });
  expect(stream.series[0].frame.values(0, 0, 1)).toEqual(['next']);
});

test('weighs a long list by what is in all of it', () => {
  const list = streamOf(['a'], 1, () => Array.from({ length: 500 }, () => 'x'.repeat(1_000)));
  expect(list.bytes).toBeGreaterThan(500_000);
});
