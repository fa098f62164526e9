import type { DataQueryRequest } from '@grafana/data';
import type { Replace } from '../topics';
import type { BackfillChoice, MqttQuery } from '../types';
import { type BackfillPart, coveredMs, isIndependentOfRange, usableParts } from './backfill-part';
import { BackfillResult, type DataSourceFinder } from './backfill-result';

/** A request that nobody waits for is cancelled after so many milliseconds: a refresh leaves and joins again. */
const CANCEL_MS = 1_000;

/** How long rows stay after the last panel that showed them, in milliseconds: zooming out finds them again. */
const LINGER_MS = 5 * 60_000;

/** So many results that no panel shows are stored; the oldest are removed first. */
const MAX_IDLE = 50;

interface Entry {
  /** The query with its variables, without the range; undefined if the rows depend on the range. */
  readonly query: string | undefined;
  readonly result: BackfillResult;
  readers: number;
  linger?: ReturnType<typeof setTimeout>;
}

/**
 * The results of other data sources, shared by all runs of the same query with the same range, interval and variables:
 * Grafana runs a query again at every refresh and edit. A result of another range has rows for this one, too: zooming
 * out requests only those that are missing.
 */
export class BackfillPool {
  readonly #entries = new Map<string, Entry>();
  readonly #finder: DataSourceFinder;

  constructor(finder: DataSourceFinder) {
    this.#finder = finder;
  }

  /**
   * Sends the query, unless it was sent before and has not failed.
   *
   * @param neededUpTo rows are needed up to this time, in milliseconds since the epoch. A result that ends earlier is
   * requested again.
   * @returns the result, and what is to be called when nobody needs it any longer.
   */
  join(
    choice: BackfillChoice,
    request: DataQueryRequest<MqttQuery>,
    replace: Replace,
    neededUpTo: number
  ): { result: BackfillResult; leave: () => void } {
    const { range, intervalMs, maxDataPoints, timezone } = request;
    const replaced = (value: unknown): string => replace(JSON.stringify(value), (text) => JSON.stringify(text));
    const key = replaced([choice, range.raw, intervalMs, maxDataPoints, timezone]);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      const query = isIndependentOfRange(choice) ? replaced([choice, timezone]) : undefined;
      const known = query === undefined ? [] : this.#partsOf(query, request);
      entry = { query, result: new BackfillResult(choice, this.#finder), readers: 0 };
      this.#entries.set(key, entry);
      entry.result.request(request, neededUpTo, known);
    } else if (!entry.result.isLoading && (entry.result.error !== undefined || entry.result.to < neededUpTo)) {
      entry.result.request(request, neededUpTo, entry.query === undefined ? [] : undefined);
    }
    clearTimeout(entry.linger);
    entry.readers++;
    const { result } = entry;
    return { result, leave: () => this.#leave(key, entry) };
  }

  /**
   * The part of a range that other results of a query have: the most that need not be requested, or else the most to
   * show.
   */
  #partsOf(query: string, request: DataQueryRequest<MqttQuery>): readonly BackfillPart[] {
    const from = request.range.from.valueOf();
    const to = request.range.to.valueOf();
    const results = [...this.#entries.values()].flatMap((entry) => (entry.query === query ? [entry.result.parts] : []));
    const largest = (runs: ReadonlyArray<readonly BackfillPart[]>): readonly BackfillPart[] =>
      runs.reduce((a, b) => (coveredMs(b, from, to) > coveredMs(a, from, to) ? b : a), []);
    const usable = largest(results.map((parts) => usableParts(parts, request)));
    return usable.length > 0 ? usable : largest(results);
  }

  #leave(key: string, entry: Entry): void {
    if (--entry.readers > 0) {
      return;
    }
    entry.linger = setTimeout(() => {
      if (entry.result.isLoading) {
        this.#remove(key, entry);
        return;
      }
      entry.linger = setTimeout(() => this.#remove(key, entry), LINGER_MS);
      const idle = [...this.#entries].filter(([, { readers }]) => readers === 0);
      idle.slice(0, Math.max(0, idle.length - MAX_IDLE)).forEach(([each, old]) => this.#remove(each, old));
    }, CANCEL_MS);
  }

  #remove(key: string, entry: Entry): void {
    clearTimeout(entry.linger);
    entry.result.cancel();
    this.#entries.delete(key);
  }
}
