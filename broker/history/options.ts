import { filterFault, quote } from '../topic';

/** How much a historian keeps. Where one of them is reached, the oldest goes. */
export interface HistoryLimits {
  /** Seconds that a message is kept. */
  age: number;
  /** Messages of one topic. */
  messages: number;
  /** Bytes of all messages together, each counted with {@link ROW_OVERHEAD} more than its payload. */
  bytes: number;
  /** Topics; with more, the one that was written least recently goes. */
  topics: number;
}

/** What a broker keeps of the past. */
export interface HistoryOptions extends Partial<HistoryLimits> {
  /** What matches one of these filters is kept. */
  filters: readonly string[];
  /** The topic below which is asked and answered. Default: `history`. */
  root?: string;
  /** Keeps it in this folder too, over a restart. Default: in memory alone. */
  directory?: string;
}

/** Default, smallest and largest value. */
export const HISTORY_RANGES: Readonly<Record<keyof HistoryLimits, readonly [number, number, number]>> = {
  age: [24 * 3_600, 1, 10 * 366 * 24 * 3_600],
  messages: [10_000, 1, 10_000_000],
  bytes: [64 << 20, 1 << 20, Number.MAX_SAFE_INTEGER],
  topics: [10_000, 1, 1_000_000],
};

export const HISTORY_LIMITS = Object.keys(HISTORY_RANGES) as Array<keyof HistoryLimits>;

/** What a message costs beside its payload, in bytes. */
export const ROW_OVERHEAD = 48;
/** What a topic costs beside its name and its messages, in bytes. */
export const TOPIC_OVERHEAD = 1_024;
/** Payloads of more bytes are not kept: a picture would take the place of thousands of readings. */
export const MAX_PAYLOAD_BYTES = 256 << 10;

/**
 * The given limits over the defaults.
 *
 * @throws RangeError when one is not a whole number within its bounds
 */
export function resolveHistoryLimits(given: Partial<HistoryLimits>): HistoryLimits {
  const limits: HistoryLimits = { age: 0, messages: 0, bytes: 0, topics: 0 };
  for (const name of HISTORY_LIMITS) {
    const [usual, min, max] = HISTORY_RANGES[name];
    const value = given[name] ?? usual;
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new RangeError(`Expected history.${name} to be a whole number from ${min} to ${max}, got ${String(value)}`);
    }
    limits[name] = value;
  }
  return limits;
}

/** Says what is wrong with a filter of what is kept, or undefined when nothing is. */
export function validateRecordedFilter(filter: string): string | undefined {
  const fault = filter.startsWith('$') ? 'begins with $, and such topics are not kept' : filterFault(filter);
  return fault && `${quote(filter)} ${fault}`;
}
