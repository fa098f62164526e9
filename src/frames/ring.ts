/** The rows of a ring: `begin` is the place of the oldest row, and the rows wrap around at `capacity`. */
export interface Span {
  readonly begin: number;
  readonly length: number;
  readonly capacity: number;
}

/** The cells of one column in a ring of rows; where rows begin and end is the frame's to know. */
export interface Ring {
  /** Puts cells from `source` at a place that has room for them before the ring wraps around. */
  put(source: Float64Array | readonly unknown[], from: number, to: number, at: number): void;
  /** Makes cells missing. */
  clear(at: number, count: number): void;
  /** The cells as a plain array of their own, oldest first. */
  read(span: Span, from: number, to: number): unknown[];
  /** The cells at single places, each `offset` after the one named, as a plain array of their own. */
  pick(capacity: number, offset: number, rows: readonly number[]): unknown[];
  cell(at: number): unknown;
  /**
   * Moves the rows `from` to `to` so many places on, to places whose rows are not needed any longer. The
   * places that they leave may be overwritten.
   */
  shift(span: Span, from: number, to: number, by: number): void;
  /** The rows `from` to `to` at the front of a ring of another size, which has room for them. */
  move(span: Span, from: number, to: number, capacity: number): Ring;
  /** Memory in bytes, as well as it can be known. */
  readonly bytes: number;
}

/** The place of a row, counted from one that is `offset` places from the beginning. */
export function placeOf(capacity: number, offset: number, row: number): number {
  const at = offset + row;
  return at < capacity ? at : at - capacity;
}

/** Calls back with the one or two runs of places that the rows `from` to `to` (counted from the oldest) lie in. */
export function eachRun(span: Span, from: number, to: number, run: (begin: number, end: number) => void): void {
  if (to <= from) {
    return;
  }
  const begin = (span.begin + from) % span.capacity;
  const end = begin + (to - from);
  if (end <= span.capacity) {
    run(begin, end);
  } else {
    run(begin, span.capacity);
    run(0, end - span.capacity);
  }
}
