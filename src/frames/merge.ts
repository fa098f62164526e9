import { flagsOf, type SeriesChunk, TIMED, timesOf } from '../payload';
import { type MergeFrame, rowFlagsOf } from './chunk-cells';
import { type RowUpdate, SameTimeRows } from './same-time-rows';

/** The places of the rows of a chunk among those of a frame. */
export interface Placement {
  /** The rows that are taken, in the order of their times; rows of the same time in the order in which they came. */
  readonly rows: readonly number[];
  /** For each of them, how many rows of the frame come before it. */
  readonly behind: readonly number[];
  /** Rows of the chunk whose cells replace those of a forecast for the same time. */
  readonly updates: readonly RowUpdate[];
  /** Rows of the chunk that the frame had already. */
  readonly duplicates: number;
  /** Rows of the chunk that are older than all that the frame has room for. */
  readonly late: number;
}

/** Whether rows can be appended as they come: none is earlier than the one before it, nor a second time the same. */
export function inOrder(chunk: SeriesChunk, newest: number): boolean {
  const { floats, timesAt, rows } = chunk;
  const mark = flagsOf(chunk);
  if (mark === 0) {
    // Times of arrival may follow one of a payload whose clock is ahead, and older rows come from history.
    for (let last = newest, row = 0; row < rows; row++) {
      const time = floats[timesAt + row];
      if (!(time >= last)) {
        return false;
      }
      last = time;
    }
    return true;
  }
  const markAt = rowFlagsOf(chunk);
  let last = newest;
  for (let row = 0; row < rows; row++) {
    const time = floats[timesAt + row];
    if ((markAt(row) & TIMED) === 0 ? time < last : !(time > last)) {
      return false;
    }
    last = time;
  }
  return true;
}

/** @param countUpTo how many rows of the frame have that time or an earlier one. */
export function placeRows(frame: MergeFrame, chunk: SeriesChunk, countUpTo: (time: number) => number): Placement {
  const times = timesOf(chunk);
  const oldest = frame.length >= frame.capacity ? frame.time(0) : -Infinity;
  const sorted = Array.from(times.keys()).filter((row) => times[row] >= oldest);
  sorted.sort((a, b) => times[a] - times[b] || a - b);
  const placement = { rows: [], behind: [], updates: [] };
  const sameTime = new SameTimeRows(frame, chunk, placement);
  for (let begin = 0, end = 0; begin < sorted.length; begin = end) {
    const time = times[sorted[begin]];
    while (end < sorted.length && times[sorted[end]] === time) {
      end++;
    }
    sameTime.place(sorted.slice(begin, end), time, countUpTo(time));
  }
  return { ...placement, duplicates: sameTime.duplicates, late: chunk.rows - sorted.length };
}
