import { RETAINED_CAPACITY, INITIAL_CAPACITY } from './column';

/**
 * What sets the rows of a series apart while they are collected, as the marks of `batch.ts`. A series whose rows have
 * the time of their arrival, as most have, needs no memory for it and is not slowed down.
 */
export class RowFlags {
  #marks: Float64Array | undefined;
  /** Rows up to the last that has a mark. */
  #length = 0;

  /** One a row; rows behind the last that has one may be beyond the end. */
  get all(): Float64Array {
    return (this.#marks ??= new Float64Array(INITIAL_CAPACITY));
  }

  /** Marks a row after the last one marked. */
  set(row: number, mark: number): void {
    let marks = this.all;
    if (row >= marks.length) {
      marks = new Float64Array(Math.max(row + 1, 2 * marks.length));
      marks.set(this.all);
      this.#marks = marks;
    }
    marks[row] = mark;
    this.#length = row + 1;
  }

  /** What all of these rows have, 0 for nothing; `undefined` where they differ. */
  common(from: number, to: number): number | undefined {
    if (this.#length <= from) {
      return 0;
    }
    const marks = this.all;
    for (let row = from + 1; row < to; row++) {
      if ((row < this.#length ? marks[row] : 0) !== marks[from]) {
        return undefined;
      }
    }
    return marks[from];
  }

  /** Gives up the first rows. */
  discard(rows: number): void {
    if (this.#length > 0) {
      this.all.copyWithin(0, rows, this.#length);
      const kept = Math.max(0, this.#length - rows);
      this.all.fill(0, kept, this.#length);
      this.#length = kept;
    }
  }

  /** All rows were taken. */
  clear(): void {
    if (this.#length > RETAINED_CAPACITY) {
      this.#marks = undefined;
    } else {
      this.#marks?.fill(0, 0, this.#length);
    }
    this.#length = 0;
  }
}
