import type { ExtractedRow } from '../rows/extracted-row';
import { FORECAST, HISTORICAL, SAME_TIME, SPREAD, TIMED } from './batch';
import { RETAINED_CAPACITY, INITIAL_CAPACITY } from './column';
import { ForecastMessages, Forecasts } from '../time/forecasts';
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
   * @param row the number that the row will have.
   * @param first the oldest row that is held.
   */
  ofTimed(extracted: ExtractedRow, row: number, first: number): number {
    const { message, time, arrival, historical, isAbout, spread } = extracted;
    if (spread) {
      return TIMED | SPREAD;
    }
    const again = this.#messageTimes.has(message, time) ? SAME_TIME : 0;
    if (historical) {
      return TIMED | HISTORICAL | again;
    }
    let forecast = isAbout;
    for (const before of this.#forecastMessages.add(extracted, again !== 0)) {
      if (before === 0) {
        forecast = true;
      } else if (row - before >= first) {
        this.all[row - before] |= FORECAST;
      }
    }
    forecast ||= this.#forecasts.has(time, arrival);
    return TIMED | (forecast ? FORECAST : 0) | again;
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
