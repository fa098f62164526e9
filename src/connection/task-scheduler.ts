/**
 * The time budget of one browser task, in milliseconds. Core works on each response while it is handed over, and a page
 * of twenty panels must be able to draw and scroll in between.
 */
const BUDGET_MS = 8;

/**
 * Runs the work that a batch causes on the thread that draws. Several panels share one browser task, because a browser
 * task costs more than a response does. A browser task that has used its budget leaves the rest to the next one.
 */
export class TaskScheduler {
  readonly #waiting: Array<() => void> = [];
  #running = false;
  readonly #now: () => number;

  /** @param now milliseconds of a clock that never goes back. */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** Runs a piece of work after those that wait already, and after the code that runs now has returned. */
  add(work: () => void): void {
    this.#waiting.push(work);
    if (!this.#running) {
      this.#running = true;
      queueMicrotask(() => this.#run());
    }
  }

  #run(): void {
    const end = this.#now() + BUDGET_MS;
    for (let work = this.#waiting.shift(); work !== undefined; work = this.#waiting.shift()) {
      try {
        work();
      } catch (error) {
        // The browser reports the error, and the other panels still get their work done.
        setTimeout(() => {
          throw error;
        });
      }
      if (this.#waiting.length > 0 && this.#now() >= end) {
        setTimeout(() => this.#run());
        return;
      }
    }
    this.#running = false;
  }
}
