import {
  type DataQueryError,
  type DataQueryRequest,
  type DataSourceApi,
  LoadingState,
  type ScopedVars,
} from '@grafana/data';
import { from, mergeMap, Subscription, takeWhile } from 'rxjs';
import { ListenerSet } from '../connection/listener-set';
import type { BackfillChoice, MqttQuery } from '../types';
import { type BackfillPart, missingSpans, requestFor, usableParts } from './backfill-part';

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

/** The response of another data source to one query of it, and whether more is on its way. */
export class BackfillResult {
  readonly #finder: DataSourceFinder;
  readonly #choice: BackfillChoice;
  readonly #changes = new ListenerSet();
  #subscription = new Subscription();
  /** Requests that have rows on their way. */
  readonly #loading = new Set<DataQueryRequest<MqttQuery>>();
  /** The frames that have arrived, oldest first; a new array after each response. */
  parts: readonly BackfillPart[] = [];
  /** The name of the data source, as soon as it is known. */
  name = '';
  /** Why the last request failed, in the words of the data source. */
  error: string | undefined;

  constructor(choice: BackfillChoice, finder: DataSourceFinder) {
    this.#choice = choice;
    this.#finder = finder;
  }

  /** Calls back when rows or an error have arrived. @returns unsubscribes. */
  readonly onChange = this.#changes.subscribe;

  get isLoading(): boolean {
    return this.#loading.size > 0;
  }

  /** The end of the newest range that was requested, in milliseconds since the epoch. */
  get to(): number {
    return this.parts.at(-1)?.to ?? -Infinity;
  }

  /**
   * Sends the query with the range, the interval and the variables of a panel's request, for the spans of the range that
   * are missing. The rows so far stay.
   *
   * @param neededUpTo rows after this time are not needed, in milliseconds since the epoch.
   * @param known parts of this query, oldest first, which may have come for another range.
   */
  request(request: DataQueryRequest<MqttQuery>, neededUpTo: number, known: readonly BackfillPart[] = this.parts): void {
    this.cancel();
    this.error = undefined;
    const usable = usableParts(known, request);
    // Rows that cannot be used are shown until the response
    this.parts = usable.length > 0 ? usable : known;
    let isFirst = usable.length === 0;
    const replace = (old: BackfillPart | undefined, part: BackfillPart): void => {
      const others = isFirst ? [] : this.parts.filter((each) => each !== old);
      isFirst = false;
      this.parts = [...others, part].toSorted((a, b) => a.from - b.from);
    };
    for (const span of missingSpans(usable, request, neededUpTo)) {
      this.#send(requestFor(request, span), replace);
    }
  }

  cancel(): void {
    this.#subscription.unsubscribe();
    this.#subscription = new Subscription();
    this.#loading.clear();
  }

  #send(
    request: DataQueryRequest<MqttQuery>,
    replace: (old: BackfillPart | undefined, part: BackfillPart) => void
  ): void {
    const { datasource, query } = this.#choice;
    const targets = [{ ...query, refId: query.refId || 'A', datasource }];
    const forwarded = { ...request, targets, requestId: `backfill-${++requests}-${request.requestId}` };
    const byKey = new Map<string, readonly unknown[]>();
    let part: BackfillPart | undefined;
    let hasFailed = false;
    this.#loading.add(request);
    const show = (isComplete: boolean): void => {
      const { range, intervalMs } = request;
      const span = { from: range.from.valueOf(), to: range.to.valueOf(), intervalMs };
      const next = { ...span, frames: [...byKey.values()].flat(), isComplete };
      replace(part, next);
      part = next;
    };
    const fail = (error: unknown): void => {
      hasFailed = true;
      this.error = wordsOf(error);
    };
    const end = (): void => {
      this.#loading.delete(request);
      if (!hasFailed) {
        show(true);
      }
      this.#changes.notify();
    };
    const responses = from(this.#finder.get(datasource, request.scopedVars)).pipe(
      mergeMap((source) => {
        this.name = source.name;
        this.#refuse(source);
        return from(source.query(forwarded));
      }),
      // The first rows of a stream are those that it has of the past.
      takeWhile(({ state }) => state !== LoadingState.Streaming, true)
    );
    this.#subscription.add(
      responses.subscribe({
        // A response replaces the one before with the same key, as in a panel.
        next: ({ key, data, error, errors, state }) => {
          const failed = error ?? errors?.[0];
          if (failed !== undefined) {
            fail(failed);
          }
          byKey.set(key ?? '', data);
          const isLoading = state === LoadingState.Loading;
          this.#loading[isLoading ? 'add' : 'delete'](request);
          show(!isLoading && !hasFailed);
          this.#changes.notify();
        },
        error: (error: unknown) => {
          fail(error);
          end();
        },
        complete: end,
      })
    );
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
}

/** The message of an error, wherever a data source puts it. */
function wordsOf(error: unknown): string {
  if (typeof error === 'string') {
    return error;
  }
  const { message, data, statusText }: DataQueryError = error ?? {};
  return data?.message || data?.error || message || statusText || 'The request failed.';
}
