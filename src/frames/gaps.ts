import type { Rows } from './reduce';

/** A time in which nothing could come, in milliseconds since the epoch. */
export interface Gap {
  readonly from: number;
  readonly to: number;
}

/**
 * Puts a row of nulls where a gap lies between two rows, so that a line ends there and begins again instead of
 * bridging what is not known. Times in payloads may be by another clock: two rows with more than half of the gap
 * between them are taken to be those around it. Nothing of this is in the rows that are kept.
 */
export function withGaps(rows: Rows, gaps: readonly Gap[]): Rows {
  const { times } = rows;
  const breaks = breaksIn(times, gaps);
  if (breaks.length === 0) {
    return rows;
  }
  return {
    ...rows,
    times: spliced(
      times,
      breaks.map(({ row, time }) => ({ row, value: time }))
    ),
    values: (column) =>
      spliced(
        rows.values(column),
        breaks.map(({ row }) => ({ row, value: null }))
      ),
  };
}

/** Before which rows there is a break, in their order, and at what time. */
function breaksIn(times: readonly number[], gaps: readonly Gap[]): Array<{ row: number; time: number }> {
  const breaks: Array<{ row: number; time: number }> = [];
  for (const { from, to } of gaps) {
    const half = (to - from) / 2;
    // The two rows that could be around it are around its middle.
    const row = firstAfter(times, from + half);
    if (row === 0 || row === times.length) {
      continue;
    }
    const [before, after] = [times[row - 1], times[row]];
    if (Math.min(after, to) - Math.max(before, from) > half) {
      // Behind the row before it also where that is the last that was heard: two rows of one time are one to a graph.
      breaks.push({ row, time: Math.max(before + 1, from) });
    }
  }
  // A historian tells of earlier gaps later
  return breaks.toSorted((a, b) => a.row - b.row).filter(({ row }, at, all) => row !== all[at - 1]?.row);
}

function firstAfter(times: readonly number[], time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle] > time) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

/** A copy with further values, each before a row of the original. */
function spliced<T>(original: readonly T[], more: ReadonlyArray<{ readonly row: number; readonly value: T }>): T[] {
  let begin = 0;
  const pieces = more.map(({ row, value }) => {
    const piece = [...original.slice(begin, row), value];
    begin = row;
    return piece;
  });
  return [...pieces, original.slice(begin)].flat();
}
