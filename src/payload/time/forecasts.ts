import type { Path } from '../columns/batch';

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

/**
 * Finds forecasts that are a message of several times: it reaches further ahead of the first of them than that is ahead
 * of the arrival. A sender whose clock is ahead sends the times of what it measured, which lie close together, all of
 * them as far ahead. The hours of a forecast that are over are forecasts, too, unless it has one time twice: then they
 * may be the minutes of a clock, and must not last longer than what is to come.
 */
export class ForecastMessages {
  #message = -1;
  #earliest = 0;
  #latest = 0;
  #rows = 0;
  #isDistinct = true;
  #isForecast = false;

  /**
   * @param row of a message, in the order of the message.
   * @param isAgain another row of the message has its time.
   * @returns the number of rows of the message that turn out to be of a forecast, up to this one, unless that was known
   *   before; 0 for rows that do not, or cannot be told.
   */
  add({ message, time, arrival }: Readonly<Record<'message' | 'time' | 'arrival', number>>, isAgain: boolean): number {
    if (message !== this.#message) {
      this.#message = message;
      this.#earliest = this.#latest = time;
      this.#rows = 1;
      this.#isDistinct = true;
      this.#isForecast = false;
      return 0;
    }
    this.#rows++;
    this.#earliest = Math.min(this.#earliest, time);
    this.#latest = Math.max(this.#latest, time);
    this.#isDistinct &&= !isAgain;
    if (this.#isForecast) {
      return 1;
    }
    const [from, to] = [this.#earliest - arrival, this.#latest - arrival];
    this.#isForecast = to > FORECAST_MS && 2 * from <= to && (this.#isDistinct || -from <= to);
    return this.#isForecast ? this.#rows : 0;
  }
}

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
