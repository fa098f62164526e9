import { compilePath, type Getter, parsePath } from '../paths';
import { MILLISECONDS } from './times';

/** How an interval is counted: in units of time, or as a rate. */
export type IntervalUnit = 's' | 'ms' | 'us' | 'ns' | 'Hz';

/** Milliseconds between two samples of a payload; `undefined` if it does not say. */
export type IntervalReader = (payload: unknown) => number | undefined;

/**
 * @param interval a number; or the path of one in the payload.
 * @param unit of the number.
 * @throws {PathError} for text that is neither.
 */
export function createIntervalReader(interval: string, unit: IntervalUnit = 'ms'): IntervalReader {
  const text = interval.trim();
  const constant = Number(text);
  const get: Getter = Number.isFinite(constant) ? () => constant : compilePath(parsePath(text));
  return (payload) => {
    const found = get(payload);
    const value = typeof found === 'string' ? Number(found) : found;
    if (typeof value !== 'number' || !(value > 0) || !Number.isFinite(value)) {
      return undefined;
    }
    return unit === 'Hz' ? 1_000 / value : value * MILLISECONDS[unit];
  };
}
