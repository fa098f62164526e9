import type { ExtractedRow } from '../rows/extractor';
import { FORECAST, HISTORICAL, SAME_TIME, TIMED } from './batch';
import { RETAINED_CAPACITY, INITIAL_CAPACITY } from './column';
import { FORECAST_MS, ForecastMessages, Forecasts } from '../time/forecasts';
import { MessageTimes } from './message-times';

/**
 * The properties of a series' rows while they are collected, as the flags of `batch.ts`. A series whose rows have the
 * time of their arrival, as most have, needs no memory for it and is not slowed down.
 */
export class RowFlags {
  #flags: Float64Array | undefined;
  /** Rows up to the last that has a flag. */
  #length = 0;
  readonly #messageTimes = new MessageTimes();
  readonly #forecasts = new Forecasts();
  readonly #forecastMessages = new ForecastMessages();

  /** One a row; rows behind the last that has one may be beyond the end. */
  get all(): Float64Array {
    return (this.#flags ??= new Float64Array(INITIAL_CAPACITY));
  }

  /** Flags a row after the last one that has a flag. */
  set(row: number, flag: number): void {
    let flags = this.all;
    if (row >= flags.length) {
      flags = new Float64Array(Math.max(row + 1, 2 * flags.length));
      flags.set(this.all);
      this.#flags = flags;
    }
    flags[row] = flag;
    this.#length = row + 1;
  }

  /**
   * The flags of a row with a time of its own. Gives rows before it, of the same message, theirs if only this one shows
   * that the message is a forecast.
   *
   * @param times of the rows before it.
   * @param first the row that has the first of them.
   */
  ofTimed(row: ExtractedRow, times: () => Float64Array, first: number): number {
    const { message, time, arrival, historical, isAhead, isAbout } = row;
    const about = historical ? 0 : this.#forecastMessages.add(row);
    if (about > 1) {
      const before = times();
      for (let i = Math.max(0, before.length - about + 1); i < before.length; i++) {
        if (before[i] > arrival + FORECAST_MS) {
          this.all[first + i] |= FORECAST;
        }
      }
    }
    const forecast = isAbout || (about > 0 && isAhead) || (!historical && this.#forecasts.has(time, arrival));
    const again = this.#messageTimes.has(message, time);
    return TIMED | (historical ? HISTORICAL : 0) | (forecast ? FORECAST : 0) | (again ? SAME_TIME : 0);
  }

  /** The flags that all of these rows have, 0 for none; `undefined` if they differ. */
  common(from: number, to: number): number | undefined {
    if (this.#length <= from) {
      return 0;
    }
    const flags = this.all;
    for (let row = from + 1; row < to; row++) {
      if ((row < this.#length ? flags[row] : 0) !== flags[from]) {
        return undefined;
      }
    }
    return flags[from];
  }

  /** Gives up the first rows. */
  discard(rows: number): void {
    if (this.#length > 0) {
      this.all.copyWithin(0, rows, this.#length);
      const kept = Math.max(0, this.#length - rows);
      this.all.fill(0, kept, this.#length);
      this.#length = kept;
    }
  }

  /** All rows were taken. */
  clear(): void {
    if (this.#length > RETAINED_CAPACITY) {
      this.#flags = undefined;
    } else {
      this.#flags?.fill(0, 0, this.#length);
    }
    this.#length = 0;
  }
}

/** Whether a chunk must have the marks of its rows: they differ, or all have one that is rare. */
export function needsFlags(common: number | undefined): boolean {
  return common !== 0 && common !== TIMED;
}
