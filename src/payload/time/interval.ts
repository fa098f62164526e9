import { quote } from '../../utils/quote';
import { scalarText } from '../convert';
import { compilePath, type Getter, parsePath } from '../paths';
import { MILLISECONDS } from './times';

/** How an interval is counted: in units of time, or as a rate. */
export type IntervalUnit = 'min' | 's' | 'ms' | 'us' | 'ns' | 'Hz';

/** Milliseconds between two samples of a payload; in words why there are none. */
export type IntervalReader = (payload: unknown) => number | string;

/**
 * @param interval a number; or the path of one in the payload.
 * @param unit of the number.
 * @throws {PathError} for text that is neither.
 */
export function createIntervalReader(interval: string, unit: IntervalUnit = 'ms'): IntervalReader {
  const text = interval.trim();
  const constant = Number(text);
  const get: Getter | undefined = Number.isFinite(constant) ? undefined : compilePath(parsePath(text));
  return (payload) => {
    const found = get === undefined ? constant : get(payload);
    const value = typeof found === 'string' ? Number(found) : found;
    if (typeof value !== 'number' || !(value > 0) || !Number.isFinite(value)) {
      const where = get === undefined ? '' : ` at "${text}"`;
      const what =
        found === undefined ? 'is none' : `is ${quote(scalarText(found) ?? 'no value')}, not a number above 0`;
      return `The interval of the rows${where} ${what}, so all of them have one time.`;
    }
    return unit === 'Hz' ? 1_000 / value : value * MILLISECONDS[unit];
  };
}
