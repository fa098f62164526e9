import { type ColumnSpec, flagsOf, halvesOf, numbersOf, readNumber, type SeriesChunk, valueAt } from '../payload';

/** The part of a frame that is read when rows are put between its own. */
export interface MergeFrame {
  readonly length: number;
  readonly capacity: number;
  readonly columns: readonly ColumnSpec[];
  time(row: number): number;
  mark(row: number): number;
  cell(column: number, row: number): unknown;
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
