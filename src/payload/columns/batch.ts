import type { WordPair } from '../word-pairs';

/**
 * The type of a column for the life of its series. `time`: milliseconds since the epoch, where the query asks for it.
 * `unknown`: only nulls so far. `json`: arrays, and objects below the depth that is flattened.
 */
export type ColumnType = 'number' | 'time' | 'string' | 'boolean' | 'json' | 'unknown';

/** Columns whose cells are floats, as `cells.ts` encodes them. */
export function isNumeric(type: ColumnType): boolean {
  return type === 'number' || type === 'time' || type === 'unknown';
}

/**
 * The path of a column's values in a payload: keys of objects as text and positions in arrays as numbers, from the
 * top; `[]` for a payload that is one value.
 */
export type Path = ReadonlyArray<string | number>;

export interface ColumnSpec {
  readonly path: Path;
  /** The field's name, unique within its series. */
  readonly name: string;
  readonly type: ColumnType;
  /** The name that the query gives the path. If a path has columns of several types, each has its own `name` too. */
  readonly title?: string;
  /** The query names it, and its first value was the whole payload, or the whole item of a list. */
  readonly whole?: boolean;
  /** Of a boolean, or of 1 and 0, that comes as one of two words: what is sent for true and for false. */
  readonly words?: WordPair;
  /** A Grafana unit id that the query names. */
  readonly unit?: string;
  /** The unit as the payload names it. */
  readonly payloadUnit?: string;
  /** It has the numbers of its path that come in this unit; those in the path's first column have another unit. */
  readonly otherUnit?: boolean;
}

/** The values that one column of a series received. */
export interface ColumnChunk {
  /** The number of the column in the series; columns are numbered as they open. */
  readonly index: number;
  /** With the first chunk of a column, and again when `unknown` becomes a type, or a unit becomes known. */
  readonly spec?: ColumnSpec;
  /** The index in the chunk's floats at which the cells of an {@link isNumeric} column begin. */
  readonly numbersAt?: number;
  /** The cells of all other columns; `undefined` is missing. With {@link ends}, there is one for each run. */
  readonly values?: unknown[];
  /**
   * The row after the last of each run of cells that are the same. The text that comes with readings is mostly a name
   * or a state: creating it again for each row is what the page would spend most of its time on.
   */
  readonly ends?: number[];
}

/** The time of the row comes from the payload: a row that came twice is the same row. */
export const TIMED = 1;

/** The row is of the past and was sent now: it is never the newest. */
export const HISTORICAL = 2;

/** An earlier row of the same message and series has the same time: the two are never one row that came twice. */
export const SAME_TIME = 4;

/** The row is about a time after its arrival: a later message with this time replaces it. */
export const FORECAST = 8;

/** The row comes from a retained message, and the query marks such rows. */
export const RETAINED = 16;

/** The row has a place before its arrival, at an interval from the last row of its message: it is never one that came twice. */
export const SPREAD = 32;

/** Rows of one series, column by column, in the order of arrival. A column that is not in it is missing in all rows. */
export interface SeriesChunk {
  readonly series: number;
  /** With the first chunk of a series. */
  readonly topic?: string;
  /** With the first chunk of a series: what in its messages tells it apart from others of its topic. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly rows: number;
  /** Rows that were given up before these, because nobody took them in time. */
  readonly dropped: number;
  /**
   * All numbers of the batch that this chunk is of, one column after the other: memory moves between threads by the
   * array, and one for each column of each series is what a batch of many series would spend most of its time on.
   */
  readonly floats: Float64Array;
  /** The index in them at which the times of the rows begin: milliseconds since the epoch. Arrival never decreases. */
  readonly timesAt: number;
  /** All of the times come from the payload: they are in any order, and a row that came twice is the same row. */
  readonly timed?: boolean;
  /**
   * The index in them at which the flags of the rows begin, one a row: {@link TIMED}, {@link HISTORICAL},
   * {@link SAME_TIME}, {@link FORECAST}, {@link RETAINED} and {@link SPREAD}, or 0. Undefined if all rows are as {@link timed} says,
   * and have no other flag.
   */
  readonly flagsAt?: number;
  /** In the order of their numbers. */
  readonly columns: readonly ColumnChunk[];
}

/** The times of a chunk's rows, over the memory of its batch. */
export function timesOf({ floats, timesAt, rows }: SeriesChunk): Float64Array {
  return floats.subarray(timesAt, timesAt + rows);
}

/** The flags that all rows of a chunk have; `undefined` if each has its own. */
export function flagsOf({ timed = false, flagsAt: marksAt }: SeriesChunk): number | undefined {
  return marksAt === undefined ? (timed ? TIMED : 0) : undefined;
}

/** Whether a row has another time than that of its arrival. */
export function hasOwnTimes({ timed, floats, flagsAt, rows }: SeriesChunk): boolean {
  return (
    timed === true ||
    (flagsAt !== undefined && floats.subarray(flagsAt, flagsAt + rows).some((flags) => (flags & ~RETAINED) !== 0))
  );
}

/** The cells of a column, over the memory of the batch; `undefined` if they are not numbers. */
export function numbersOf({ floats, rows }: SeriesChunk, { numbersAt }: ColumnChunk): Float64Array | undefined {
  return numbersAt === undefined ? undefined : floats.subarray(numbersAt, numbersAt + rows);
}

/** The cell of a column that has {@link ColumnChunk.values}. */
export function valueAt({ values, ends }: ColumnChunk, row: number): unknown {
  if (ends === undefined) {
    return values?.[row];
  }
  let [low, high] = [0, ends.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ends[middle] > row) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return values?.[low];
}

/** So few cells are not looked at for runs. */
const FEW_CELLS = 16;

/** Of cells in runs of fewer than this, each is sent as it is. */
const SHORT_RUN = 4;

/** The values of runs of the same cell, and where they end; `undefined` if the runs are short. */
export function runsOf(cells: readonly unknown[]): Required<Pick<ColumnChunk, 'values' | 'ends'>> | undefined {
  if (cells.length < FEW_CELLS) {
    return undefined;
  }
  const most = cells.length / SHORT_RUN;
  const values: unknown[] = [];
  const ends: number[] = [];
  let value = cells[0];
  for (let row = 1; row < cells.length; row++) {
    const next = cells[row];
    if (next !== value) {
      values.push(value);
      ends.push(row);
      if (ends.length > most) {
        return undefined;
      }
      value = next;
    }
  }
  values.push(value);
  ends.push(cells.length);
  return { values, ends };
}

/** So many numbers are copied one by one in less time than a view of them takes to be made. */
const FEW = 32;

/** Numbers as they are put together for a batch. */
export class NumberBuffer {
  readonly floats: Float64Array;
  #length = 0;

  /** @param size the largest number of them. */
  constructor(size: number) {
    this.floats = new Float64Array(size);
  }

  /** Adds the numbers `from` to `to` (not in it). @returns where they begin. @throws {RangeError} where there is no room. */
  add(source: Float64Array, from: number, to: number): number {
    const at = this.#length;
    this.#length += to - from;
    let done = from;
    if (to - from <= FEW) {
      for (; done < to && source[done] === source[done]; done++) {
        this.floats[at + done - from] = source[done];
      }
    }
    // A NaN has bits that tell what it means, which it may lose on its way through a variable.
    if (done < to) {
      this.floats.set(source.subarray(done, to), at + done - from);
    }
    return at;
  }
}
