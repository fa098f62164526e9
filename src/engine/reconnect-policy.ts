import { type ConnectionErrorCode, errorCode } from './error-codes';

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

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
  delayAfter(code: ConnectionErrorCode, stood: boolean, otherVersion: boolean): number {
    const random = this.#random();
    if (errorCode(code).retry !== 'late' || (code === 'version' && otherVersion)) {
      return backoff(this.#failures, random);
    }
    // The same credentials are refused again, and some brokers lock out who keeps trying: jitter, but never soon.
    return backoff(LASTING_COUNTS_AS, stood ? random : (1 + random) / 2);
  }
}

/**
 * How long to wait before the next attempt: exponential with full jitter, so that a thousand dashboards whose
 * broker restarts do not come back at the same moment (Brooker, "Exponential Backoff And Jitter", 2015).
 *
 * @param failures attempts that have failed in a row, from 1.
 * @param random from 0 up to, not including, 1.
 * @returns milliseconds; never less than 100, so that a broker that closes at once is not hammered.
 */
export function backoff(failures: number, random: number): number {
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return 100 + Math.floor(random * (longest - 100));
}
