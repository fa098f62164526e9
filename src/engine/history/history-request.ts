import type { HistoryPart } from './history-response';

/** How a request ended, after all parts of the response. */
export type HistoryResult =
  /**
   * There is no historian, or the broker does not allow requests to it. `until`: when there may be one: `announced` by its
   * status, `later` without one; `never` for what it does not record.
   */
  | { readonly state: 'none'; readonly until: 'never' | 'announced' | 'later' }
  /** `isBack`: the historian has started again since, and knows nothing of the request. */
  | { readonly state: 'failed'; readonly reason: string; readonly isBack?: true }
  | { readonly state: 'cancelled' }
  /** `truncated`: the historian had more in the span, and has dropped it. */
  | { readonly state: 'done'; readonly truncated: boolean; readonly userProperties: boolean };

/** A part of a response, and the topic of the mark at which the response ends. */
export type OnPart = (part: HistoryPart, mark: string | undefined, isLast: boolean) => void;

export interface HistoryRequest {
  /** Never rejects. */
  readonly result: Promise<HistoryResult>;
  readonly cancel: () => void;
}

/** Filters of one request, by the protocol. */
const MAX_FILTERS = 20;

/** Filters as those of requests, each of which has as many as it may have. */
export function inRequests(filters: readonly string[]): string[][] {
  const groups: string[][] = [];
  for (let at = 0; at < filters.length; at += MAX_FILTERS) {
    groups.push(filters.slice(at, at + MAX_FILTERS));
  }
  return groups;
}
