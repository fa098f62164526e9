import { type ColumnSpec, HISTORICAL, isNumeric, markOf, type SeriesChunk } from '../payload';
import { inOrder, placeRows } from './merge';
import { NumberRing, type Ring, type Span, ValueRing } from './ring';

/** Rows a frame begins with room for; it doubles as it fills, up to its capacity. */
const START = 64;

interface Column {
  spec: ColumnSpec;
  ring: Ring;
  /** Number of the newest row, counted from the first ever, in which the column had a cell; -1 for none. */
  last: number;
}

/**
 * The rows of one series in a fixed amount of memory: column by column in a ring, oldest row out first. Grafana's
 * own `CircularDataFrame` is deprecated and reads each cell through a Proxy.
 */
export class CircularFrame {
  #time: NumberRing;
  readonly #columns: Column[] = [];
  #specs: readonly ColumnSpec[] = [];
  #capacity: number;
  #allocated: number;
  /** The mark of all rows, and that of each from the time on that they differ: in most frames they never do. */
  #mark = 0;
  #marks: NumberRing | undefined;
  #begin = 0;
  #length = 0;
  /** Rows ever appended. */
  #appended = 0;
  /**
   * Changes when a column opens or gets its type: what readers may cache the shape by. It must also change when a row
   * is put between others, because {@link Extremes} remembers rows by their number.
   */
  revision = 0;
  /** Rows that came with a time before all that there was room for, and were not taken. */
  late = 0;
  /** Rows that came a second time, with the same time from the payload and the same cells, and were not taken. */
  duplicates = 0;

  /** @param capacity rows kept at the most. */
  constructor(capacity: number) {
    this.#capacity = Math.max(1, capacity);
    this.#allocated = Math.min(START, this.#capacity);
    this.#time = new NumberRing(this.#allocated);
  }

  get length(): number {
    return this.#length;
  }

  /** Rows kept at the most. */
  get capacity(): number {
    return this.#capacity;
  }

  /** Rows that memory is taken for now. */
  get allocated(): number {
    return this.#allocated;
  }

  /** Rows that have been pushed out by newer ones. */
  get evicted(): number {
    return this.#appended - this.#length;
  }

  get columns(): readonly ColumnSpec[] {
    return this.#specs;
  }

  get bytes(): number {
    return this.#columns.reduce((sum, { ring }) => sum + ring.bytes, this.#time.bytes + (this.#marks?.bytes ?? 0));
  }

  append(chunk: SeriesChunk): void {
    for (const { index, spec } of chunk.columns) {
      if (spec !== undefined) {
        this.#define(index, spec);
      }
    }
    this.#expectMarks(chunk);
    if (inOrder(chunk, this.newestTime ?? -Infinity)) {
      this.#append(chunk);
    } else {
      this.#insert(chunk);
    }
  }

  #append(chunk: SeriesChunk): void {
    // Of more rows than there is room for, only the newest are worth moving.
    const skip = Math.max(0, chunk.rows - this.#capacity);
    const rows = chunk.rows - skip;
    this.#reserve(rows);
    const at = (this.#begin + this.#length) % this.#allocated;
    const beforeWrap = Math.min(rows, this.#allocated - at);
    this.#put(chunk, skip, skip + beforeWrap, at);
    if (rows > beforeWrap) {
      this.#put(chunk, skip + beforeWrap, chunk.rows, 0);
    }
    this.#appended += chunk.rows;
    const overflow = Math.max(0, this.#length + rows - this.#allocated);
    this.#begin = (this.#begin + overflow) % this.#allocated;
    this.#length = Math.min(this.#length + rows, this.#allocated);
    for (const { index } of chunk.columns) {
      this.#remember(this.#columns[index], rows);
    }
  }

  /** Puts rows where their times belong; those that follow make room for them. */
  #insert(chunk: SeriesChunk): void {
    const { rows, behind, late, duplicates } = placeRows(this, chunk, (time) => this.#search((each) => each > time));
    this.late += late;
    this.duplicates += duplicates;
    if (rows.length === 0) {
      return;
    }
    this.#reserve(rows.length);
    // Where there is no room for all, the oldest go, and new ones may be among them.
    const overflow = Math.max(0, this.#length + rows.length - this.#allocated);
    let skip = 0;
    while (skip < rows.length && behind[skip] + skip < overflow) {
      skip++;
    }
    const gone = overflow - skip;
    const newest = this.#columns.map(({ last }) => last - this.evicted - gone);
    this.#begin = (this.#begin + gone) % this.#allocated;
    this.#length -= gone;
    this.#appended += rows.length;
    const places = behind.slice(skip).map((count) => count - gone);
    this.#makeRoom(places);
    places.forEach((place, i) => {
      const row = rows[skip + i];
      this.#put(chunk, row, row + 1, (this.#begin + place + i) % this.#allocated);
    });
    this.#columns.forEach((column, i) => this.#rememberPlaced(column, newest[i], places));
  }

  /** As {@link #remember}, where rows were put between others. @param newest where the column's newest cell was. */
  #rememberPlaced(column: Column, newest: number, places: readonly number[]): void {
    let known = newest < 0 ? -1 : newest + places.filter((place) => place <= newest).length;
    for (let i = places.length - 1; i >= 0 && places[i] + i > known; i--) {
      if (this.#isSeen(column, places[i] + i)) {
        known = places[i] + i;
      }
    }
    column.last = known < 0 ? -1 : this.evicted + known;
  }

  /** @param places how many rows come before each of those that are put between them; never decreasing. */
  #makeRoom(places: readonly number[]): void {
    if (places.length > 0 && places[0] < this.#length) {
      this.revision++;
    }
    const marks = this.#marks === undefined ? [] : [this.#marks];
    const rings: Ring[] = [this.#time, ...marks, ...this.#columns.map(({ ring }) => ring)];
    let end = this.#length;
    for (let i = places.length - 1; i >= 0; i--) {
      for (const ring of rings) {
        ring.shift(this.#span, places[i], end, i + 1);
      }
      end = places[i];
    }
    this.#length += places.length;
  }

  /** Lets go of the rows that are older than this, in milliseconds since the epoch. */
  expire(beforeMs: number): void {
    const rows = this.#search((time) => time >= beforeMs);
    this.#begin = (this.#begin + rows) % this.#allocated;
    this.#length -= rows;
  }

  /** Lets go of all rows, and of what they hold. */
  clear(): void {
    this.#resize(this.#length, Math.min(START, this.#capacity));
  }

  /** Keeps fewer rows from now on, the newest of those that there are, and gives the rest of the memory back. */
  limit(capacity: number): void {
    this.#capacity = Math.max(1, Math.min(this.#capacity, capacity));
    if (this.#allocated > this.#capacity) {
      this.#resize(Math.max(0, this.#length - this.#capacity), this.#capacity);
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
    return this.#time.read(this.#span, from, to) as number[];
  }

  /** The cells of a column in these rows, an array of its own; `undefined` is missing, `null` is null. */
  values(column: number, from: number, to: number): unknown[] {
    return this.#columns[column].ring.read(this.#span, from, to);
  }

  /**
   * The times of single rows, an array of its own. As rows come and go, a row keeps its number: here rows are counted
   * from the first that the frame ever had, so that the oldest it has now is number {@link evicted}.
   */
  pickTimes(numbers: readonly number[]): number[] {
    return this.#time.pick(this.#allocated, this.#begin - this.evicted, numbers) as number[];
  }

  /** The cells of a column in single rows, counted as for {@link pickTimes}; an array of its own. */
  pick(column: number, numbers: readonly number[]): unknown[] {
    return this.#columns[column].ring.pick(this.#allocated, this.#begin - this.evicted, numbers);
  }

  /** When a row came, in milliseconds; rows are counted from the oldest. */
  time(row: number): number {
    return this.#timeAt(row);
  }

  /** One cell; `undefined` is missing, `null` is null. */
  cell(column: number, row: number): unknown {
    return this.#columns[column].ring.cell((this.#begin + row) % this.#allocated);
  }

  /** What sets a row apart: {@link TIMED}, {@link HISTORICAL}, both or 0. */
  mark(row: number): number {
    return (this.#marks?.cell((this.#begin + row) % this.#allocated) as number | undefined) ?? this.#mark;
  }

  /** The newest row that is not one of the past, sent late; `undefined` for none. */
  get newestRow(): number | undefined {
    for (let row = this.#length - 1; row >= 0; row--) {
      if ((this.mark(row) & HISTORICAL) === 0) {
        return row;
      }
    }
    return undefined;
  }

  /** When the newest row came, in milliseconds. */
  get newestTime(): number | undefined {
    return this.#length === 0 ? undefined : this.#timeAt(this.#length - 1);
  }

  /**
   * The newest cell of a column that is not missing, in rows up to {@link newestRow}; `undefined` if it has left the
   * ring.
   */
  newest(column: number): unknown {
    const { ring, last } = this.#columns[column];
    const row = last - (this.#appended - this.#length);
    return row < 0 ? undefined : ring.cell((this.#begin + row) % this.#allocated);
  }

  get #span(): Span {
    return { begin: this.#begin, length: this.#length, capacity: this.#allocated };
  }

  #define(index: number, spec: ColumnSpec): void {
    this.revision++;
    const isNumber = isNumeric(spec.type);
    const known = this.#columns[index];
    if (known === undefined) {
      const ring = isNumber ? new NumberRing(this.#allocated) : new ValueRing(this.#allocated);
      if (this.#length > 0) {
        // It opens in the middle: the rows before did not have it.
        ring.clear(0, this.#allocated);
      }
      this.#columns[index] = { spec, ring, last: -1 };
    } else {
      known.spec = spec;
      if (!isNumber && known.ring instanceof NumberRing) {
        known.ring = known.ring.toValues();
      }
    }
    this.#specs = this.#columns.map((column) => column.spec);
  }

  /** Puts the rows `from` to `to` of a chunk at a place that has room for them before the rings wrap around. */
  #put(chunk: SeriesChunk, from: number, to: number, at: number): void {
    const { floats, timesAt, marksAt } = chunk;
    this.#time.put(floats, timesAt + from, timesAt + to, at);
    if (marksAt === undefined) {
      this.#marks?.fill(markOf(chunk)!, at, to - from);
    } else {
      this.#marks?.put(floats, marksAt + from, marksAt + to, at);
    }
    // The columns of a chunk are in the order of their numbers, as those of the frame are.
    let next = 0;
    for (let index = 0; index < this.#columns.length; index++) {
      const { ring } = this.#columns[index];
      const cells = chunk.columns[next]?.index === index ? chunk.columns[next++] : undefined;
      if (cells?.numbersAt !== undefined) {
        ring.put(floats, cells.numbersAt + from, cells.numbersAt + to, at);
      } else if (cells?.values !== undefined) {
        ring.put(cells.values, from, to, at);
      } else {
        // What the chunk does not have is missing, and not what lay there a turn of the ring ago.
        ring.clear(at, to - from);
      }
    }
  }

  /** Begins to keep the marks of all rows where those of a chunk are not those of the rows that there are. */
  #expectMarks(chunk: SeriesChunk): void {
    const mark = markOf(chunk);
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

  #reserve(rows: number): void {
    const needed = Math.min(this.#capacity, this.#length + rows);
    if (needed > this.#allocated) {
      let allocated = this.#allocated;
      while (allocated < needed) {
        allocated *= 2;
      }
      this.#resize(0, Math.min(allocated, this.#capacity));
    }
  }

  /** Moves the rows after the first `skip` to the front of rings of another size. */
  #resize(skip: number, capacity: number): void {
    const [span, length] = [this.#span, this.#length];
    this.#time = this.#time.move(span, skip, length, capacity);
    this.#marks = this.#marks?.move(span, skip, length, capacity);
    for (const column of this.#columns) {
      column.ring = column.ring.move(span, skip, length, capacity);
    }
    this.#begin = 0;
    this.#length = length - skip;
    this.#allocated = capacity;
  }

  /** Notes where a column's newest cell is, looking no further back than what was just appended. */
  #remember(column: Column, rows: number): void {
    for (let i = 1; i <= rows; i++) {
      if (this.#isSeen(column, this.#length - i)) {
        column.last = this.#appended - i;
        return;
      }
    }
  }

  /** Whether a row has a cell of the column, and is none of the past, sent late. */
  #isSeen(column: Column, row: number): boolean {
    const cell = column.ring.cell((this.#begin + row) % this.#allocated);
    return cell !== undefined && (this.mark(row) & HISTORICAL) === 0;
  }

  #timeAt(row: number): number {
    return this.#time.cell((this.#begin + row) % this.#allocated) as number;
  }

  /** The first row whose time passes; times never decrease. */
  #search(passes: (time: number) => boolean): number {
    let [low, high] = [0, this.#length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (passes(this.#timeAt(middle))) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}
