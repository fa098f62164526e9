import { type DataQueryRequest, dateTime } from '@grafana/data';
import type { BackfillChoice, MqttQuery } from '../types';

/** The response of another data source for a range of time. Times are in milliseconds since the epoch. */
export interface BackfillPart {
  readonly from: number;
  readonly to: number;
  /** The interval of the request, in milliseconds. */
  readonly intervalMs: number;
  /** In any of Grafana's formats. */
  readonly frames: readonly unknown[];
  /** Whether the data source has responded, without an error. */
  readonly isComplete: boolean;
}

type PanelRequest = Pick<DataQueryRequest<MqttQuery>, 'range' | 'intervalMs'>;

export interface TimeSpan {
  readonly from: number;
  readonly to: number;
}

/** A query whose result has more parts than this is sent for the whole range again. */
const MAX_PARTS = 8;

/**
 * The newest rows are requested again from so long before the end of the last response, in milliseconds: a recorder
 * writes in batches, and the last interval had only begun.
 */
const OVERLAP_MS = 60_000;

/** Variables whose value is the range of time, so that another range is another query. */
const RANGE_VARIABLE = /(?:\$\{?|\[\[)__(?:range|from|to)/;

/** Whether a query gives the same rows for a time, whatever the range is. */
export function isIndependentOfRange({ query }: BackfillChoice): boolean {
  return !RANGE_VARIABLE.test(JSON.stringify(query));
}

/**
 * The parts that need not be requested: those without a hole between them that have its resolution or a finer one,
 * and of several such runs, the one with the most of its range.
 *
 * @param parts oldest first.
 */
export function usableParts(parts: readonly BackfillPart[], request: PanelRequest): readonly BackfillPart[] {
  const from = request.range.from.valueOf();
  const to = request.range.to.valueOf();
  let best: readonly BackfillPart[] = [];
  let run: BackfillPart[] = [];
  for (const part of parts) {
    if (!part.isComplete || part.intervalMs > request.intervalMs || part.to < from || part.from > to) {
      run = [];
      continue;
    }
    run = run.length > 0 && run[run.length - 1].to < part.from ? [part] : [...run, part];
    best = coveredMs(run, from, to) >= coveredMs(best, from, to) ? run : best;
  }
  return best.length < MAX_PARTS ? best : [];
}

/** How much of a range a run of parts has, in milliseconds; below zero without a part. */
export function coveredMs(run: readonly BackfillPart[], from: number, to: number): number {
  return run.length === 0 ? -1 : Math.min(to, run[run.length - 1].to) - Math.max(from, run[0].from);
}

/**
 * The spans of a request's range that are in none of the parts.
 *
 * @param parts by {@link usableParts}.
 * @param neededUpTo rows after this time are not needed, in milliseconds since the epoch.
 */
export function missingSpans(parts: readonly BackfillPart[], request: PanelRequest, neededUpTo: number): TimeSpan[] {
  const { range, intervalMs } = request;
  const from = range.from.valueOf();
  const to = range.to.valueOf();
  if (parts.length === 0) {
    return [{ from, to }];
  }
  const begin = parts[0].from;
  const end = parts[parts.length - 1].to;
  const spans: TimeSpan[] = [];
  if (from < begin) {
    spans.push({ from, to: begin });
  }
  if (end < neededUpTo) {
    // Databases begin their intervals at multiples of the interval
    const whole = Math.floor((end - Math.max(OVERLAP_MS, intervalMs)) / intervalMs) * intervalMs;
    spans.push({ from: Math.max(from, begin, whole), to });
  }
  return spans;
}

/** The request for one span, with the resolution of the whole range. */
export function requestFor(request: DataQueryRequest<MqttQuery>, { from, to }: TimeSpan): DataQueryRequest<MqttQuery> {
  const { range, maxDataPoints } = request;
  const wholeMs = range.to.valueOf() - range.from.valueOf();
  if (from === range.from.valueOf() && to === range.to.valueOf()) {
    return request;
  }
  const raw = { from: dateTime(from), to: dateTime(to) };
  return {
    ...request,
    range: { ...raw, raw },
    rangeRaw: raw,
    ...(maxDataPoints !== undefined && {
      maxDataPoints: Math.max(1, Math.ceil((maxDataPoints * (to - from)) / wholeMs)),
    }),
  };
}
