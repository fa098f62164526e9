import {
  CoreApp,
  type DataFrame,
  type DataQuery,
  type DataQueryError,
  type DataQueryRequest,
  type DataQueryResponse,
  DataTopic,
  dateMath,
  LoadingState,
  type PanelData,
  type TimeRange,
} from '@grafana/data';
import { catchError, from, map, merge, type Observable, of, share, takeUntil, timer } from 'rxjs';

/**
 * `public/app/features/query/state/runRequest.ts` of Grafana 12.4, which stands between a data source and a panel.
 * `docs/development/grafana-core.md` has the rules that follow from it. The workbench and the plugin's contract tests
 * both use this file, so both treat the plugin as Grafana does.
 */

/** The parts of a data source that core's query path uses. */
export interface Queryable<TQuery extends DataQuery = DataQuery> {
  query(request: DataQueryRequest<TQuery>): Observable<DataQueryResponse> | Promise<DataQueryResponse>;
  filterQuery?(query: TQuery): boolean;
  getDefaultQuery?(app: CoreApp): Partial<TQuery>;
}

/** Core's comment says 50, its code says 200 (runRequest.ts:185). */
export const LOADING_AFTER_MS = 200;

type Responses = ReadonlyMap<string, DataQueryResponse>;

export function runRequest<TQuery extends DataQuery>(
  datasource: Queryable<TQuery>,
  request: DataQueryRequest<TQuery>,
  query: (request: DataQueryRequest<TQuery>) => ReturnType<Queryable<TQuery>['query']> = (r) => datasource.query(r)
): Observable<PanelData> {
  let responses: Responses = new Map();
  let panelData: PanelData = { state: LoadingState.Loading, series: [], request, timeRange: request.range };

  if (request.targets.length === 0) {
    request.endTime = Date.now();
    return of({ ...panelData, state: LoadingState.Done });
  }

  const data = callQuery(datasource, request, query).pipe(
    map((response) => {
      dropHidden(response, request.targets);
      request.endTime = Date.now();
      responses = withResponse(responses, response);
      panelData = mergeResponses(responses, response, request);
      return panelData;
    }),
    // of() completes: a thrown error ends the panel's stream until the next refresh (runRequest.ts:165-173).
    catchError((error: unknown) => of({ ...panelData, state: LoadingState.Error, error: toDataQueryError(error) })),
    share()
  );

  // takeUntil subscribes to `data` before merge does. A response that arrives while it is still subscribing completes
  // the timer, drops share()'s count to zero, and merge then subscribes a second time: the first response is lost.
  return merge(
    timer(LOADING_AFTER_MS).pipe(
      map(() => panelData),
      takeUntil(data)
    ),
    data
  );
}

/** Defaults for empty queries, then the data source's own filter (runRequest.ts:208-229). */
function callQuery<TQuery extends DataQuery>(
  datasource: Queryable<TQuery>,
  request: DataQueryRequest<TQuery>,
  query: (request: DataQueryRequest<TQuery>) => ReturnType<Queryable<TQuery>['query']>
): Observable<DataQueryResponse> {
  request.targets = request.targets.map((target) =>
    isEmptyQuery(target) ? { ...datasource.getDefaultQuery?.(CoreApp.PanelEditor), ...target } : target
  );
  if (datasource.filterQuery) {
    request = { ...request, targets: request.targets.filter((target) => datasource.filterQuery?.(target)) };
    if (request.targets.length === 0) {
      return of({ data: [] });
    }
  }
  return from(query(request));
}

const BASE_QUERY_KEYS = new Set(['refId', 'key', 'hide', 'datasource', 'queryType']);

function isEmptyQuery(query: DataQuery): boolean {
  return Object.keys(query).every((key) => BASE_QUERY_KEYS.has(key));
}

/** Hidden targets do reach `query()`; core removes only their frames, from the response itself (:153-156). */
function dropHidden(response: DataQueryResponse, targets: DataQuery[]): void {
  for (const target of targets) {
    if (target.hide) {
      response.data = response.data.filter((frame: DataFrame) => frame.refId !== target.refId);
    }
  }
}

/** A response replaces the one with the same key, and is never appended (:49). */
function withResponse(responses: Responses, response: DataQueryResponse): Responses {
  const frames: DataFrame[] = response.data;
  return new Map(responses).set(response.key ?? frames[0]?.refId ?? 'A', response);
}

function mergeResponses(responses: Responses, latest: DataQueryResponse, request: DataQueryRequest): PanelData {
  const series: DataFrame[] = [];
  const annotations: DataFrame[] = [];
  let state = latest.state ?? LoadingState.Done;
  let error: DataQueryError | undefined;
  let errors: DataQueryError[] | undefined;

  for (const response of responses.values()) {
    // An error sticks until its key is emitted again without one; the last such response overwrites the others (:62-66).
    if (response.error || response.errors?.length) {
      state = LoadingState.Error;
      error = response.error;
      errors = response.errors;
    }
    const frames: DataFrame[] = response.data;
    for (const frame of frames) {
      (frame.meta?.dataTopic === DataTopic.Annotations ? annotations : series).push(frame);
    }
  }
  return { state, series, annotations, error, errors, request, timeRange: currentRange(request, state) };
}

/** Only Streaming moves the axis, and only of a relative range (:102-114); Done and Error snap it back. */
function currentRange({ range }: DataQueryRequest, state: LoadingState): TimeRange {
  if (typeof range.raw.from !== 'string' || state !== LoadingState.Streaming) {
    return range;
  }
  return {
    ...range,
    from: dateMath.toDateTime(range.raw.from, { roundUp: false }) ?? range.from,
    to: dateMath.toDateTime(range.raw.to, { roundUp: true }) ?? range.to,
  };
}

export function toDataQueryError(thrown: unknown): DataQueryError {
  if (typeof thrown === 'string') {
    return { message: thrown };
  }
  const error: DataQueryError = typeof thrown === 'object' && thrown !== null ? thrown : {};
  error.message ||= error.data?.message ?? error.statusText ?? 'Query error';
  return error;
}
