import type { CircularFrame } from './circular-frame';
import { minMaxDownsamplingOf } from './min-max-downsampling';

/**
 * How rows are downsampled per interval: to the last row, the mean, or the rows with the smallest and largest values.
 */
export type ReduceMode = 'all' | 'last' | 'mean' | 'minmax';

export interface ReduceOptions {
  /** The choice of the query; undefined: all rows while the panel has room for them, else `minmax`. */
  readonly how: ReduceMode | undefined;
  /**
   * Milliseconds. Intervals begin at multiples of it, so that a row stays in its interval while the time range moves.
   */
  readonly intervalMs: number;
  /** The number of points that the panel has room for. */
  readonly maxPoints: number;
}

/** Rows that were chosen from a frame, or computed from several of its rows. */
export interface Rows {
  readonly times: number[];
  readonly values: (column: number) => unknown[];
  /** How they were downsampled. */
  readonly reduced: Exclude<ReduceMode, 'all'> | undefined;
}

/** With more rows per pixel than this, only the smallest and largest values are visible. */
const TOO_MANY = 2;

/** The rows `from` to `to` (exclusive) of a frame, downsampled for the query and the panel. All arrays are new. */
export function reduceRows(frame: CircularFrame, from: number, to: number, options: ReduceOptions): Rows {
  const { intervalMs, maxPoints } = options;
  const how = options.how ?? (to - from > TOO_MANY * maxPoints ? 'minmax' : 'all');
  if (how === 'all' || !(intervalMs > 0)) {
    return { times: frame.times(from, to), values: (column) => frame.values(column, from, to), reduced: undefined };
  }
  if (how === 'minmax') {
    return pick(frame, minMaxDownsamplingOf(frame, intervalMs).numbers(from, to), how);
  }
  const ends = intervalEnds(frame, from, to, intervalMs);
  if (how === 'mean') {
    const times = ends.map((end) => frame.time(end - 1));
    return { times, values: (column) => means(frame, column, from, ends), reduced: how };
  }
  const { evicted } = frame;
  return pick(
    frame,
    ends.map((end) => evicted + end - 1),
    how
  );
}

function pick(frame: CircularFrame, numbers: readonly number[], reduced: Rows['reduced']): Rows {
  return { times: frame.pickTimes(numbers), values: (column) => frame.pick(column, numbers), reduced };
}

/** For each interval with rows, the row after its last one. */
function intervalEnds(frame: CircularFrame, from: number, to: number, intervalMs: number): number[] {
  const ends: number[] = [];
  let interval = NaN;
  for (let row = from; row < to; row++) {
    const own = Math.floor(frame.time(row) / intervalMs);
    if (own !== interval && row > from) {
      ends.push(row);
    }
    interval = own;
  }
  if (to > from) {
    ends.push(to);
  }
  return ends;
}

/** For each interval, the mean of its numbers; without numbers, the last cell. */
function means(frame: CircularFrame, column: number, from: number, ends: readonly number[]): unknown[] {
  let row = from;
  return ends.map((end) => {
    let [sum, count] = [0, 0];
    let last: unknown;
    for (; row < end; row++) {
      const cell = frame.cell(column, row);
      if (typeof cell === 'number') {
        sum += cell;
        count++;
      } else if (cell !== undefined) {
        last = cell;
      }
    }
    return count > 0 ? sum / count : last;
  });
}
