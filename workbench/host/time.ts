import { dateMath, dateTime, type RawTimeRange, type TimeOption, type TimeRange } from '@grafana/data';

/** The time range of a live panel. */
export const QUICK_RANGES: TimeOption[] = [
  { from: 'now-30s', to: 'now', display: 'Last 30 seconds' },
  { from: 'now-1m', to: 'now', display: 'Last 1 minute' },
  { from: 'now-5m', to: 'now', display: 'Last 5 minutes' },
  { from: 'now-15m', to: 'now', display: 'Last 15 minutes' },
  { from: 'now-1h', to: 'now', display: 'Last 1 hour' },
];

/** Evaluates a raw time range; a refresh evaluates it again. */
export function evaluate(raw: RawTimeRange): TimeRange {
  return { from: moment(raw.from, false), to: moment(raw.to, true), raw };
}

function moment(at: RawTimeRange['from'], roundUp: boolean): TimeRange['from'] {
  return typeof at === 'string' ? (dateMath.toDateTime(at, { roundUp }) ?? dateTime(at)) : at;
}

/** Moves the range by half its length, as Grafana's arrows do; the result is absolute. */
export function shift(range: TimeRange, direction: -1 | 1): TimeRange {
  const by = (direction * (range.to.valueOf() - range.from.valueOf())) / 2;
  return absolute(range.from.valueOf() + by, Math.min(range.to.valueOf() + by, Date.now()));
}

/** Doubles the range around its centre. */
export function zoomOut(range: TimeRange): TimeRange {
  const span = range.to.valueOf() - range.from.valueOf();
  return absolute(range.from.valueOf() - span / 2, range.to.valueOf() + span / 2);
}

function absolute(from: number, to: number): TimeRange {
  return { from: dateTime(from), to: dateTime(to), raw: { from: dateTime(from), to: dateTime(to) } };
}
