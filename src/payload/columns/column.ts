import { halvesOf, readNumber, writeNumber } from './cells';
import { type ColumnChunk, type ColumnSpec, type NumberBuffer, isNumeric, runsOf } from './batch';

/** Rows that a series and its columns begin with room for. */
export const INITIAL_CAPACITY = 16;

/** Rows that they keep room for when theirs are taken: what a burst needed is not kept for a series that is quiet. */
export const RETAINED_CAPACITY = 1024;

/**
 * One column of a series while its rows are collected. Rows that had no cell for it are filled in as missing when
 * the next cell comes, so that a message costs only the fields that it has.
 */
export class Column {
  #spec: ColumnSpec;
  #specDue = true;
  #length = 0;
  #floats: Float64Array | undefined;
  #halves: Uint32Array | undefined;
  #values: unknown[] | undefined;

  constructor(
    readonly index: number,
    spec: ColumnSpec
  ) {
    this.#spec = spec;
    this.#open();
  }

  get spec(): ColumnSpec {
    return this.#spec;
  }

  /** Rows up to the last that has a cell. */
  get length(): number {
    return this.#length;
  }

  /** The cell of one of the rows that are collected. */
  cell(row: number): unknown {
    return this.#values === undefined ? readNumber(this.#floats!, this.#halves!, row) : this.#values[row];
  }

  /**
   * The properties of the column from now on. The first value of a type in a column that had only nulls decides its
   * type, which then stays.
   */
  settle(spec: ColumnSpec): void {
    this.#spec = spec;
    this.#specDue = true;
    if (!isNumeric(spec.type) && this.#floats !== undefined) {
      const [floats, halves] = [this.#floats, this.#halves!];
      this.#values = Array.from({ length: this.#length }, (_, i) => readNumber(floats, halves, i));
      this.#floats = this.#halves = undefined;
    }
  }

  /** As {@link write}, for the number columns of messages that come one like the other. */
  writeNumber(row: number, cell: number): void {
    const floats = this.#floats;
    if (floats !== undefined && this.#length === row && row < floats.length && cell === cell) {
      floats[row] = cell;
      this.#length = row + 1;
    } else {
      this.write(row, cell);
    }
  }

  /** Sets the cell of a row after the last one set. */
  write(row: number, cell: unknown): void {
    this.#pad(row);
    if (this.#values !== undefined) {
      this.#values.push(cell);
    } else {
      this.#reserve(row + 1);
      writeNumber(this.#floats!, this.#halves!, row, cell as number | null);
    }
    this.#length = row + 1;
  }

  /** Takes the cell of the last row away again: it belongs to another column. */
  takeBack(row: number): unknown {
    const cell = this.cell(row);
    this.#values?.pop();
    this.#length = row;
    return cell;
  }

  /** How many numbers {@link take} adds to the buffer. */
  numbers(rows: number, skip: number): number {
    return this.#floats === undefined || this.#isIdle(skip) ? 0 : rows - skip;
  }

  /** The cells of `rows` rows, of which the first `skip` are dropped; the column starts again. */
  take(rows: number, skip: number, buffer: NumberBuffer): ColumnChunk | undefined {
    if (this.#isIdle(skip)) {
      this.#restart();
      return undefined;
    }
    this.#pad(rows);
    const chunk: { -readonly [K in keyof ColumnChunk]: ColumnChunk[K] } = { index: this.index };
    if (this.#specDue) {
      chunk.spec = this.#spec;
      this.#specDue = false;
    }
    if (this.#values !== undefined) {
      const cells = skip === 0 ? this.#values : this.#values.slice(skip);
      const runs = runsOf(cells);
      chunk.values = runs?.values ?? cells;
      if (runs !== undefined) {
        chunk.ends = runs.ends;
      }
    } else {
      chunk.numbersAt = buffer.add(this.#floats!, skip, rows);
    }
    this.#restart();
    return chunk;
  }

  /** Gives up the first rows, of which the column may have fewer. */
  discard(rows: number): void {
    const kept = Math.max(0, this.#length - rows);
    this.#values?.splice(0, rows);
    this.#floats?.copyWithin(0, rows, rows + kept);
    this.#length = kept;
  }

  /** Cells after the first `skip` rows that hold a value. */
  countCells(skip: number): number {
    const cells = this.#values ?? this.#floats!;
    let count = 0;
    for (let row = skip; row < this.#length; row++) {
      const cell = cells[row];
      if (cell !== undefined && cell !== null && cell === cell) {
        count++;
      }
    }
    return count;
  }

  #isIdle(skip: number): boolean {
    return this.#length <= skip && !this.#specDue;
  }

  #open(): void {
    if (isNumeric(this.#spec.type)) {
      this.#floats = new Float64Array(INITIAL_CAPACITY);
      this.#halves = halvesOf(this.#floats);
    } else {
      this.#values = [];
    }
  }

  #restart(): void {
    this.#length = 0;
    if (this.#values !== undefined || this.#floats!.length > RETAINED_CAPACITY) {
      this.#open();
    }
  }

  #pad(rows: number): void {
    if (this.#length >= rows) {
      return;
    }
    if (this.#values !== undefined) {
      while (this.#values.length < rows) {
        this.#values.push(undefined);
      }
    } else {
      this.#reserve(rows);
      this.#floats!.fill(NaN, this.#length, rows);
    }
    this.#length = rows;
  }

  #reserve(rows: number): void {
    const floats = this.#floats!;
    if (rows > floats.length) {
      const larger = new Float64Array(Math.max(rows, floats.length * 2));
      larger.set(floats);
      this.#floats = larger;
      this.#halves = halvesOf(larger);
    }
  }
}
