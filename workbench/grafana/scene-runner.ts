import {
  CoreApp,
  type DataQuery,
  type DataQueryRequest,
  type DataSourceRef,
  LoadingState,
  type PanelData,
  rangeUtil,
  type ScopedVars,
  type TimeRange,
} from '@grafana/data';
import type { Subscription } from 'rxjs';

import { preProcessPanelData } from './panel-data';
import { type Queryable, runRequest, toDataQueryError } from './run-request';

/** The parts of a data source that the runner uses; it awaits the data source before every query. */
export interface RunnableDataSource extends Queryable {
  readonly interval?: string;
  getRef?(): DataSourceRef;
}

export interface SceneRunnerOptions {
  getDataSource(): Promise<RunnableDataSource>;
  queries: DataQuery[];
  onData(data: PanelData): void;
  app?: CoreApp;
  panelId?: number;
  panelName?: string;
  /** The panel's width in pixels at the start of a run; a resize does not start a run. */
  maxDataPoints?: number;
  /** The panel's minimum interval. */
  minInterval?: string;
  scopedVars?: ScopedVars;
}

let nextRequestId = 100;

/**
 * The query runner of a panel in a dashboard, for tests in Node: `SceneQueryRunner` of `@grafana/scenes` 6.52, with its
 * faults, which a data source has to cope with (docs/development/grafana-core.md, rules 5 and 9). The workbench has the
 * runner of the package.
 */
export class SceneRunner {
  /** Streams read this from the runner, which is in `scopedVars.__sceneObject`. */
  isActive = false;
  #options: SceneRunnerOptions;
  #data: PanelData | undefined;
  #range: TimeRange | undefined;
  #subscription: Subscription | undefined;

  constructor(options: SceneRunnerOptions) {
    this.#options = options;
  }

  get data(): PanelData | undefined {
    return this.#data;
  }

  /** The runner's state is public, as that of all scene objects. */
  setState({ data }: { data: PanelData | undefined }): void {
    this.#data = data;
  }

  setQueries(queries: DataQuery[]): void {
    this.#options = { ...this.#options, queries };
  }

  setMaxDataPoints(maxDataPoints: number): void {
    this.#options = { ...this.#options, maxDataPoints };
  }

  /** The panel comes into view: it queries unless it has data of exactly this time range (SceneQueryRunner.ts:299-335). */
  activate(range: TimeRange): Promise<void> {
    this.isActive = true;
    this.#range = range;
    if (this.#data && sameSecond(this.#data.timeRange, range)) {
      return Promise.resolve();
    }
    return this.run(range);
  }

  /** The dashboard is left, the tab or row unmounts, or the editor opens (:337-353). The panel's data stays. */
  deactivate(): void {
    this.isActive = false;
    this.#subscription?.unsubscribe();
    this.#subscription = undefined;
  }

  /** A click on the green dot of a streaming panel. */
  cancel(): void {
    this.#subscription?.unsubscribe();
    if (this.#data) {
      this.#emit({ ...this.#data, state: LoadingState.Done });
    }
  }

  /**
   * Refresh, zoom, edit and variable changes. If two runs overlap while they await the data source, both subscribe, and
   * the second overwrites the subscription of the first, which cannot be ended any more and goes on feeding the panel. A
   * deactivation at that time has no effect either. Both are faults of core (:447, :504), repeated here on purpose.
   */
  async run(range: TimeRange): Promise<void> {
    this.#range = range;
    this.#subscription?.unsubscribe();
    if (this.#options.queries.length === 0) {
      this.#emit({ state: LoadingState.Done, series: [], timeRange: range });
      return;
    }
    try {
      const datasource = await this.#options.getDataSource();
      this.#clearPreviousData();
      this.#subscription = runRequest(datasource, this.#request(datasource, range)).subscribe((data) =>
        this.#emit(preProcessPanelData(data, this.#data))
      );
    } catch (error) {
      this.#emit({
        series: [],
        timeRange: range,
        ...this.#data,
        state: LoadingState.Error,
        errors: [toDataQueryError(error)],
      });
    }
  }

  /** Runs again over the newest range, as an edit of the queries does. */
  rerun(): Promise<void> {
    return this.#range ? this.run(this.#range) : Promise.resolve();
  }

  #emit(data: PanelData): void {
    this.#data = data;
    this.#options.onData(data);
  }

  /**
   * useClearPreviousData: empties the emitted arrays in place, to help the garbage collector. A data source that holds
   * one of them, or has emitted its own buffer, loses its rows here.
   */
  #clearPreviousData(): void {
    for (const frame of this.#data?.series ?? []) {
      for (const field of frame.fields) {
        field.values.length = 0;
      }
    }
  }

  #request(datasource: RunnableDataSource, range: TimeRange): DataQueryRequest {
    const { app, panelId, panelName, queries, minInterval, scopedVars, maxDataPoints = 500 } = this.#options;
    const { interval, intervalMs } = rangeUtil.calculateInterval(
      range,
      maxDataPoints,
      minInterval ?? datasource.interval
    );
    return {
      app: app ?? CoreApp.Dashboard,
      requestId: `SQR${nextRequestId++}`,
      timezone: 'browser',
      panelId,
      panelName,
      range,
      rangeRaw: range.raw,
      interval,
      intervalMs,
      maxDataPoints,
      startTime: Date.now(),
      targets: structuredClone(queries).map((query) => ({
        ...query,
        datasource: query.datasource ?? datasource.getRef?.(),
      })),
      scopedVars: {
        ...scopedVars,
        // SafeSerializableSceneObject: valueOf() returns the runner (:122).
        __sceneObject: { text: '__sceneObject', value: { valueOf: () => this } },
        __interval: { text: interval, value: interval },
        __interval_ms: { text: String(intervalMs), value: intervalMs },
      },
    };
  }
}

function sameSecond(a: TimeRange, b: TimeRange): boolean {
  return a.from.unix() === b.from.unix() && a.to.unix() === b.to.unix();
}
