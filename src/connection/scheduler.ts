/**
 * How long responses are made in one go, in milliseconds. Core works on each response while it is handed over, and a page
 * of twenty panels must be able to draw and to be scrolled in between.
 */
const LONGEST_MS = 8;

/**
 * What the thread that draws has to do for a batch: all panels in one task where that is short, because each task of
 * its own costs the browser more than a response does, and otherwise in as many as leave the thread to others.
 */
export class Scheduler {
  readonly #waiting: Array<() => void> = [];
  #taking = false;
  readonly #now: () => number;

  /** @param now milliseconds of a clock that never goes back. */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** The turn is taken after those that wait already, and not before the code that runs now has ended. */
  add(turn: () => void): void {
    this.#waiting.push(turn);
    if (!this.#taking) {
      this.#taking = true;
      queueMicrotask(() => this.#take());
    }
  }

  #take(): void {
    const end = this.#now() + LONGEST_MS;
    for (let turn = this.#waiting.shift(); turn !== undefined; turn = this.#waiting.shift()) {
      try {
        turn();
      } catch (error) {
        // It is the browser's to report, and the other panels' turns come all the same.
        setTimeout(() => {
          throw error;
        });
      }
      if (this.#waiting.length > 0 && this.#now() >= end) {
        setTimeout(() => this.#take());
        return;
      }
    }
    this.#taking = false;
  }
}
