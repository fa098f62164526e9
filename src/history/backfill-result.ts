import {
  type DataQueryError,
  type DataQueryRequest,
  type DataQueryResponse,
  type DataSourceApi,
  LoadingState,
  type ScopedVars,
} from '@grafana/data';
import { from, mergeMap, type Subscription, takeWhile } from 'rxjs';
import { ListenerSet } from '../connection/listener-set';
import type { BackfillChoice, MqttQuery } from '../types';

/** Grafana's data sources. */
export interface DataSourceFinder {
  /** Rejects if there is no such data source. */
  get(ref: BackfillChoice['datasource'], scopedVars: ScopedVars): Promise<DataSourceApi>;
  /** Whether a data source is one of this plugin's, which cannot backfill each other. */
  isOwn(source: DataSourceApi): boolean;
}

/** Data sources of Grafana itself that would send the panel's own query again, by plugin id. */
const REFUSED: readonly string[] = ['mixed', 'dashboard', '__expr__'];

let requests = 0;

/** What another data source has responded to one query of it, and whether more is on its way. */
export class BackfillResult {
  readonly #finder: DataSourceFinder;
  readonly #choice: BackfillChoice;
  readonly #changes = new ListenerSet();
  #byKey = new Map<string, readonly unknown[]>();
  #subscription: Subscription | undefined;
  /** What has arrived, in any of Grafana's formats; a new array after each response. */
  frames: readonly unknown[] = [];
  /** The name of the data source, as soon as it is known. */
  name = '';
  /** Why the last request failed, in the words of the data source. */
  error: string | undefined;
  isLoading = false;
  /** The end of the range of the last request, in milliseconds since the epoch. */
  to = -Infinity;

  constructor(choice: BackfillChoice, finder: DataSourceFinder) {
    this.#choice = choice;
    this.#finder = finder;
  }

  /** Calls back when rows or an error have arrived. @returns unsubscribes. */
  readonly onChange = this.#changes.subscribe;

  /** Sends the query with the range, the interval and the variables of a panel's request. The rows so far stay. */
  request(request: DataQueryRequest<MqttQuery>): void {
    this.cancel();
    this.isLoading = true;
    this.error = undefined;
    this.to = request.range.to.valueOf();
    const { datasource, query } = this.#choice;
    const targets = [{ ...query, refId: query.refId || 'A', datasource }];
    const forwarded = { ...request, targets, requestId: `backfill-${++requests}-${request.requestId}` };
    this.#byKey = new Map();
    this.#subscription = from(this.#finder.get(datasource, request.scopedVars))
      .pipe(
        mergeMap((source) => {
          this.name = source.name;
          this.#refuse(source);
          return from(source.query(forwarded));
        }),
        // The first rows of a stream are those that it has of the past.
        takeWhile(({ state }) => state !== LoadingState.Streaming, true)
      )
      .subscribe({
        next: (response) => this.#add(response),
        error: (error: unknown) => {
          this.error = wordsOf(error);
          this.#end();
        },
        complete: () => this.#end(),
      });
  }

  cancel(): void {
    this.#subscription?.unsubscribe();
    this.isLoading = false;
  }

  #refuse(source: DataSourceApi): void {
    if (this.#finder.isOwn(source)) {
      throw new Error(
        'A data source of MQTT Stream has no older rows for another one. Choose a data source that stores them, such as InfluxDB.'
      );
    }
    if (REFUSED.includes(source.meta?.id ?? source.type)) {
      throw new Error('This data source sends the queries of other data sources. Choose one of those.');
    }
  }

  /** A response replaces the one before with the same key, as in a panel. */
  #add({ key, data, error, errors, state }: DataQueryResponse): void {
    const failed = error ?? errors?.[0];
    if (failed !== undefined) {
      this.error = wordsOf(failed);
    }
    this.#byKey.set(key ?? '', data);
    this.frames = [...this.#byKey.values()].flat();
    this.isLoading = state === LoadingState.Loading;
    this.#changes.notify();
  }

  #end(): void {
    this.isLoading = false;
    this.#changes.notify();
  }
}

/** The message of an error, wherever a data source puts it. */
function wordsOf(error: unknown): string {
  if (typeof error === 'string') {
    return error;
  }
  const { message, data, statusText }: DataQueryError = error ?? {};
  return data?.message || data?.error || message || statusText || 'The request failed.';
}
