import type { StreamSeries, SharedStream } from './shared-stream';

/**
 * The rows that each series keeps, in three passes: first enough for a line, then the newest row. If even single rows
 * are too large (pictures, for example), the series that were read least recently lose all their rows.
 */
const LEAST_ROWS = [50, 1, 0] as const;

/**
 * Keeps the rows of all streams within a memory limit. The series that were read least recently drop rows first, larger
 * series before smaller ones. Each drops its older half, again and again, until everything fits or nothing can be
 * dropped.
 *
 * @param bytes the limit, in bytes.
 */
export function limitMemory(bytes: number, streams: readonly SharedStream[]): void {
  let total = streams.reduce((sum, stream) => sum + stream.bytes, 0);
  if (total <= bytes) {
    return;
  }
  const candidates = streams
    .flatMap((stream) => stream.series.map((series) => ({ stream, series })))
    .toSorted((a, b) => a.series.lastRead - b.series.lastRead || b.series.frame.bytes - a.series.frame.bytes);
  for (const least of LEAST_ROWS) {
    for (let any = true; any;) {
      any = false;
      for (const { stream, series } of candidates) {
        const before = series.frame.bytes;
        if (halve(series, least)) {
          any = true;
          total -= before - series.frame.bytes;
          stream.memoryLimited.add(series);
        }
        if (total <= bytes) {
          return;
        }
      }
    }
  }
}

/** Drops the older half of the rows, but keeps `least`. @returns whether rows could be dropped. */
function halve({ frame }: StreamSeries, least: number): boolean {
  if (least === 0) {
    if (frame.length === 0) {
      return false;
    }
    frame.clear();
  } else {
    if (frame.capacity <= least) {
      return false;
    }
    frame.limit(Math.max(least, Math.floor(Math.min(frame.capacity, frame.allocated) / 2)));
  }
  return true;
}
