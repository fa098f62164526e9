/**
 * Part of the time of the thread that draws which quick responses may cost; and the most that is saved up or owed, in
 * ms: the first drawing, or one of a page that was suspended, takes seconds, and must not delay what comes after it.
 */
const SHARE = 0.2;
const MAX_MS = 200;

/**
 * The time that quick responses may take of the page: a panel for which little comes gets each message at once, but
 * twenty of them, or drawings that are slow, must not take the thread that draws.
 */
export class DrawBudget {
  readonly #now: () => number;
  #ms = MAX_MS;
  #at = 0;
  #isDrawing = false;

  /** @param now milliseconds of a clock that never goes back. */
  constructor(now = () => performance.now()) {
    this.#now = now;
  }

  /** Adds the share of the time since the last call. @returns whether another quick response may be made. */
  mayRespond(): boolean {
    const now = this.#now();
    this.#ms = Math.min(MAX_MS, this.#ms + (now - this.#at) * SHARE);
    this.#at = now;
    return this.#ms > 0;
  }

  /** Hands over a response, and counts how long the page works on it: at once, and in the next frame. */
  spend(respond: () => void): void {
    const began = this.#now();
    respond();
    this.#take(this.#now() - began);
    if (!this.#isDrawing && typeof requestAnimationFrame === 'function') {
      this.#isDrawing = true;
      requestAnimationFrame(() => {
        const drawn = this.#now();
        setTimeout(() => {
          this.#isDrawing = false;
          this.#take(this.#now() - drawn);
        });
      });
    }
  }

  #take(ms: number): void {
    this.#ms = Math.max(-MAX_MS, this.#ms - ms);
  }
}

/** Of the page. */
export const drawBudget = new DrawBudget();
