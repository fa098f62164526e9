/**
 * The type of a column for the life of its series. `unknown`: only nulls so far. `json`: arrays, and objects below
 * the depth that is flattened.
 */
export type ColumnType = 'number' | 'string' | 'boolean' | 'json' | 'unknown';

/** Where in a payload a column's values come from: the keys from the top; `[]` for a payload that is one value. */
export type Path = readonly string[];

export interface ColumnSpec {
  readonly path: Path;
  /** The field's name, unique within its series. */
  readonly name: string;
  readonly type: ColumnType;
}

/** What one column of a series received. */
export interface ColumnChunk {
  /** Which column of the series; columns are numbered as they open. */
  readonly index: number;
  /** With the first chunk of a column, and again when `unknown` becomes a type. */
  readonly spec?: ColumnSpec;
  /** The cells of `number` and `unknown` columns, as `cells.ts` encodes them. */
  readonly numbers?: Float64Array;
  /** The cells of all other columns; `undefined` is missing. */
  readonly values?: unknown[];
}

/** Rows of one series, column by column, in the order of arrival. A column that is not in it is missing in all rows. */
export interface SeriesChunk {
  readonly series: number;
  /** With the first chunk of a series. */
  readonly topic?: string;
  readonly rows: number;
  /** Rows that were given up before these, because nobody took them in time. */
  readonly dropped: number;
  /** Arrival in milliseconds since the epoch, never decreasing. */
  readonly time: Float64Array;
  /** In the order of their numbers. */
  readonly columns: readonly ColumnChunk[];
}
