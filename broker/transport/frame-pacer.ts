/** The longest time that a packet waits for others, in milliseconds. */
export const GATHER_MS = 10;

/** What a frame takes out of the balance: a little more, so that timers that are early make no more than 100 a second. */
const FRAME_MS = 11;

/** The number of frames that may follow each other without waiting, after a time in which few were sent. */
const BURST_FRAMES = 8;

/**
 * Decides when the packets that wait for a WebSocket are sent. A frame costs a browser some 75 µs in three processes, and
 * a message in a frame of many less than one. A client that gets at most {@link BURST_FRAMES} packets in quick succession
 * gets each at once; with more, packets wait for up to {@link GATHER_MS} and share a frame.
 *
 * The unit of the balance is a millisecond: time passes into it, and a frame takes {@link FRAME_MS} out of it.
 */
export class FramePacer {
  #balance = BURST_FRAMES * FRAME_MS;
  #sentAt = -Infinity;

  /**
   * How long the packets that are there now wait, in whole milliseconds; 0: they are sent now.
   *
   * @param now milliseconds of a clock that never goes back.
   */
  waitMs(now: number): number {
    return Math.min(GATHER_MS, Math.max(0, Math.ceil(FRAME_MS - this.#balanceAt(now))));
  }

  /** A frame was sent. */
  sent(now: number): void {
    // Not below zero: a frame that could not wait makes no later one wait longer.
    this.#balance = Math.max(0, this.#balanceAt(now) - FRAME_MS);
    this.#sentAt = now;
  }

  #balanceAt(now: number): number {
    return Math.min(BURST_FRAMES * FRAME_MS, this.#balance + (now - this.#sentAt));
  }
}
