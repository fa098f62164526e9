const FIRST_MS = 500;
const LONGEST_MS = 30_000;

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
