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
 * Where in a payload a column's values come from: keys of objects as text and places in arrays as numbers, from the
 * top; `[]` for a payload that is one value.
 */
export type Path = ReadonlyArray<string | number>;

export interface ColumnSpec {
  readonly path: Path;
  /** The field's name, unique within its series. */
  readonly name: string;
  readonly type: ColumnType;
  /** The name that the query gives the place; columns of one place and several types have a `name` each beside it. */
  readonly title?: string;
  /** A Grafana unit id that the query names. */
  readonly unit?: string;
  /** The unit as the payload names it. */
  readonly payloadUnit?: string;
}

/** What one column of a series received. */
export interface ColumnChunk {
  /** Which column of the series; columns are numbered as they open. */
  readonly index: number;
  /** With the first chunk of a column, and again when `unknown` becomes a type, or a unit becomes known. */
  readonly spec?: ColumnSpec;
  /** The cells of {@link isNumeric} columns. */
  readonly numbers?: Float64Array;
  /** The cells of all other columns; `undefined` is missing. */
  readonly values?: unknown[];
}

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
  /** Milliseconds since the epoch. Arrival never decreases. */
  readonly time: Float64Array;
  /** Some of the times come from the payload: they are in any order, and a row that came twice is the same row. */
  readonly timed?: boolean;
  /** In the order of their numbers. */
  readonly columns: readonly ColumnChunk[];
}
