import type { StreamBatch } from './protocol';
import { FEW_MESSAGES, SLOW_TICK_MS, TICK_MS } from './tick';

/**
 * The maximum number of batches that wait for the page. There is one, unless rows would be given up otherwise: a page
 * that is busy for a moment must not lose what comes meanwhile, and one that hangs must not be sent more and more.
 */
const MAX_IN_FLIGHT = 4;

/** The engine's half of flow control: when the page gets the next batch. The page's half is `connection/flow-control.ts`. */
export class BatchFlow {
  #lastAck = -Infinity;
  /** Messages since the last batch, and whether that one had few for its time. */
  #messages = 0;
  #isSlow = true;
  /** The shortest tick of the streams that have something for the next batch, in milliseconds. */
  #tickMs = Infinity;
  /** The batches that the page has not taken yet, oldest first: whether they have anything to show. */
  #unacknowledged: boolean[] = [];

  /** Batches with something to show that the page has not taken yet. */
  get #inFlight(): number {
    return this.#unacknowledged.filter(Boolean).length;
  }

  /** Whether the page may get a further batch, so that nothing is given up. */
  get hasRoom(): boolean {
    return this.#inFlight < MAX_IN_FLIGHT;
  }

  /** Milliseconds until the next batch is due; `undefined` while the page has not taken the one before. */
  get waitMs(): number | undefined {
    // The page takes one batch at a time: one that does not keep up gets fewer and larger ones.
    return this.#inFlight > 0
      ? undefined
      : Math.max(0, this.#lastAck + (this.#isSlow ? SLOW_TICK_MS : this.#tickMs) - performance.now());
  }

  /**
   * A stream has something for the next batch.
   *
   * @param tickMs how often the page shows it, in milliseconds.
   * @returns whether the batch is due earlier because of it.
   */
  add(tickMs: number): boolean {
    this.#messages++;
    return this.shorten(tickMs);
  }

  /** What waits for the next batch is shown this often. @returns whether the batch is due earlier because of it. */
  shorten(tickMs: number): boolean {
    const isEarlier = tickMs < this.#tickMs;
    if (isEarlier) {
      this.#tickMs = tickMs;
    }
    return isEarlier;
  }

  /** A batch is made, which may turn out to be none. */
  take(): void {
    const ticks = Math.max(1, Math.min(performance.now() - this.#lastAck, this.#tickMs) / TICK_MS);
    this.#isSlow = this.#messages <= FEW_MESSAGES * ticks;
    this.#messages = 0;
    this.#tickMs = Infinity;
  }

  sent(streams: readonly StreamBatch[]): void {
    this.#unacknowledged.push(!streams.every(isEmpty));
  }

  acknowledged(): void {
    if (this.#unacknowledged.shift() !== false) {
      this.#lastAck = performance.now();
    }
  }
}

/**
 * Whether a batch only says that there is nothing of the past: each stream sends one when it opens, and the first message
 * must not wait for a tick after it.
 */
function isEmpty({ replayed, chunks, stats }: StreamBatch): boolean {
  return replayed === true && chunks.length === 0 && stats.messages === 0;
}
