import { compilePath, type Getter, parsePath } from '../paths';

/** How an interval is counted: in units of time, or as a rate. */
export type IntervalUnit = 's' | 'ms' | 'us' | 'ns' | 'Hz';

const MILLISECONDS: Readonly<Record<Exclude<IntervalUnit, 'Hz'>, number>> = { s: 1_000, ms: 1, us: 1e-3, ns: 1e-6 };

/** Milliseconds between two samples of a payload; `undefined` where it does not say. */
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
