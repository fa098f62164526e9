import { standstill } from '../payload';

/** How much a clock can seem to gain on the arrival from one message to the next, in milliseconds. */
const GAIN_MS = 5 * 60_000;

/**
 * Compares the times of a series, as its sender gives them, with the times of arrival. Times ahead of the arrival are
 * those of a wrong clock, or of a forecast.
 */
export class SenderClock {
  #message = -1;
  #earliest = 0;
  #latest = 0;
  #arrival = 0;
  /** The latest time of the messages before, and their arrival. */
  #before = -Infinity;
  #arrivalBefore = -Infinity;
  /** When the latest time of the messages before came for the first time. */
  #since = -Infinity;

  /**
   * @param time of a row, as the sender gives it; milliseconds since the epoch, like the arrival.
   * @param message the number of the row's message.
   */
  add(time: number, arrival: number, message: number): void {
    if (message === this.#message) {
      this.#earliest = Math.min(this.#earliest, time);
      this.#latest = Math.max(this.#latest, time);
      return;
    }
    if (this.#message >= 0) {
      if (this.#latest !== this.#before) {
        this.#since = this.#arrival;
      }
      this.#before = this.#latest;
      this.#arrivalBefore = this.#arrival;
    }
    this.#message = message;
    this.#arrival = arrival;
    this.#earliest = this.#latest = time;
  }

  /**
   * How far the latest time of the last message is from the arrival, in milliseconds; negative: before it.
   *
   * @param tolerance milliseconds ahead that are neither a wrong clock nor a forecast.
   * @returns 0 for times of arrival, and for a forecast.
   */
  offset(tolerance: number): number {
    const offset = this.#message < 0 ? 0 : this.#latest - this.#arrival;
    return offset > tolerance && this.#isForecast(tolerance) ? 0 : offset;
  }

  /**
   * A forecast begins near the arrival, or spans more time than lies before it; or it is sent again, or runs ahead,
   * while the clock of a sender runs on, if it shows more than minutes.
   */
  #isForecast(tolerance: number): boolean {
    const lead = this.#earliest - this.#arrival;
    const span = this.#latest - this.#earliest;
    return (
      (span > 0 && (lead <= tolerance || span >= lead)) ||
      (this.#latest < this.#before && this.#arrival > this.#arrivalBefore) ||
      (this.#latest === this.#before && this.#arrival - this.#since >= standstill(this.#latest)) ||
      this.#earliest - this.#before > this.#arrival - this.#arrivalBefore + GAIN_MS
    );
  }
}
