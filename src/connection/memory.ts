import type { StreamSeries, SharedStream } from './shared-stream';

/**
 * Rows that a series keeps while others have more to give: first some that still make a line, then the newest. Where
 * even those are too large (a picture each), the series that were read least recently are left with none.
 */
const LEAST_ROWS = [50, 1, 0] as const;

/**
 * Sees to it that the rows of all streams take no more than so much memory. What was read least recently gives up
 * rows first, the larger before the smaller: half of them, the oldest, until all fits or nothing is left to give.
 */
export function limitMemory(bytes: number, streams: readonly SharedStream[]): void {
  let total = streams.reduce((sum, stream) => sum + stream.bytes, 0);
  if (total <= bytes) {
    return;
  }
  const giving = streams
    .flatMap((stream) => stream.series.map((series) => ({ stream, series })))
    .toSorted((a, b) => a.series.lastRead - b.series.lastRead || b.series.frame.bytes - a.series.frame.bytes);
  for (const least of LEAST_ROWS) {
    for (let any = true; any;) {
      any = false;
      for (const { stream, series } of giving) {
        const before = series.frame.bytes;
        if (giveUp(series, least)) {
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

/** Gives up half of the rows, the oldest. @returns whether there was something to give up. */
function giveUp({ frame }: StreamSeries, least: number): boolean {
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
