import type { DataQueryRequest } from '@grafana/data';
import type { Replace } from '../topics';
import type { BackfillChoice, MqttQuery } from '../types';
import { getOrSet } from '../utils/get-or-set';
import { BackfillResult, type DataSourceFinder } from './backfill-result';

/** A request that nobody waits for is cancelled after so many milliseconds: a refresh leaves and joins again. */
const CANCEL_MS = 1_000;

/** How long rows stay after the last panel that showed them, in milliseconds: zooming out finds them again. */
const LINGER_MS = 5 * 60_000;

/** So many results that no panel shows are stored; the oldest are removed first. */
const MAX_IDLE = 50;

interface Entry {
  readonly result: BackfillResult;
  readers: number;
  linger?: ReturnType<typeof setTimeout>;
}

/**
 * The results of other data sources, shared by all runs of the same query with the same range, interval and variables:
 * Grafana runs a query again at every refresh and edit.
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
    const text = JSON.stringify([choice, range.raw, intervalMs, maxDataPoints, timezone]);
    const key = replace(text, (value) => JSON.stringify(value));
    const entry = getOrSet(this.#entries, key, (): Entry => ({
      result: new BackfillResult(choice, this.#finder),
      readers: 0,
    }));
    const { result } = entry;
    clearTimeout(entry.linger);
    entry.readers++;
    if (!result.isLoading && (result.error !== undefined || result.to < neededUpTo)) {
      result.request(request);
    }
    return { result, leave: () => this.#leave(key, entry) };
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
