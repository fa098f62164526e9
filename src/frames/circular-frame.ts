import { type ColumnSpec, HISTORICAL, type SeriesChunk } from '../payload';
import { inOrder, placeRows } from './merge';
import type { MinMaxRows } from './number-ring';
import { RowStore } from './row-store';

/** The number of rows that a new frame has room for; the room doubles as the frame fills, up to its capacity. */
const INITIAL_ROWS = 64;

/**
 * The rows of one series in a fixed amount of memory, ordered by time: a ring for each column, from which the oldest
 * row is evicted first. Grafana's own `CircularDataFrame` is deprecated and reads each cell through a Proxy.
 *
 * Rows are addressed from the oldest that is stored (0) to the newest (`length - 1`).
 *
 * @example
 * ```ts
 * const frame = new CircularFrame(10_000);
 * for (const chunk of batch.chunks) {
 *   frame.append(chunk); // as the engine sends it
 * }
 * const { from, to } = frame.rowsBetween(startMs, endMs);
 * const times = frame.times(from, to); // milliseconds since the epoch
 * const values = frame.columns.map((_, column) => frame.values(column, from, to));
 * ```
 */
export class CircularFrame {
  readonly #store: RowStore;
  #columns: readonly ColumnSpec[] = [];
  /**
   * For each column, the number of the newest row with a cell, counted from the first row ever; -1 if there is none.
   */
  readonly #last: number[] = [];
  #capacity: number;
  /** The number of rows that were ever appended. */
  #appended = 0;
  /**
   * Changes when a column is added or gets its type, so readers may cache the schema by it. It also changes when a row
   * is inserted between others, because {@link MinMaxDownsampling} remembers rows by their number.
   */
  revision = 0;
  /** Rows that were dropped because they were older than every row that there was room for. */
  late = 0;
  /** Rows that were dropped because the frame had a row with the same time from the payload and the same cells. */
  duplicates = 0;
  /** Rows that were given up because others of their time stand for them; see {@link thin}. */
  thinned = 0;

  /** @param capacity the largest number of rows. */
  constructor(capacity: number) {
    this.#capacity = Math.max(1, capacity);
    this.#store = new RowStore(Math.min(INITIAL_ROWS, this.#capacity));
  }

  get length(): number {
    return this.#store.length;
  }

  /** The largest number of rows. */
  get capacity(): number {
    return this.#capacity;
  }

  /** The number of rows that memory is allocated for. */
  get allocated(): number {
    return this.#store.allocated;
  }

  /** The number of rows that newer ones have evicted, or that were thinned out. */
  get evicted(): number {
    return this.#appended - this.length;
  }

  get columns(): readonly ColumnSpec[] {
    return this.#columns;
  }

  get bytes(): number {
    return this.#store.bytes;
  }

  /** @param hasPast it may have rows from before all others, which are not {@link late} if there is no room for them. */
  append(chunk: SeriesChunk, hasPast = false): void {
    for (const { index, spec } of chunk.columns) {
      if (spec !== undefined) {
        this.#define(index, spec);
      }
    }
    this.#store.expectMarks(chunk);
    if (inOrder(chunk, this.newestTime ?? -Infinity)) {
      this.#append(chunk);
    } else {
      this.#insert(chunk, hasPast);
    }
  }

  #append(chunk: SeriesChunk): void {
    // If there are more rows than room, only the newest are copied.
    const skip = Math.max(0, chunk.rows - this.#capacity);
    this.#reserve(chunk.rows - skip);
    this.#store.append(chunk, skip);
    this.#appended += chunk.rows;
    for (const { index } of chunk.columns) {
      this.#remember(index, chunk.rows - skip);
    }
  }

  /** Inserts rows in the order of time, and moves later rows. */
  #insert(chunk: SeriesChunk, hasPast: boolean): void {
    const placement = placeRows(this, chunk, (time) => this.#search((each) => each > time));
    const { rows, behind, updates } = placement;
    this.late += hasPast ? 0 : placement.late;
    this.duplicates += placement.duplicates;
    if (rows.length === 0 && updates.length === 0) {
      return;
    }
    this.#reserve(rows.length);
    // If there is not enough room, the oldest rows are evicted, and new ones may be among them.
    const overflow = Math.max(0, this.length + rows.length - this.allocated);
    let skip = 0;
    while (skip < rows.length && behind[skip] + skip < overflow) {
      skip++;
    }
    const gone = overflow - skip;
    const newest = this.#last.map((last) => last - this.evicted - gone);
    const places = behind.slice(skip).map((count) => count - gone);
    this.#store.drop(gone);
    if (places.length > 0 && places[0] < this.length) {
      this.revision++;
    }
    this.#store.insert(chunk, rows.slice(skip), places);
    this.#appended += rows.length;
    newest.forEach((row, column) => this.#rememberPlaced(column, row, places));
    for (const { row, stored, placed } of updates) {
      const before = stored === undefined ? undefined : stored - gone;
      this.#update(
        chunk,
        row,
        before === undefined
          ? (places[placed! - skip] ?? NaN) + placed! - skip
          : before + places.filter((place) => place <= before).length
      );
    }
  }

  /** @param place the row whose cells are replaced; one that is not in the frame any more is ignored. */
  #update(chunk: SeriesChunk, row: number, place: number): void {
    if (!(place >= 0)) {
      return;
    }
    this.revision++;
    for (const column of this.#store.update(chunk, row, place)) {
      if (this.#isSeen(column, place)) {
        this.#last[column] = Math.max(this.#last[column], this.evicted + place);
      }
    }
  }

  /** Lets go of the rows that are older than this, in milliseconds since the epoch. */
  expire(beforeMs: number): void {
    this.#store.drop(this.#search((time) => time >= beforeMs));
  }

  /**
   * Gives up the rows before `end`, but for some of them. What {@link newest} returns stays.
   *
   * @param kept rows before `end`, ascending.
   */
  thin(kept: readonly number[], end: number): void {
    const newest = new Set([...this.#last.map((last) => last - this.evicted), this.newestRow ?? -1]);
    const more = [...newest].filter((row) => row >= 0 && row < end && !kept.includes(row));
    const all = more.length === 0 ? kept : [...kept, ...more].toSorted((a, b) => a - b);
    const before = this.evicted;
    this.#store.keep(all, end);
    this.thinned += this.evicted - before;
    this.revision++;
    // From `end` on, a row keeps its number.
    this.#last.forEach((last, column) => {
      if (last >= before && last < before + end) {
        this.#last[column] = this.evicted + all.indexOf(last - before);
      }
    });
  }

  /** Lets go of all rows, and of what they hold. */
  clear(): void {
    this.#store.resize(this.length, Math.min(INITIAL_ROWS, this.#capacity));
  }

  /** Keeps fewer rows from now on, the newest of those that there are, and gives the rest of the memory back. */
  limit(capacity: number): void {
    this.#capacity = Math.max(1, Math.min(this.#capacity, capacity));
    if (this.allocated > this.#capacity) {
      this.#store.resize(Math.max(0, this.length - this.#capacity), this.#capacity);
    }
  }

  /** Keeps more rows from now on; memory for them is taken as they come. */
  grow(capacity: number): void {
    this.#capacity = Math.max(this.#capacity, capacity);
  }

  /** The rows of a span of time, both ends in it. */
  rowsBetween(fromMs: number, toMs: number): { from: number; to: number } {
    const from = this.#search((time) => time >= fromMs);
    const to = this.#search((time) => time > toMs);
    // Not before `from`, even where a span ends before it begins.
    return { from, to: Math.max(from, to) };
  }

  /** The times of rows `from` to `to` (not in it), counted from the oldest; in milliseconds, an array of its own. */
  times(from: number, to: number): number[] {
    return this.#store.times(from, to);
  }

  /** The cells of a column in these rows, an array of its own; `undefined` is missing, `null` is null. */
  values(column: number, from: number, to: number): unknown[] {
    return this.#store.values(column, from, to);
  }

  /**
   * The times of single rows, an array of its own. As rows come and go, a row keeps its number: here rows are counted
   * from the first that the frame ever had, so that the oldest it has now is number {@link evicted}.
   */
  pickTimes(numbers: readonly number[]): number[] {
    return this.#store.pickTimes(this.evicted, numbers);
  }

  /** The cells of a column in single rows, counted as for {@link pickTimes}; an array of its own. */
  pick(column: number, numbers: readonly number[]): unknown[] {
    return this.#store.pick(column, this.evicted, numbers);
  }

  /** The smallest and the largest number of a column in rows `from` to `to` (exclusive), counted from the oldest. */
  minMaxRows(column: number, from: number, to: number): MinMaxRows {
    return this.#store.minMaxRows(column, from, to);
  }

  /** When a row came, in milliseconds; rows are counted from the oldest. */
  time(row: number): number {
    return this.#store.time(row);
  }

  /** One cell; `undefined` is missing, `null` is null. */
  cell(column: number, row: number): unknown {
    return this.#store.cell(column, row);
  }

  /** The flags of a row: {@link TIMED}, {@link HISTORICAL} and {@link RETAINED} as bits. */
  mark(row: number): number {
    return this.#store.mark(row);
  }

  /** The newest row that is not one of the past, sent late; `undefined` for none. */
  get newestRow(): number | undefined {
    return this.newestRowBefore(this.length);
  }

  /** As {@link newestRow}, of the rows before one. */
  newestRowBefore(end: number): number | undefined {
    for (let row = end - 1; row >= 0; row--) {
      if ((this.mark(row) & HISTORICAL) === 0) {
        return row;
      }
    }
    return undefined;
  }

  /** When the newest row came, in milliseconds. */
  get newestTime(): number | undefined {
    return this.length === 0 ? undefined : this.#store.time(this.length - 1);
  }

  /**
   * The newest cell of a column that is not missing, in rows up to {@link newestRow}; `undefined` if it has left the
   * ring.
   */
  newest(column: number): unknown {
    const row = this.#last[column] - this.evicted;
    return row < 0 ? undefined : this.#store.cell(column, row);
  }

  /** The newest cell of a column that is not missing, in a row and those before it. */
  newestUpTo(column: number, from: number): unknown {
    for (let row = from; row >= 0; row--) {
      const cell = this.#store.cell(column, row);
      if (cell !== undefined && (this.mark(row) & HISTORICAL) === 0) {
        return cell;
      }
    }
    return undefined;
  }

  #define(index: number, spec: ColumnSpec): void {
    this.revision++;
    this.#store.define(index, spec.type);
    this.#last[index] ??= -1;
    this.#columns = this.#columns.toSpliced(index, 1, spec);
  }

  #reserve(rows: number): void {
    const needed = Math.min(this.#capacity, this.length + rows);
    if (needed > this.allocated) {
      let allocated = this.allocated;
      while (allocated < needed) {
        allocated *= 2;
      }
      this.#store.resize(0, Math.min(allocated, this.#capacity));
    }
  }

  /** Notes where a column's newest cell is, looking no further back than what was just appended. */
  #remember(column: number, rows: number): void {
    for (let i = 1; i <= rows; i++) {
      if (this.#isSeen(column, this.length - i)) {
        this.#last[column] = this.#appended - i;
        return;
      }
    }
  }

  /**
   * As {@link #remember}, where rows were put between others.
   *
   * @param newest the row that had the column's newest cell before; negative for none.
   * @param places how many of the rows from before come before each of them.
   */
  #rememberPlaced(column: number, newest: number, places: readonly number[]): void {
    let known = newest < 0 ? -1 : newest + places.filter((place) => place <= newest).length;
    for (let i = places.length - 1; i >= 0 && places[i] + i > known; i--) {
      if (this.#isSeen(column, places[i] + i)) {
        known = places[i] + i;
      }
    }
    this.#last[column] = known < 0 ? -1 : this.evicted + known;
  }

  /** Whether the row has a value in this column and is not historical. */
  #isSeen(column: number, row: number): boolean {
    return this.#store.cell(column, row) !== undefined && (this.mark(row) & HISTORICAL) === 0;
  }

  /** The first row whose time passes; times never decrease. */
  #search(passes: (time: number) => boolean): number {
    let [low, high] = [0, this.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (passes(this.#store.time(middle))) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}
