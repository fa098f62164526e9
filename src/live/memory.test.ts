import { expect, test } from 'vitest';
import type { StreamSpec } from '../engine';
import { SeriesBuilder } from '../payload';
import { keepWithin } from './memory';
import { LiveStream } from './stream';

const SPEC: StreamSpec = { filters: ['#'], qos: 0, format: 'auto', maxRows: 10_000, maxSeries: 100 };

function streamOf(topics: string[], rows: number): LiveStream {
  const stream = new LiveStream(1, '', SPEC);
  const chunks = topics.map((topic, i) => {
    const builder = new SeriesBuilder(i, topic, rows);
    for (let row = 0; row < rows; row++) {
      builder.add(row, row);
    }
    return builder.take()!;
  });
  stream.append({ stream: 1, chunks, stats: stream.stats });
  return stream;
}

function rowsOf(stream: LiveStream): Record<string, number> {
  return Object.fromEntries(stream.series.map(({ topic, frame }) => [topic, frame.length]));
}

test('leaves alone what fits', () => {
  const stream = streamOf(['a', 'b'], 1_000);
  keepWithin(stream.bytes, [stream]);
  expect(rowsOf(stream)).toEqual({ a: 1_000, b: 1_000 });
  expect(stream.shortened.size).toBe(0);
});

test('takes from what was read least recently first', () => {
  const [shown, lingering] = [streamOf(['shown'], 8_000), streamOf(['old', 'older'], 8_000)];
  shown.series[0].lastRead = 300;
  lingering.series[0].lastRead = 200;
  lingering.series[1].lastRead = 100;
  keepWithin((shown.bytes + lingering.bytes) * 0.85, [shown, lingering]);
  expect(rowsOf(shown)).toEqual({ shown: 8_000 });
  expect(rowsOf(lingering)).toMatchObject({ old: 8_000 });
  expect(rowsOf(lingering)['older']).toBeLessThan(8_000);
  expect([...lingering.shortened].map(({ topic }) => topic)).toEqual(['older']);
});

test('gets below the limit, and keeps a few rows of everything when it cannot', () => {
  const stream = streamOf(
    Array.from({ length: 50 }, (_, i) => `t${i}`),
    5_000
  );
  keepWithin(500_000, [stream]);
  expect(stream.bytes).toBeLessThanOrEqual(500_000);
  keepWithin(1, [stream]);
  expect(Math.min(...Object.values(rowsOf(stream)))).toBe(50);
});
