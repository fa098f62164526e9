import { FORECAST, SAME_TIME, type SeriesChunk, SPREAD, TIMED } from '../payload';
import { cellsOf, type MergeFrame, rowFlagsOf } from './chunk-cells';

/** Rows of one time that a new row is compared with; a message comes twice soon after one another. */
const MAX_COMPARED = 32;

/** A row of a chunk whose cells go into a row that the frame has, or into one that the same chunk brings. */
export interface RowUpdate {
  readonly row: number;
  /** A row of the frame, counted from its oldest before the chunk is inserted. */
  readonly stored?: number;
  /** The position of a row in `Placement.rows`. */
  readonly placed?: number;
}

/** The parts of a `Placement` that this fills. */
interface Result {
  readonly rows: number[];
  readonly behind: number[];
  readonly updates: RowUpdate[];
}

/** Rows of a chunk with one time, and those that the frame has of it. */
interface SameTime {
  readonly rows: readonly number[];
  readonly behind: number;
  readonly stored: readonly number[];
  readonly forecasts: Forecast[];
  readonly isForecast: boolean;
}

/** A row with a forecast, and its cells as text. */
interface Forecast extends Omit<RowUpdate, 'row'> {
  key: string | undefined;
}

/**
 * Decides what becomes of rows of a chunk that have one time. A row with a time of its own is a duplicate if the frame
 * has it already; but a message cannot repeat itself, so of two rows of one message that are the same, both are taken.
 * A row with the time of a forecast replaces it.
 */
export class SameTimeRows {
  readonly #frame: MergeFrame;
  readonly #result: Result;
  readonly #flagsAt: (row: number) => number;
  readonly #cells: (column: number, row: number) => unknown;
  duplicates = 0;

  constructor(frame: MergeFrame, chunk: SeriesChunk, result: Result) {
    this.#frame = frame;
    this.#result = result;
    this.#flagsAt = rowFlagsOf(chunk);
    this.#cells = cellsOf(chunk);
  }

  /**
   * @param rows of the chunk with one time, in the order in which they came.
   * @param behind how many rows of the frame have that time or an earlier one.
   */
  place(rows: readonly number[], time: number, behind: number): void {
    const stored = this.#storedAt(time, behind, rows.length);
    // A forecast replaces the one before it, which need not have been known for one.
    const isForecast = rows.some((row) => (this.#flagsAt(row) & FORECAST) !== 0);
    const forecasts = stored
      .filter((row) => isForecast || (this.#frame.mark(row) & FORECAST) !== 0)
      .map((row): Forecast => ({ stored: row, key: undefined }));
    if (rows.length === 1) {
      const [row] = rows;
      if (this.#isTimed(row) && stored.some((other) => this.#equals(other, row))) {
        this.duplicates++;
      } else {
        this.#take(row, behind, this.#isTimed(row) ? forecasts[0] : undefined);
      }
    } else {
      this.#placeAll({ rows, behind, stored, forecasts, isForecast });
    }
  }

  #placeAll({ rows, behind, stored, forecasts, isForecast }: SameTime): void {
    const { frame, cells } = { frame: this.#frame, cells: this.#cells };
    const counts = new Map<string, number>();
    const add = (key: string, change: number): void => void counts.set(key, (counts.get(key) ?? 0) + change);
    for (const row of stored) {
      add(
        this.#key((column) => frame.cell(column, row)),
        1
      );
    }
    // Of the message that a row is of: how often its cells have come, and how many forecasts it can replace.
    let repeats = new Map<string, number>();
    let [position, known] = [0, forecasts.length];
    for (const row of rows) {
      if (!this.#isTimed(row)) {
        this.#take(row, behind);
        continue;
      }
      if ((this.#flagsAt(row) & SAME_TIME) === 0) {
        repeats = new Map();
        [position, known] = [0, forecasts.length];
      }
      const key = this.#key((column) => cells(column, row));
      const repeated = repeats.get(key) ?? 0;
      repeats.set(key, repeated + 1);
      const forecast = position < known ? forecasts[position] : undefined;
      position++;
      if ((counts.get(key) ?? 0) > repeated) {
        this.duplicates++;
        continue;
      }
      add(key, 1);
      if (forecast !== undefined) {
        add(forecast.key ?? this.#key((column) => frame.cell(column, forecast.stored!)), -1);
        forecast.key = key;
      } else if (isForecast) {
        forecasts.push({ placed: this.#result.rows.length, key });
      }
      this.#take(row, behind, forecast);
    }
  }

  #take(row: number, behind: number, forecast?: Forecast): void {
    const { rows, behind: all, updates } = this.#result;
    if (forecast === undefined) {
      rows.push(row);
      all.push(behind);
    } else {
      const { stored, placed } = forecast;
      updates.push({ row, ...(stored === undefined ? { placed } : { stored }) });
    }
  }

  /** The newest rows of the frame that have the time, and got it from their payload; the oldest first. */
  #storedAt(time: number, behind: number, rows: number): number[] {
    const stored: number[] = [];
    const end = Math.max(0, behind - MAX_COMPARED - (rows > 1 ? rows : 0));
    for (let row = behind - 1; row >= end && this.#frame.time(row) === time; row--) {
      if (hasOwnTime(this.#frame.mark(row))) {
        stored.push(row);
      }
    }
    return stored.toReversed();
  }

  #isTimed(row: number): boolean {
    return hasOwnTime(this.#flagsAt(row));
  }

  #equals(stored: number, row: number): boolean {
    return this.#frame.columns.every((_, column) => same(this.#frame.cell(column, stored), this.#cells(column, row)));
  }

  #key(cell: (column: number) => unknown): string {
    return JSON.stringify(this.#frame.columns.map((_, column) => keyOf(cell(column))));
  }
}

/** Whether the time was in the payload. */
function hasOwnTime(flags: number): boolean {
  return (flags & (TIMED | SPREAD)) === TIMED;
}

/** The same for the same cells, and different for others: JSON alone has neither NaN nor undefined nor -0. */
function keyOf(cell: unknown): unknown {
  const isNumber = typeof cell === 'number';
  return isNumber || cell === undefined ? (Object.is(cell, -0) ? '-0' : `${cell}`) : [cell];
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
