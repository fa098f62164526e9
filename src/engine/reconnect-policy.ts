import { backoff } from './backoff';
import { isLasting } from './connection-errors';
import type { ConnectionErrorCode } from './protocol';

/** After an error that would be the same the next time, the wait is that of so many failures: the longest. */
const LASTING_COUNTS_AS = 10;

/** A connection that has stood for this long was a good one, in milliseconds; the next failure is the first again. */
const STABLE_MS = 10_000;

/** How long to wait for the next attempt, by how those before it have ended. */
export class ReconnectPolicy {
  readonly #random: () => number;
  #failures = 0;
  #quickLosses = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Connections in a row that ended soon after they stood, for no reason that was given. */
  get quickLosses(): number {
    return this.#quickLosses;
  }

  /**
   * A connection has ended that stood for so many milliseconds.
   *
   * @param overSubscription the other side ended it when it was asked for a filter: another cause, that does not count.
   */
  lost(stoodMs: number, overSubscription: boolean): void {
    const quick = stoodMs < STABLE_MS;
    this.#quickLosses = quick && !overSubscription ? this.#quickLosses + 1 : 0;
    this.#failures = quick ? this.#failures : 0;
  }

  /** An attempt or a connection has ended with an error. */
  failed(): void {
    this.#failures++;
  }

  /**
   * @param stood whether there was a connection.
   * @param otherVersion the next attempt is made with another version of MQTT than was refused.
   * @returns milliseconds.
   */
  waitAfter(code: ConnectionErrorCode, stood: boolean, otherVersion: boolean): number {
    const random = this.#random();
    if (!isLasting(code) || (code === 'version' && otherVersion)) {
      return backoff(this.#failures, random);
    }
    // The same credentials are refused again, and some brokers lock out who keeps trying: jitter, but never soon.
    return backoff(LASTING_COUNTS_AS, stood ? random : (1 + random) / 2);
  }
}
