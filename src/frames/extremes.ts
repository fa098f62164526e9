import type { CircularFrame } from './circular-frame';

/** Interval lengths that one frame remembers: those of the panels that show it, and of one that was just zoomed. */
const MAX_REMEMBERED = 4;

/** Rows that have left the frame and are still noted, before the notes are moved to the front. */
const COMPACT = 4_096;

const remembered = new WeakMap<CircularFrame, Map<number, Extremes>>();

/** What is known of a frame's intervals of this length, in milliseconds; from one packet to the next. */
export function extremesOf(frame: CircularFrame, intervalMs: number): Extremes {
  let byInterval = remembered.get(frame);
  if (byInterval === undefined) {
    byInterval = new Map();
    remembered.set(frame, byInterval);
  }
  let extremes = byInterval.get(intervalMs);
  if (extremes === undefined) {
    extremes = new Extremes(frame, intervalMs);
  } else {
    byInterval.delete(intervalMs);
  }
  byInterval.set(intervalMs, extremes);
  if (byInterval.size > MAX_REMEMBERED) {
    byInterval.delete(byInterval.keys().next().value!);
  }
  return extremes;
}

/**
 * The rows of a frame that hold the smallest or largest value of any number column in their interval. An interval
 * that is over stays as it is, so that each packet looks at the rows that have come since the one before, and not
 * at the whole window again. Rows are numbered from the first that the frame ever had.
 */
export class Extremes {
  readonly #frame: CircularFrame;
  readonly #intervalMs: number;
  /** Of the intervals that are over: the row after the last of each, and how many rows were chosen up to there. */
  #ends: number[] = [];
  #chosenUpTo: number[] = [];
  #chosen: number[] = [];
  /** Where the interval begins that is not over, its number, and the first row that was not looked at. */
  #open = 0;
  #interval = NaN;
  #next = 0;
  #revision = -1;

  constructor(frame: CircularFrame, intervalMs: number) {
    this.#frame = frame;
    this.#intervalMs = intervalMs;
  }

  /** Chosen rows that are remembered. */
  get size(): number {
    return this.#chosen.length;
  }

  /**
   * The chosen ones of the rows `from` to `to` (not in it), which are counted from the oldest that the frame has; what
   * is returned is counted from the first that it ever had.
   */
  numbers(from: number, to: number): number[] {
    const frame = this.#frame;
    if (to < frame.length) {
      return chooseAll(frame, from, to, this.#intervalMs);
    }
    this.#advance();
    const { evicted } = frame;
    const first = evicted + from;
    // The interval that the window cuts through is looked at again: what lies before the window is not in it.
    const cut = firstAbove(this.#ends, first);
    const head: number[] = [];
    let at = this.#chosen.length;
    if (cut < this.#ends.length) {
      choose(frame, first, this.#ends[cut], head);
      at = this.#chosenUpTo[cut];
    }
    const tail: number[] = [];
    choose(frame, Math.max(first, this.#open), evicted + to, tail);
    return head.concat(this.#chosen.slice(at), tail);
  }

  /** Looks at the rows that are new. */
  #advance(): void {
    const frame = this.#frame;
    const { evicted, length, revision } = frame;
    // Rows that went unseen, or a column that now is one of numbers: all over again.
    if (this.#next < evicted || this.#revision !== revision) {
      this.#ends = [];
      this.#chosenUpTo = [];
      this.#chosen = [];
      this.#open = this.#next = evicted;
      this.#interval = NaN;
      this.#revision = revision;
    }
    for (let row = this.#next - evicted; row < length; row++) {
      // Of many rows in one interval, the last tells that there is nothing to close.
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

  /** Lets go of the intervals whose rows have all left the frame, many at a time. */
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

/** The same of any rows, without remembering. */
function chooseAll(frame: CircularFrame, from: number, to: number, intervalMs: number): number[] {
  const numbers: number[] = [];
  const { evicted } = frame;
  let begin = from;
  let interval = NaN;
  for (let row = from; row < to; row++) {
    const own = Math.floor(frame.time(row) / intervalMs);
    if (own !== interval && row > begin) {
      choose(frame, evicted + begin, evicted + row, numbers);
      begin = row;
    }
    interval = own;
  }
  choose(frame, evicted + begin, evicted + to, numbers);
  return numbers;
}

/**
 * Of the rows of one interval: those that hold the smallest and the largest value of a number column, and one with
 * null or NaN where there is one, because a gap must stay a gap; the last where there are no numbers. Whole rows, so that
 * what is shown beside a value is what came with it. Counted from the first row that the frame ever had.
 */
function choose(frame: CircularFrame, from: number, to: number, into: number[]): void {
  if (to <= from) {
    return;
  }
  const { columns, evicted } = frame;
  const before = into.length;
  for (let column = 0; column < columns.length; column++) {
    if (columns[column].type !== 'number') {
      continue;
    }
    const { least, most, gap } = frame.extremes(column, from - evicted, to - evicted);
    for (const row of [least, most, gap]) {
      if (row >= 0) {
        insert(into, before, row + evicted);
      }
    }
  }
  if (into.length === before) {
    into.push(to - 1);
  }
}

/** Puts a row in its place behind the first `begin` ones, once. */
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
