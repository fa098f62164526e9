import { SLOW_TICK_MS, TICK_MS } from '../engine/tick';

/** The panel's time axis moves only with a response, so one is due this often although nothing came (milliseconds). */
export const HEARTBEAT_MS = 1_000;

/** Decides when a live panel gets its next response: at most once per tick, and at least once per heartbeat. */
export class ResponseTimer {
  /** Milliseconds between two responses while messages come: the panel's interval, within tick and heartbeat. */
  readonly tickMs: number;
  readonly #onTick: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer fires, in milliseconds of `performance.now()`, as is {@link #last}. */
  #due = Infinity;
  #last = -Infinity;
  /** The last one that was requested, which a heartbeat is not. */
  #lastRequested = -Infinity;
  #isRequested = false;
  #stopped = false;

  /**
   * @param intervalMs the interval that Grafana suggests for the panel.
   * @param onTick makes a response; it may throw, and the next heartbeat comes all the same.
   */
  constructor(intervalMs: number | undefined, onTick: () => void) {
    this.tickMs = Math.min(HEARTBEAT_MS, Math.max(TICK_MS, intervalMs || 0));
    this.#onTick = onTick;
  }

  /** Whether batches and responses have the same tick, so that one can wait for the other. */
  get isShortest(): boolean {
    return this.tickMs === TICK_MS;
  }

  /** The first response is due in `delayMs`. */
  start(delayMs: number): void {
    this.#last = performance.now() + delayMs - this.tickMs;
    this.#lastRequested = performance.now() + delayMs - SLOW_TICK_MS;
    this.#arm(delayMs);
  }

  /**
   * Something has come that a panel can show: ticks now if the last response is a tick ago, or else when it will be.
   *
   * @param rate `first`: do not wait for the tick. `slow`: little comes, so the tick is the shortest one.
   * @returns the time of the tick to come, by `performance.now()`; undefined if it was now.
   */
  request(rate?: 'first' | 'slow'): number | undefined {
    const now = performance.now();
    // A heartbeat may come a moment before a message: what comes seldom would be shown late because of it.
    const next = rate === 'slow' ? this.#lastRequested + SLOW_TICK_MS : this.#last + this.tickMs;
    const waitMs = rate === 'first' ? 0 : next - now;
    this.#isRequested = true;
    // If batches come more often than ticks, the tick waits for the batch that comes about then, or shows the one
    // before.
    const early = this.isShortest || rate === 'slow' ? 0 : TICK_MS / 2;
    if (waitMs > early) {
      this.#arm(waitMs + early);
      return now + waitMs;
    }
    if (!this.#stopped) {
      clearTimeout(this.#timer);
      this.#tick();
    }
    return undefined;
  }

  /** A response has been handed over. The tick counts from its end, so that a slow page has time left for the rest. */
  restart(): void {
    this.#last = performance.now();
    if (this.#isRequested) {
      this.#lastRequested = this.#last;
      this.#isRequested = false;
    }
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  #arm(delayMs: number): void {
    const due = performance.now() + delayMs;
    if (!this.#stopped && due < this.#due) {
      clearTimeout(this.#timer);
      this.#due = due;
      this.#timer = setTimeout(() => this.#tick(), Math.ceil(delayMs));
    }
  }

  #tick(): void {
    this.#due = Infinity;
    try {
      this.#onTick();
    } finally {
      this.#arm(HEARTBEAT_MS);
    }
  }
}
