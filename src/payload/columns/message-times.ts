/** Remembers the times of the rows of one message in one series. */
export class MessageTimes {
  #message = -1;
  #latest = 0;
  /** All of them; only for a message whose times are not in order. */
  #times: Set<number> | undefined;
  readonly #inOrder: number[] = [];

  /**
   * Whether an earlier row of the message has the time. Each row is asked about once.
   *
   * @param message the number of the message; another number begins again, and 0 is a message of one row.
   * @param time milliseconds since the epoch.
   */
  has(message: number, time: number): boolean {
    if (message === 0) {
      return false;
    }
    if (message !== this.#message) {
      this.#message = message;
      this.#times = undefined;
      this.#inOrder.length = 0;
      this.#latest = -Infinity;
    }
    if (time >= this.#latest) {
      const same = time === this.#latest;
      this.#latest = time;
      if (!same) {
        this.#remember(time);
      }
      return same;
    }
    this.#times ??= new Set(this.#inOrder);
    const known = this.#times.has(time);
    this.#times.add(time);
    return known;
  }

  #remember(time: number): void {
    if (this.#times === undefined) {
      this.#inOrder.push(time);
    } else {
      this.#times.add(time);
    }
  }
}
