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
      return arrival - first >= (RESOLUTIONS.find((ms) => time % ms === 0) ?? LATE_MS);
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
