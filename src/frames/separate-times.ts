/** Milliseconds. Doubles hold the times of today to a quarter of this, and no panel shows as much. */
const STEP = 0.001;

/**
 * Moves rows of the same time apart, each 0.001 ms after the one before it. If a panel has several series, Grafana
 * joins them by time, and of the rows of one series with the same time it draws only the last (`joinDataFrames` in
 * @grafana/data).
 *
 * @param times milliseconds since the epoch, which never decrease; changed in place.
 */
export function separateTimes(times: number[]): void {
  for (let row = 1; row < times.length; row++) {
    if (times[row] <= times[row - 1]) {
      times[row] = times[row - 1] + STEP;
    }
  }
}
