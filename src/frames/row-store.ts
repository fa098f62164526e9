import { type ColumnType, isNumeric, flagsOf, type SeriesChunk } from '../payload';
import { cellsOf } from './chunk-cells';
import { type MinMaxRows, NumberRing } from './number-ring';
import type { Ring, Span } from './ring';
import { ValueRing } from './value-ring';

/**
 * The memory of a frame: times, marks and columns in rings of one size, and where in them the rows lie. Rows are
 * counted from the oldest; what they mean is the frame's to know.
 */
export class RowStore {
  #time: NumberRing;
  readonly #columns: Ring[] = [];
  /** The mark of all rows, and that of each from the time on that they differ: in most frames they never do. */
  #mark = 0;
  #marks: NumberRing | undefined;
  #begin = 0;
  #length = 0;
  #allocated: number;

  /** @param rows that there is room for. */
  constructor(rows: number) {
    this.#allocated = rows;
    this.#time = new NumberRing(rows);
  }

  get length(): number {
    return this.#length;
  }

  /** Rows that there is room for. */
  get allocated(): number {
    return this.#allocated;
  }

  get bytes(): number {
    return this.#columns.reduce((sum, ring) => sum + ring.bytes, this.#time.bytes + (this.#marks?.bytes ?? 0));
  }

  time(row: number): number {
    return this.#time.cell(this.#placeOf(row)) as number;
  }

  mark(row: number): number {
    return (this.#marks?.cell(this.#placeOf(row)) as number | undefined) ?? this.#mark;
  }

  cell(column: number, row: number): unknown {
    return this.#columns[column].cell(this.#placeOf(row));
  }

  times(from: number, to: number): number[] {
    return this.#time.read(this.#span, from, to) as number[];
  }

  values(column: number, from: number, to: number): unknown[] {
    return this.#columns[column].read(this.#span, from, to);
  }

  /** The times of single rows that are counted from another one; `oldest` is what the oldest counts there. */
  pickTimes(oldest: number, numbers: readonly number[]): number[] {
    return this.#time.pick(this.#allocated, this.#begin - oldest, numbers) as number[];
  }

  /** As {@link pickTimes}, the cells of a column. */
  pick(column: number, oldest: number, numbers: readonly number[]): unknown[] {
    return this.#columns[column].pick(this.#allocated, this.#begin - oldest, numbers);
  }

  /** The smallest and the largest number of a column in the rows `from` to `to`. */
  minMaxRows(column: number, from: number, to: number): MinMaxRows {
    return (this.#columns[column] as NumberRing).minMaxRows(this.#span, from, to);
  }

  /** Opens a column, or gives one that had only nulls its type. */
  define(column: number, type: ColumnType): void {
    const known = this.#columns[column];
    if (known === undefined) {
      const ring = isNumeric(type) ? new NumberRing(this.#allocated) : new ValueRing(this.#allocated);
      if (this.#length > 0) {
        // It opens in the middle: the rows before did not have it.
        ring.clear(0, this.#allocated);
      }
      this.#columns[column] = ring;
    } else if (!isNumeric(type) && known instanceof NumberRing) {
      this.#columns[column] = known.toValues();
    }
  }

  /** Begins to keep the marks of all rows where those of a chunk are not those of the rows that there are. */
  expectMarks(chunk: SeriesChunk): void {
    const mark = flagsOf(chunk);
    if (this.#marks !== undefined || chunk.rows === 0 || (mark === this.#mark && mark !== undefined)) {
      return;
    }
    if (this.#length === 0 && mark !== undefined) {
      this.#mark = mark;
    } else {
      this.#marks = new NumberRing(this.#allocated);
      this.#marks.fill(this.#mark, 0, this.#allocated);
    }
  }

  /** Adds the rows of a chunk from `from` on behind all others; the oldest make room for them. */
  append(chunk: SeriesChunk, from: number): void {
    const rows = chunk.rows - from;
    this.#putWrapped(chunk, from, chunk.rows, this.#length);
    const overflow = Math.max(0, this.#length + rows - this.#allocated);
    this.#length += rows;
    this.drop(overflow);
  }

  /**
   * Puts single rows of a chunk between those that there are; there is to be room for them.
   *
   * @param rows of the chunk.
   * @param behind how many of the rows that there are come before each of them; never decreasing.
   */
  insert(chunk: SeriesChunk, rows: readonly number[], behind: readonly number[]): void {
    const rings = this.#rings;
    let end = this.#length;
    for (let i = behind.length - 1; i >= 0; i--) {
      const place = behind[i];
      if (place < end) {
        for (const ring of rings) {
          ring.shift(this.#span, place, end, i + 1);
        }
        end = place;
      }
    }
    this.#length += rows.length;
    // Rows that follow each other in the chunk and in the rings are put together: older rows come in long runs
    for (let begin = 0, next = 1; begin < rows.length; begin = next++) {
      while (next < rows.length && rows[next] === rows[next - 1] + 1 && behind[next] === behind[begin]) {
        next++;
      }
      this.#putWrapped(chunk, rows[begin], rows[begin] + next - begin, behind[begin] + begin);
    }
  }

  /**
   * Replaces cells of a row by those that a row of a chunk has.
   *
   * @returns the columns of these cells.
   */
  update(chunk: SeriesChunk, from: number, row: number): number[] {
    const at = this.#placeOf(row);
    const cells = cellsOf(chunk);
    return chunk.columns.flatMap(({ index, numbersAt }) => {
      const cell = cells(index, from);
      if (cell === undefined) {
        return [];
      }
      const ring = this.#columns[index];
      if (numbersAt === undefined) {
        (ring as ValueRing).fill(cell, at, 1);
      } else {
        ring.put(chunk.floats, numbersAt + from, numbersAt + from + 1, at);
      }
      return [index];
    });
  }

  /** Lets go of the oldest rows. */
  drop(rows: number): void {
    this.#begin = this.#placeOf(rows);
    this.#length -= rows;
  }

  /**
   * Lets go of the rows before `end`, but for some of them.
   *
   * @param kept rows before `end`, ascending.
   */
  keep(kept: readonly number[], end: number): void {
    const rings = this.#rings;
    // Rows that stay are moved towards the end, the last of them first, those that follow each other together
    let free = end;
    for (let last = kept.length - 1, first = last; last >= 0; last = first = first - 1) {
      while (first > 0 && kept[first - 1] === kept[first] - 1) {
        first--;
      }
      const by = free - 1 - kept[last];
      if (by > 0) {
        for (const ring of rings) {
          ring.shift(this.#span, kept[first], kept[last] + 1, by);
        }
      }
      free -= last - first + 1;
    }
    this.drop(free);
  }

  /** Moves the rows after the first `skip` to the front of rings of another size. */
  resize(skip: number, rows: number): void {
    const [span, length] = [this.#span, this.#length];
    this.#time = this.#time.move(span, skip, length, rows);
    this.#marks = this.#marks?.move(span, skip, length, rows);
    this.#columns.forEach((ring, i) => (this.#columns[i] = ring.move(span, skip, length, rows)));
    this.#begin = 0;
    this.#length = length - skip;
    this.#allocated = rows;
  }

  get #rings(): Ring[] {
    return [this.#time, ...(this.#marks === undefined ? [] : [this.#marks]), ...this.#columns];
  }

  get #span(): Span {
    return { begin: this.#begin, length: this.#length, capacity: this.#allocated };
  }

  #placeOf(row: number): number {
    return (this.#begin + row) % this.#allocated;
  }

  /** Puts the rows `from` to `to` of a chunk at a row, counted from the oldest, and those that follow it. */
  #putWrapped(chunk: SeriesChunk, from: number, to: number, row: number): void {
    const at = this.#placeOf(row);
    const beforeWrap = Math.min(to - from, this.#allocated - at);
    this.#put(chunk, from, from + beforeWrap, at);
    if (to - from > beforeWrap) {
      this.#put(chunk, from + beforeWrap, to, 0);
    }
  }

  /** Puts the rows `from` to `to` of a chunk at a place that has room for them before the rings wrap around. */
  #put(chunk: SeriesChunk, from: number, to: number, at: number): void {
    const { floats, timesAt, flagsAt: marksAt } = chunk;
    this.#time.put(floats, timesAt + from, timesAt + to, at);
    if (marksAt === undefined) {
      this.#marks?.fill(flagsOf(chunk)!, at, to - from);
    } else {
      this.#marks?.put(floats, marksAt + from, marksAt + to, at);
    }
    // The columns of a chunk are in the order of their numbers, as those of the frame are.
    let next = 0;
    for (let index = 0; index < this.#columns.length; index++) {
      const ring = this.#columns[index];
      const cells = chunk.columns[next]?.index === index ? chunk.columns[next++] : undefined;
      if (cells?.numbersAt !== undefined) {
        ring.put(floats, cells.numbersAt + from, cells.numbersAt + to, at);
      } else if (cells?.ends !== undefined) {
        putRuns(ring as ValueRing, cells.values!, cells.ends, from, to, at);
      } else if (cells?.values !== undefined) {
        ring.put(cells.values, from, to, at);
      } else {
        // A value that the chunk does not have is missing; the place still has the value of one turn of the ring ago.
        ring.clear(at, to - from);
      }
    }
  }
}

/** As {@link Ring.put}, for cells that come in runs. */
function putRuns(
  ring: ValueRing,
  values: readonly unknown[],
  ends: readonly number[],
  from: number,
  to: number,
  at: number
): void {
  let row = from;
  for (let run = 0; row < to; run++) {
    const end = Math.min(to, ends[run]);
    if (end > row) {
      ring.fill(values[run], at + row - from, end - row);
      row = end;
    }
  }
}
