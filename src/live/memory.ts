import type { LiveSeries, LiveStream } from './stream';

/** Rows that a series keeps however little memory there is: a live panel without rows would say nothing. */
const LEAST_ROWS = 50;

/**
 * Sees to it that the rows of all streams take no more than so much memory. What was read least recently gives up
 * rows first, the larger before the smaller: half of them, the oldest, until all fits or nothing is left to give.
 */
export function keepWithin(bytes: number, streams: readonly LiveStream[]): void {
  let total = streams.reduce((sum, stream) => sum + stream.bytes, 0);
  if (total <= bytes) {
    return;
  }
  const giving = streams
    .flatMap((stream) => stream.series.map((series) => ({ stream, series })))
    .toSorted((a, b) => a.series.lastRead - b.series.lastRead || b.series.frame.bytes - a.series.frame.bytes);
  for (let any = true; any && total > bytes;) {
    any = false;
    for (const { stream, series } of giving) {
      const freed = halve(series);
      if (freed > 0) {
        any = true;
        total -= freed;
        stream.shortened.add(series);
      }
      if (total <= bytes) {
        return;
      }
    }
  }
}

/** @returns the bytes that it gave back. */
function halve({ frame }: LiveSeries): number {
  if (frame.capacity <= LEAST_ROWS) {
    return 0;
  }
  const before = frame.bytes;
  frame.limit(Math.max(LEAST_ROWS, Math.floor(Math.min(frame.capacity, frame.allocated) / 2)));
  return before - frame.bytes;
}
