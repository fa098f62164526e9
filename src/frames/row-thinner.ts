import type { CircularFrame } from './circular-frame';
import { chooseAll } from './min-max-downsampling';

/**
 * Lengths of intervals, in milliseconds. Each divides the longer ones, and nearly all that Grafana suggests for a panel:
 * so the interval of a panel has whole intervals of these, and its smallest and largest value are exact.
 */
const INTERVALS_MS = [1, 10, 50, 100, 500, 1_000, 5_000, 60_000, 300_000, 3_600_000];

/** The number of intervals that there are at least: with fewer, a line would not be that of its rows. */
const LEAST_INTERVALS = 10;

/** The parts of a frame in which rows stay as they came, and that thinned rows may take. The rest is then free. */
const WHOLE = 1 / 4;
const THINNED = 1 / 2;

/**
 * Makes room in a full frame: of its older rows, only those with the smallest and the largest values of each interval
 * stay. A line over more rows than a frame can have is then drawn as if it had all of them.
 *
 * Values that are not numbers, such as a name or a state, stay where they change.
 */
export class RowThinner {
  readonly #frame: CircularFrame;
  /** The number of rows ever, at which it is worth to try again. */
  #retryAt = 0;
  /** Rows before this time are thinned, in milliseconds since the epoch. */
  before = -Infinity;
  /** The longest interval of which rows were chosen, in milliseconds. */
  intervalMs = 0;

  constructor(frame: CircularFrame) {
    this.#frame = frame;
  }

  /**
   * Makes room for rows, if there is a way to. Rows that no panel shows are given up first.
   *
   * @param fromMs rows of before are not shown, in milliseconds since the epoch.
   */
  makeRoom(rows: number, fromMs: number): void {
    const frame = this.#frame;
    const overflow = frame.length + rows - frame.capacity;
    if (overflow <= 0 || (overflow < frame.length && frame.time(overflow) < fromMs)) {
      // The rows that are evicted are not shown.
      return;
    }
    frame.expire(fromMs);
    const { capacity, length, evicted } = frame;
    const end = length - Math.ceil(WHOLE * capacity);
    if (length + rows <= capacity || end <= 0 || evicted + length < this.#retryAt) {
      return;
    }
    const most = THINNED * capacity;
    const isNumber = frame.columns.map(({ type }) => type === 'number' || type === 'unknown');
    const intervalMs = this.#intervalFor(end, isNumber.filter(Boolean).length, most);
    const kept = intervalMs === undefined ? undefined : this.#choose(end, intervalMs, isNumber);
    if (intervalMs === undefined || kept === undefined || kept.length > most) {
      this.#retryAt = evicted + length + Math.ceil(capacity / 4);
      return;
    }
    this.before = Math.max(this.before, frame.time(end));
    this.intervalMs = Math.max(this.intervalMs, intervalMs);
    frame.thin(kept, end);
  }

  #choose(end: number, intervalMs: number, isNumber: readonly boolean[]): number[] {
    const frame = this.#frame;
    const { evicted } = frame;
    const kept = chooseAll(frame, 0, end, intervalMs, 'none').map((number) => number - evicted);
    if (isNumber.every(Boolean)) {
      return kept;
    }
    const rows = new Set(kept);
    isNumber.forEach((is, column) => {
      if (!is) {
        addChanges(frame.values(column, 0, end), rows);
      }
    });
    return [...rows].toSorted((a, b) => a - b);
  }

  /** The shortest interval of which the chosen rows have room, even if each column has others. */
  #intervalFor(end: number, columns: number, most: number): number | undefined {
    const spanMs = this.#frame.time(end - 1) - this.#frame.time(0);
    // The smallest, the largest, and a gap
    const rowsEach = Math.max(1, 3 * columns);
    const intervalMs = INTERVALS_MS.find((ms) => (Math.floor(spanMs / ms) + 2) * rowsEach <= most);
    return intervalMs !== undefined && intervalMs * LEAST_INTERVALS <= spanMs ? intervalMs : undefined;
  }
}

/** Adds the rows in which a value differs from the one before it. */
function addChanges(values: readonly unknown[], rows: Set<number>): void {
  let last: unknown;
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    // A message without the value says nothing of it
    if (value !== undefined && !Object.is(value, last)) {
      rows.add(row);
      last = value;
    }
  }
}
