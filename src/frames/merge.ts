import {
  type ColumnChunk,
  type ColumnSpec,
  halvesOf,
  isNumeric,
  markOf,
  numbersOf,
  readNumber,
  type SeriesChunk,
  TIMED,
  timesOf,
  writeNumber,
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

export interface Merged {
  /** What is to be appended after the first `keep` rows of the frame; `undefined` for nothing. */
  readonly chunk: SeriesChunk | undefined;
  readonly keep: number;
  /** Rows of the chunk that the frame had already. */
  readonly duplicates: number;
  /** Rows of the chunk that are older than all that the frame has room for. */
  readonly late: number;
}

/** Whether rows can be appended as they come: none is earlier than the one before it, nor a second time the same. */
export function inOrder(chunk: SeriesChunk, newest: number): boolean {
  const { floats, timesAt, rows } = chunk;
  const mark = markOf(chunk);
  const markAt = marksOf(chunk);
  let last = newest;
  // Times of arrival are in order among themselves; they may follow one of a payload whose clock is ahead.
  for (let row = 0; row < (mark === 0 ? Math.min(1, rows) : rows); row++) {
    const time = floats[timesAt + row];
    if ((markAt(row) & TIMED) === 0 ? time < last : !(time > last)) {
      return false;
    }
    last = time;
  }
  return true;
}

/**
 * The rows of a chunk in the order of their times, together with those of the frame that come after the first of
 * them. Rows of the same time stay in the order in which they came.
 */
export function merge(frame: MergeFrame, chunk: SeriesChunk, firstFrom: (time: number) => number): Merged {
  const cells = cellsOf(chunk);
  const times = timesOf(chunk);
  const full = frame.length >= frame.capacity;
  const oldest = full ? frame.time(0) : -Infinity;
  const rows = Array.from(times.keys()).filter((row) => times[row] >= oldest);
  rows.sort((a, b) => times[a] - times[b] || a - b);
  const late = chunk.rows - rows.length;
  if (rows.length === 0) {
    return { chunk: undefined, keep: frame.length, duplicates: 0, late };
  }
  const begin = firstFrom(times[rows[0]]);
  // Rows of the frame by their number, and those of the chunk by the complement of theirs.
  const merged: number[] = [];
  const timeOf = (row: number): number => (row >= 0 ? frame.time(row) : times[~row]);
  const markAt = marksOf(chunk);
  const markOfRow = (row: number): number => (row >= 0 ? frame.mark(row) : markAt(~row));
  const cellOf = (column: number, row: number): unknown => (row >= 0 ? frame.cell(column, row) : cells(column, ~row));
  const isKnown = (row: number): boolean => {
    for (let i = merged.length - 1; i >= 0 && merged.length - i <= MAX_COMPARED; i--) {
      if (timeOf(merged[i]) !== timeOf(row)) {
        return false;
      }
      // What came by itself may be the same again, and is another row.
      const isTimed = (markOfRow(merged[i]) & TIMED) !== 0;
      if (isTimed && frame.columns.every((_, column) => same(cellOf(column, merged[i]), cellOf(column, row)))) {
        return true;
      }
    }
    return false;
  };
  let own = begin;
  let kept = 0;
  /** Rows of the frame that come before the first new one, and can stay where they are. */
  let untouched = 0;
  for (const row of rows) {
    for (; own < frame.length && frame.time(own) <= times[row]; own++) {
      merged.push(own);
    }
    if ((markAt(row) & TIMED) === 0 || !isKnown(~row)) {
      if (kept++ === 0) {
        untouched = merged.length;
      }
      merged.push(~row);
    }
  }
  for (; own < frame.length; own++) {
    merged.push(own);
  }
  const duplicates = rows.length - kept;
  return kept === 0
    ? { chunk: undefined, keep: frame.length, duplicates, late }
    : {
        chunk: build(chunk, frame, merged.slice(untouched), { timeOf, markOf: markOfRow, cellOf }),
        keep: begin + untouched,
        duplicates,
        late,
      };
}

function build(
  chunk: SeriesChunk,
  frame: MergeFrame,
  rows: readonly number[],
  of: {
    readonly timeOf: (row: number) => number;
    readonly markOf: (row: number) => number;
    readonly cellOf: (column: number, row: number) => unknown;
  }
): SeriesChunk {
  const { timeOf, cellOf } = of;
  const floats = new Float64Array(rows.length * (2 + frame.columns.length));
  const halves = halvesOf(floats);
  rows.forEach((row, i) => (floats[i] = timeOf(row)));
  const marksAt = rows.length * (1 + frame.columns.length);
  rows.forEach((row, i) => (floats[marksAt + i] = of.markOf(row)));
  const columns = frame.columns.map(({ type }, index): ColumnChunk => {
    if (!isNumeric(type)) {
      return { index, values: rows.map((row) => cellOf(index, row)) };
    }
    const numbersAt = rows.length * (1 + index);
    rows.forEach((row, i) =>
      writeNumber(floats, halves, numbersAt + i, cellOf(index, row) as number | null | undefined)
    );
    return { index, numbersAt };
  });
  return { series: chunk.series, rows: rows.length, dropped: 0, floats, timesAt: 0, marksAt, columns };
}

/** Reads the marks of a chunk by row. */
function marksOf(chunk: SeriesChunk): (row: number) => number {
  const { floats, marksAt } = chunk;
  const mark = markOf(chunk) ?? 0;
  return marksAt === undefined ? () => mark : (row) => floats[marksAt + row];
}

/** Reads the cells of a chunk by column and row. */
function cellsOf(chunk: SeriesChunk): (column: number, row: number) => unknown {
  const byIndex = new Map(
    chunk.columns.map((column): [number, (row: number) => unknown] => {
      const numbers = numbersOf(chunk, column);
      if (numbers === undefined) {
        return [column.index, (row) => column.values?.[row]];
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
