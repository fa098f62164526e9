import type { TimeRange } from '@grafana/data';
import { locationService } from '@grafana/runtime';

/** The shortest range that a dashboard gets, in minutes: a zoom may be of seconds. */
const MIN_MINUTES = 5;

/** Makes a dashboard live again after a zoom: the same span of time, at least five minutes, up to now. */
export function backToNow(range: TimeRange | undefined): void {
  const ms = range === undefined ? 0 : range.to.valueOf() - range.from.valueOf();
  const minutes = Math.max(MIN_MINUTES, Math.ceil(ms / 60_000));
  // As Grafana's time picker does: the dashboard reads its time range from the address.
  locationService.partial({ from: `now-${minutes}m`, to: 'now' });
}
