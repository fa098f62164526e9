import { type DataQuery, type DataQueryRequest, type DataQueryResponse, LoadingState } from '@grafana/data';
import { catchError, forkJoin, from, map, mergeAll, mergeMap, type Observable, of, toArray } from 'rxjs';

import { type Queryable, toDataQueryError } from './run-request';

export const MIXED_UID = '-- Mixed --';

export interface NamedQueryable extends Queryable {
  readonly name: string;
}

/**
 * The `-- Mixed --` data source (`public/app/plugins/datasource/mixed/MixedDataSource.ts:133-161`): it collects the
 * stream of each group to its end, and waits for all groups. So an endless stream is never shown. A data source
 * recognises `-- Mixed --` by the `requestId`, which begins with `mixed-`, and has to complete.
 */
export class MixedDataSource implements NamedQueryable {
  readonly name = MIXED_UID;
  readonly #getDataSource: (uid: string) => Promise<NamedQueryable>;

  constructor(getDataSource: (uid: string) => Promise<NamedQueryable>) {
    this.#getDataSource = getDataSource;
  }

  query(request: DataQueryRequest): Observable<DataQueryResponse> {
    const groups = groupByUid(request.targets);
    if (groups.length === 0) {
      return of({ data: [] });
    }
    const running = groups.map(({ uid, targets }, index) => this.#queryGroup(uid, targets, index, request));
    return forkJoin(running).pipe(
      map((responses) => finalize(responses.flat())),
      mergeAll()
    );
  }

  #queryGroup(
    uid: string,
    targets: DataQuery[],
    index: number,
    request: DataQueryRequest
  ): Observable<DataQueryResponse[]> {
    const requestId = `mixed-${index}-${request.requestId}`;
    return from(this.#getDataSource(uid)).pipe(
      mergeMap((datasource) =>
        from(datasource.query({ ...request, requestId, targets: structuredClone(targets) })).pipe(
          map((response) => ({
            ...response,
            state: LoadingState.Loading,
            key: `mixed-${index}-${response.key ?? ''}`,
          })),
          toArray(),
          catchError((thrown: unknown) => {
            const error = toDataQueryError(thrown);
            error.message = `${datasource.name}: ${error.message ?? ''}`;
            return of([{ data: [], state: LoadingState.Error, error, key: requestId }]);
          })
        )
      )
    );
  }
}

function groupByUid(targets: DataQuery[]): Array<{ uid: string; targets: DataQuery[] }> {
  const groups = new Map<string, DataQuery[]>();
  for (const target of targets) {
    const uid = target.datasource?.uid;
    if (uid !== undefined && uid !== MIXED_UID) {
      groups.set(uid, [...(groups.get(uid) ?? []), target]);
    }
  }
  return [...groups].map(([uid, grouped]) => ({ uid, targets: grouped }));
}

/** Repeats the first error at the end, so that it decides the state of the panel; else the last response is Done. */
function finalize(responses: DataQueryResponse[]): DataQueryResponse[] {
  const failed = responses.find((response) => response.state === LoadingState.Error);
  if (failed) {
    return [...responses, failed];
  }
  return responses.map((response, index) =>
    index === responses.length - 1 ? { ...response, state: LoadingState.Done } : response
  );
}
