import {
  CoreApp,
  createDataFrame,
  type DataFrame,
  type DataQuery,
  type DataQueryRequest,
  dateTime,
  FieldType,
  type PanelData,
  type TimeRange,
} from '@grafana/data';
import type { Observable } from 'rxjs';

/** Helpers for tests of Grafana's behaviour, also used by the plugin's contract tests. */

/** The last five minutes, as a dashboard's relative time range. */
export function lastFiveMinutes(now = Date.now()): TimeRange {
  return { from: dateTime(now - 300_000), to: dateTime(now), raw: { from: 'now-5m', to: 'now' } };
}

/** An absolute time range, as after a zoom. */
export function absoluteRange(from: number, to: number): TimeRange {
  return { from: dateTime(from), to: dateTime(to), raw: { from: dateTime(from), to: dateTime(to) } };
}

export function aRequest<TQuery extends DataQuery>(
  targets: TQuery[],
  overrides: Partial<DataQueryRequest<TQuery>> = {}
): DataQueryRequest<TQuery> {
  const range = lastFiveMinutes();
  return {
    app: CoreApp.Dashboard,
    requestId: 'SQR100',
    timezone: 'browser',
    range,
    rangeRaw: range.raw,
    interval: '1s',
    intervalMs: 1000,
    maxDataPoints: 500,
    startTime: Date.now(),
    scopedVars: {},
    targets,
    ...overrides,
  };
}

export function aFrame(refId: string, values: number[], name = 'value'): DataFrame {
  return createDataFrame({ refId, name: refId, fields: [{ name, type: FieldType.number, values }] });
}

/** Records what an observable emits, in order. */
export class Recorded {
  readonly emissions: PanelData[] = [];
  completed = false;
  error: unknown;
  readonly unsubscribe: () => void;

  constructor(stream: Observable<PanelData>) {
    const subscription = stream.subscribe({
      next: (data) => this.emissions.push(data),
      error: (error: unknown) => (this.error = error),
      complete: () => (this.completed = true),
    });
    this.unsubscribe = () => subscription.unsubscribe();
  }

  get last(): PanelData {
    const last = this.emissions.at(-1);
    if (!last) {
      throw new Error('nothing was emitted');
    }
    return last;
  }
}
