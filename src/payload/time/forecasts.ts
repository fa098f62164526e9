import type { Path } from '../columns/batch';
import type { ExtractedRow } from '../rows/extracted-row';

/** Milliseconds after the arrival. A row that is about a later time may be a forecast; clocks differ by less. */
export const FORECAST_MS = 60_000;

/**
 * Keys of a time that a value is about, rather than of when it was read: `startsAt` of Tibber, `valid_from` of Octopus,
 * `period_end` of Solcast.
 */
const SUBJECT = /^(?:begin|deliver|end|forecast|from|interval|period|predict|slot|start|to$|until|valid)/i;

/** Whether the key of a time says that the value is about it. A sensor's own time has no such name. */
export function isSubject(path: Path | undefined): boolean {
  const key = path?.at(-1);
  return typeof key === 'string' && SUBJECT.test(key);
}

/** Times of a series that are remembered: a week of hours, two days of quarters of an hour. */
const MAX_TIMES = 500;

/** A clock that counts whole minutes stands still for so long, and so on; a message is seldom later than the last. */
const RESOLUTIONS = [60_000, 30_000, 15_000];
const LATE_MS = 10_000;

/** How long a clock may show a time, in milliseconds. */
export function standstill(time: number): number {
  return RESOLUTIONS.find((ms) => time % ms === 0) ?? LATE_MS;
}

/** Rows ahead of the arrival, and milliseconds, from which on a message is a forecast with all of its hours. */
const [MIN_AHEAD, MIN_REACH] = [3, 3_600_000];

/**
 * Finds forecasts that are a message of several times: it reaches further ahead of the first of them than that is ahead
 * of the arrival. A sender whose clock is ahead sends the times of what it measured, which lie close together, all of
 * them as far ahead. Of a message that reaches an hour ahead, the hours that are over are forecasts, too, unless it has
 * one time twice: then they may be the minutes of a clock, and must not last longer than what is to come.
 */
export class ForecastMessages {
  #message = -1;
  #earliest = 0;
  #latest = 0;
  #isDistinct = true;
  /** The positions of the rows in the message that are ahead, and of the others. */
  readonly #ahead: number[] = [];
  readonly #over: number[] = [];
  #rows = 0;
  /** Rows ahead of the arrival. */
  #count = 0;

  /**
   * @param row of a message, in the order of the message.
   * @param isAgain another row of the message has its time.
   * @returns the rows that turn out to be of a forecast, each as a number of rows before this one; 0 is this one.
   */
  add(
    { message, time, arrival, isAhead }: Pick<ExtractedRow, 'message' | 'time' | 'arrival' | 'isAhead'>,
    isAgain: boolean
  ): readonly number[] {
    if (message !== this.#message) {
      this.#message = message;
      this.#earliest = this.#latest = time;
      this.#rows = 0;
      this.#isDistinct = true;
      this.#count = 0;
      this.#ahead.length = this.#over.length = 0;
    }
    const row = this.#rows++;
    this.#earliest = Math.min(this.#earliest, time);
    this.#latest = Math.max(this.#latest, time);
    this.#isDistinct &&= !isAgain;
    this.#count += isAhead ? 1 : 0;
    (isAhead ? this.#ahead : this.#over).push(row);
    const [from, to] = [this.#earliest - arrival, this.#latest - arrival];
    if (this.#count < 2 || 2 * from > to) {
      return NONE;
    }
    const found = this.#ahead.splice(0);
    if (this.#count >= MIN_AHEAD && to >= MIN_REACH && (this.#isDistinct || -from <= to)) {
      found.push(...this.#over.splice(0));
    }
    return found.map((each) => row - each);
  }
}

const NONE: readonly number[] = [];

/**
 * Finds forecasts that have one row a message. A time ahead that comes again was not read off a clock, for a clock has
 * moved on since.
 */
export class Forecasts {
  /** When each time came for the first time, the oldest first. */
  #arrivals: Map<number, number> | undefined;

  /** Whether an earlier message was about the time, when the time was still to come. */
  has(time: number, arrival: number): boolean {
    const first = this.#arrivals?.get(time);
    if (first !== undefined) {
      return arrival - first >= standstill(time);
    }
    if (time > arrival + FORECAST_MS) {
      const arrivals = (this.#arrivals ??= new Map());
      if (arrivals.size >= MAX_TIMES) {
        arrivals.delete(arrivals.keys().next().value);
      }
      arrivals.set(time, arrival);
    }
    return false;
  }
}
