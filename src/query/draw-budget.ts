/**
 * Part of the time of the thread that draws which quick responses may cost; and the most that is saved up or owed, in
 * ms: the first drawing, or one of a page that was suspended, takes seconds, and must not delay what comes after it.
 */
const SHARE = 0.2;
const MAX_MS = 200;

/**
 * How often drawing is measured, in milliseconds. To ask for a frame makes the browser draw one, also where no panel in
 * view has changed, which costs the thread as much as all of a batch.
 */
const MEASURE_MS = 1_000;

/** Responses that are less apart are drawn in one frame, in milliseconds. */
const FRAME_MS = 16;

/**
 * The time that quick responses may take of the page: a panel for which little comes gets each message at once, but
 * twenty of them, or drawings that are slow, must not take the thread that draws.
 */
export class DrawBudget {
  readonly #now: () => number;
  #ms = MAX_MS;
  #at = 0;
  #isDrawing = false;
  /** What drawing cost when it was measured last, and when that was. */
  #drawMs = 0;
  #measuredAt = -Infinity;
  #drawnAt = -Infinity;

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

  /**
   * Hands over a response, and counts how long the page works on it: at once, and in the next frame, which is measured
   * now and then.
   */
  spend(respond: () => void): void {
    const began = this.#now();
    respond();
    const ended = this.#now();
    this.#take(ended - began);
    if (this.#isDrawing || ended - this.#drawnAt < FRAME_MS || typeof requestAnimationFrame !== 'function') {
      return;
    }
    this.#drawnAt = ended;
    if (ended - this.#measuredAt < MEASURE_MS) {
      this.#take(this.#drawMs);
    } else {
      this.#measure();
    }
  }

  #measure(): void {
    this.#isDrawing = true;
    requestAnimationFrame(() => {
      const began = this.#now();
      setTimeout(() => {
        this.#isDrawing = false;
        this.#measuredAt = this.#now();
        this.#drawMs = this.#measuredAt - began;
        this.#take(this.#drawMs);
      });
    });
  }

  #take(ms: number): void {
    this.#ms = Math.max(-MAX_MS, this.#ms - ms);
  }
}

/** Of the page. */
export const drawBudget = new DrawBudget();
