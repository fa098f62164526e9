import {
  type ColumnSpec,
  halvesOf,
  flagsOf,
  numbersOf,
  readNumber,
  type SeriesChunk,
  TIMED,
  timesOf,
  valueAt,
} from '../payload';

/** What is asked of a frame when rows are put between its own. */
export interface MergeFrame {
  readonly length: number;
  readonly capacity: number;
  readonly columns: readonly ColumnSpec[];
  time(row: number): number;
  mark(row: number): number;
  cell(column: number, row: number): unknown;
}

/** Rows of the same time that a new one is compared with; a message comes twice soon after one another. */
const MAX_COMPARED = 32;

/** Where the rows of a chunk belong. */
export interface Placement {
  /** Those that are taken, in the order of their times; rows of the same time in the order in which they came. */
  readonly rows: readonly number[];
  /** For each of them, how many rows of the frame come before it. */
  readonly behind: readonly number[];
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
    // Times of arrival are in order among themselves; they may follow one of a payload whose clock is ahead.
    return rows === 0 || floats[timesAt] >= newest;
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
  const rows: number[] = [];
  const behind: number[] = [];
  const isKnown = duplicatesOf(frame, chunk, rows);
  for (const row of sorted) {
    const count = countUpTo(times[row]);
    if (!isKnown(row, count)) {
      rows.push(row);
      behind.push(count);
    }
  }
  return { rows, behind, duplicates: sorted.length - rows.length, late: chunk.rows - sorted.length };
}

/**
 * Tells whether a row whose time is its own is there already: among the rows of the chunk that are taken, or among
 * those of the frame that have its time.
 */
function duplicatesOf(
  frame: MergeFrame,
  chunk: SeriesChunk,
  taken: readonly number[]
): (row: number, behind: number) => boolean {
  const times = timesOf(chunk);
  const markAt = rowFlagsOf(chunk);
  const cells = cellsOf(chunk);
  return (row, behind) => {
    if ((markAt(row) & TIMED) === 0) {
      return false;
    }
    let compared = 0;
    for (let i = taken.length - 1; i >= 0 && times[taken[i]] === times[row]; i--) {
      const other = taken[i];
      if (compared++ === MAX_COMPARED) {
        return false;
      }
      // What came by itself may be the same again, and is another row.
      if ((markAt(other) & TIMED) !== 0 && frame.columns.every((_, at) => same(cells(at, other), cells(at, row)))) {
        return true;
      }
    }
    for (let own = behind - 1; own >= 0 && frame.time(own) === times[row] && compared++ < MAX_COMPARED; own--) {
      if (
        (frame.mark(own) & TIMED) !== 0 &&
        frame.columns.every((_, at) => same(frame.cell(at, own), cells(at, row)))
      ) {
        return true;
      }
    }
    return false;
  };
}

/** Reads the marks of a chunk by row. */
export function rowFlagsOf(chunk: SeriesChunk): (row: number) => number {
  const { floats, flagsAt: marksAt } = chunk;
  const mark = flagsOf(chunk) ?? 0;
  return marksAt === undefined ? () => mark : (row) => floats[marksAt + row];
}

/** Reads the cells of a chunk by column and row. */
export function cellsOf(chunk: SeriesChunk): (column: number, row: number) => unknown {
  const byIndex = new Map(
    chunk.columns.map((column): [number, (row: number) => unknown] => {
      const numbers = numbersOf(chunk, column);
      if (numbers === undefined) {
        return [column.index, (row) => valueAt(column, row)];
      }
      const halves = halvesOf(numbers);
      return [column.index, (row) => readNumber(numbers, halves, row)];
    })
  );
  return (column, row) => byIndex.get(column)?.(row);
}

function same(a: unknown, b: unknown): boolean {
  return (
    Object.is(a, b) ||
    (typeof a === 'object' &&
      typeof b === 'object' &&
      a !== null &&
      b !== null &&
      JSON.stringify(a) === JSON.stringify(b))
  );
}
