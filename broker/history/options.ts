import { resolveRanges, type Range } from '../limits';
import { validateFilter, quoteName } from '../topic';

/** Limits of a history. At each of them the oldest messages are evicted. */
export interface HistoryLimits {
  /** Maximum age of a message, in seconds. */
  age: number;
  /** Maximum messages of one topic. */
  messages: number;
  /** Maximum bytes of all topics: each message counts with its payload and {@link ROW_OVERHEAD}, each topic with {@link TOPIC_OVERHEAD}. */
  bytes: number;
  /** Maximum topics; the least recently written one is evicted. */
  topics: number;
}

/** A history: its filters, its limits and its storage. */
export interface HistoryOptions extends Partial<HistoryLimits> {
  /** Topic filters of the recorded messages. */
  filters: readonly string[];
  /** Root topic of requests, responses and status. Default: `history`. */
  root?: string;
  /** Folder that stores the history over a restart. Default: memory only. */
  directory?: string;
}

/** The range of each limit. */
export const HISTORY_RANGES: Readonly<Record<keyof HistoryLimits, Range>> = {
  age: [24 * 3_600, 1, 10 * 366 * 24 * 3_600],
  messages: [10_000, 1, 10_000_000],
  bytes: [64 << 20, 1 << 20, Number.MAX_SAFE_INTEGER],
  topics: [10_000, 1, 1_000_000],
};

/** Memory of a message in addition to its payload, in bytes. */
export const ROW_OVERHEAD = 48;
/** Memory of a topic in addition to its name and messages, in bytes. */
export const TOPIC_OVERHEAD = 1_024;
/** Largest recorded payload, in bytes: a picture would take the place of thousands of readings. */
export const MAX_PAYLOAD_BYTES = 256 << 10;

/**
 * The given limits over the defaults.
 *
 * @throws RangeError when a limit is not a whole number within its range
 */
export function resolveHistoryLimits(given: Partial<HistoryLimits>): HistoryLimits {
  return resolveRanges(HISTORY_RANGES, given, 'history');
}

/** Describes what is wrong with the filter of a history; undefined for a valid one. */
export function validateRecordedFilter(filter: string): string | undefined {
  const error = filter.startsWith('$') ? 'begins with $, and such topics are never recorded' : validateFilter(filter);
  return error && `${quoteName(filter)} ${error}`;
}
