import type { HistoryRequest } from './protocol';
import type { Series } from './series';
import type { HistoryStore } from './store';
import { thin } from './thinning';

/** The messages of one topic in a response: rows `from` (inclusive) to `to` (exclusive) of the series. */
export interface Selected {
  readonly series: Series;
  readonly from: number;
  readonly to: number;
  /** The rows of a thinned topic, in order; undefined for all rows between `from` and `to`. */
  readonly rows: readonly number[] | undefined;
}

/** The messages of a response, as they were at one moment. Messages that come later do not belong to it. */
export interface Selection {
  readonly topics: readonly Selected[];
  /** Number of messages. */
  readonly total: number;
  /** The range has more messages than the response: because of `limit`, or because they were evicted. */
  readonly truncated: boolean;
}

/**
 * Selects the messages of a response, in one go, so that every message published before this call belongs to the
 * response and no message published after it.
 *
 * @param mayRead whether the client may read a topic
 */
export function select(
  store: HistoryStore,
  { filters, from, to, limit, maxPoints }: HistoryRequest,
  mayRead: (topic: string) => boolean
): Selection {
  const topics: Selected[] = [];
  const seen = new Set<Series>();
  let truncated = store.evictedUntil >= from;
  let total = 0;
  for (const filter of filters) {
    for (const series of store.matching(filter)) {
      if (seen.has(series) || !mayRead(series.topic)) {
        continue;
      }
      seen.add(series);
      const start = series.searchFrom(from);
      const stop = series.searchAfter(to);
      const first = Math.max(start, stop - limit);
      truncated ||= first > start || series.evictedUntil >= from;
      if (stop > first) {
        const rows = stop - first > maxPoints ? thin(series, first, stop, maxPoints) : undefined;
        topics.push({ series, from: first, to: stop, rows });
        total += rows?.length ?? stop - first;
      }
    }
  }
  return { topics, total, truncated };
}
