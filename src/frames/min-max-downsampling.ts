import { getOrSet } from '../utils/get-or-set';
import type { CircularFrame } from './circular-frame';

/**
 * The number of interval lengths that are remembered per frame: those of its panels, and of one that was just zoomed.
 */
const MAX_REMEMBERED = 4;

/** The number of evicted rows that are remembered before the memory is compacted. */
const COMPACT = 4_096;

const remembered = new WeakMap<CircularFrame, Map<number, MinMaxDownsampling>>();

/** The min-max downsampling of a frame for one interval length, in milliseconds. It is shared by all responses. */
export function minMaxDownsamplingOf(frame: CircularFrame, intervalMs: number): MinMaxDownsampling {
  const byInterval = getOrSet(remembered, frame, () => new Map<number, MinMaxDownsampling>());
  let downsampling = byInterval.get(intervalMs);
  if (downsampling === undefined) {
    downsampling = new MinMaxDownsampling(frame, intervalMs);
  } else {
    byInterval.delete(intervalMs);
  }
  byInterval.set(intervalMs, downsampling);
  if (byInterval.size > MAX_REMEMBERED) {
    byInterval.delete(byInterval.keys().next().value!);
  }
  return downsampling;
}

/**
 * Min-max downsampling: chooses the rows of a frame that have the smallest or largest value of any number column in
 * their interval. The choice for a past interval is stored, so that each response reads only the rows since the
 * response before, and not the whole time range. Rows are numbered from the first row that the frame ever had.
 */
export class MinMaxDownsampling {
  readonly #frame: CircularFrame;
  readonly #intervalMs: number;
  /** For each past interval: the row after its last one, and the number of rows that were chosen up to there. */
  #ends: number[] = [];
  #chosenUpTo: number[] = [];
  #chosen: number[] = [];
  /** The first row of the current interval, the number of this interval, and the first row that was not read. */
  #open = 0;
  #interval = NaN;
  #next = 0;
  #revision = -1;

  constructor(frame: CircularFrame, intervalMs: number) {
    this.#frame = frame;
    this.#intervalMs = intervalMs;
  }

  /** The number of chosen rows that are stored. */
  get size(): number {
    return this.#chosen.length;
  }

  /**
   * The chosen rows between `from` and `to`.
   *
   * @param from a row, counted from the oldest that the frame stores.
   * @param to the row after the last, counted in the same way.
   * @returns rows, counted from the first that the frame ever had.
   */
  numbers(from: number, to: number): number[] {
    const frame = this.#frame;
    if (to < frame.length) {
      return chooseAll(frame, from, to, this.#intervalMs);
    }
    this.#advance();
    const { evicted } = frame;
    const first = evicted + from;
    // The interval that contains the start of the range is read again, because its earlier rows are out of range.
    const cut = firstAbove(this.#ends, first);
    const head: number[] = [];
    let at = this.#chosen.length;
    if (cut < this.#ends.length) {
      choose(frame, first, this.#ends[cut], head);
      at = this.#chosenUpTo[cut];
    }
    const tail: number[] = [];
    choose(frame, Math.max(first, this.#open), evicted + to, tail, 'all');
    return head.concat(this.#chosen.slice(at), tail);
  }

  /** Reads the rows that are new. */
  #advance(): void {
    const frame = this.#frame;
    const { evicted, length, revision } = frame;
    // Rows were evicted unread, or a column has become one of numbers: start again.
    if (this.#next < evicted || this.#revision !== revision) {
      this.#ends = [];
      this.#chosenUpTo = [];
      this.#chosen = [];
      this.#open = this.#next = evicted;
      this.#interval = NaN;
      this.#revision = revision;
    }
    for (let row = this.#next - evicted; row < length; row++) {
      // If the last row is in the current interval, so are all others.
      if (this.#intervalOf(length - 1) === this.#interval) {
        break;
      }
      const interval = this.#intervalOf(row);
      if (interval !== this.#interval) {
        this.#close(row + evicted);
        this.#interval = interval;
      }
    }
    this.#next = evicted + length;
    this.#forget(evicted);
  }

  #intervalOf(row: number): number {
    return Math.floor(this.#frame.time(row) / this.#intervalMs);
  }

  #close(end: number): void {
    const { evicted } = this.#frame;
    const begin = Math.max(this.#open, evicted);
    if (end > begin) {
      choose(this.#frame, begin, end, this.#chosen);
      this.#ends.push(end);
      this.#chosenUpTo.push(this.#chosen.length);
    }
    this.#open = end;
  }

  /** Removes the intervals whose rows have all been evicted, many at a time. */
  #forget(evicted: number): void {
    const gone = firstAbove(this.#ends, evicted);
    const chosenGone = gone === 0 ? 0 : this.#chosenUpTo[gone - 1];
    if (chosenGone > COMPACT) {
      this.#ends = this.#ends.slice(gone);
      this.#chosenUpTo = this.#chosenUpTo.slice(gone).map((count) => count - chosenGone);
      this.#chosen = this.#chosen.slice(chosenGone);
    }
  }
}

/**
 * The same for any rows, without stored choices.
 *
 * @param from, to as for {@link MinMaxDownsampling.numbers}, as is the result.
 * @param ends see {@link choose}; of the last interval all, unless it is `none`.
 */
export function chooseAll(
  frame: CircularFrame,
  from: number,
  to: number,
  intervalMs: number,
  ends: 'none' | 'others' = 'others'
): number[] {
  const numbers: number[] = [];
  const { evicted } = frame;
  let begin = from;
  let interval = NaN;
  for (let row = from; row < to; row++) {
    const own = Math.floor(frame.time(row) / intervalMs);
    if (own !== interval && row > begin) {
      choose(frame, evicted + begin, evicted + row, numbers, ends);
      begin = row;
    }
    interval = own;
  }
  choose(frame, evicted + begin, evicted + to, numbers, ends === 'none' ? ends : 'all');
  return numbers;
}

/** The columns whose last value in an interval is chosen. */
type Ends = 'none' | 'others' | 'all';

/**
 * Chooses from the rows of one interval: for each number column the rows with the smallest and the largest value, and a
 * row with null or NaN if there is one, because a gap must stay a gap. For each other column, the last row with a value:
 * a state that few messages have would be hidden by an older one. It is left out where the rows that were chosen already
 * end with the same value, as most texts do that come with measurements. Without any, it chooses the last row. It chooses
 * whole rows, so that values that arrived together are shown together. Rows are counted from the first that the frame
 * ever had.
 *
 * @param ends those that are not of numbers; of the newest interval all, because a panel shows the last value of a series
 * as the one of now.
 */
function choose(frame: CircularFrame, from: number, to: number, into: number[], ends: Ends = 'others'): void {
  if (to <= from) {
    return;
  }
  const { columns, evicted } = frame;
  const before = into.length;
  for (let column = 0; column < columns.length; column++) {
    if (columns[column].type === 'number') {
      const { least, most, gap } = frame.minMaxRows(column, from - evicted, to - evicted);
      for (const row of [least, most, gap]) {
        if (row >= 0) {
          insert(into, before, row + evicted);
        }
      }
    }
  }
  // A row that is chosen for one column can end another one with an older value
  for (let isMore = ends !== 'none'; isMore;) {
    isMore = false;
    for (let column = 0; column < columns.length; column++) {
      if (ends === 'all' || columns[column].type !== 'number') {
        const row = lastRow(frame, column, from - evicted, to - evicted);
        if (row >= 0 && !endsWith(frame, column, into, before, frame.cell(column, row))) {
          insert(into, before, row + evicted);
          isMore = true;
        }
      }
    }
  }
  if (into.length === before) {
    into.push(to - 1);
  }
}

/** Whether the last value of a column in the chosen rows is this one. @param begin the first of them. */
function endsWith(frame: CircularFrame, column: number, chosen: number[], begin: number, value: unknown): boolean {
  for (let at = chosen.length - 1; at >= begin; at--) {
    const cell = frame.cell(column, chosen[at] - frame.evicted);
    if (cell !== undefined) {
      return Object.is(cell, value);
    }
  }
  return false;
}

/** @returns the last of the rows with a value; -1 if there is none. */
function lastRow(frame: CircularFrame, column: number, from: number, to: number): number {
  let row = to - 1;
  while (row >= from && frame.cell(column, row) === undefined) {
    row--;
  }
  return row < from ? -1 : row;
}

/** Inserts a row in ascending order after the first `begin` rows, unless it is there. */
function insert(into: number[], begin: number, number: number): void {
  let at = into.length;
  while (at > begin && into[at - 1] > number) {
    at--;
  }
  if (at > begin && into[at - 1] === number) {
    return;
  }
  into.push(number);
  for (let i = into.length - 1; i > at; i--) {
    into[i] = into[i - 1];
  }
  into[at] = number;
}

/** The first place of ascending numbers that holds one above `bound`. */
function firstAbove(ascending: readonly number[], bound: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle] > bound) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}
