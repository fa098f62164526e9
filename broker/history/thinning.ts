import type { Series } from './series';

/** A number as JSON writes it, in a payload without anything else. */
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** Longest payload that is looked at. */
const MAX_NUMBER_LENGTH = 32;
/** Rows of an interval that stay at most: the first, the last, the smallest and the largest. */
const ROWS_PER_INTERVAL = 4;

/**
 * Selects rows that draw the same line: of each interval of time the first, the last, the smallest and the largest
 * number. Payloads that are not a number stay.
 *
 * @param from first row
 * @param to row after the last one
 * @param maxPoints maximum rows with numbers; at least one interval stays
 * @returns rows in order; undefined if the topic cannot be thinned, because too many payloads are not a number
 */
export function thin(series: Series, from: number, to: number, maxPoints: number): number[] | undefined {
  const intervals = Math.max(1, Math.floor(maxPoints / ROWS_PER_INTERVAL));
  const start = series.timeOf(from);
  const width = (series.timeOf(to - 1) - start) / intervals;
  const kept: number[] = [];
  let others = 0;
  let interval: Interval | undefined;
  for (let row = from; row < to; row += 1) {
    const value = numberOf(series.payloadOf(row));
    if (value === undefined) {
      others += 1;
      if (others > maxPoints) {
        return undefined;
      }
      kept.push(row);
      continue;
    }
    const index = width > 0 ? Math.min(intervals - 1, Math.floor((series.timeOf(row) - start) / width)) : 0;
    if (interval?.index === index) {
      interval.last = row;
      if (value < interval.least) {
        [interval.least, interval.leastRow] = [value, row];
      }
      if (value > interval.most) {
        [interval.most, interval.mostRow] = [value, row];
      }
    } else {
      addRows(interval, kept);
      interval = { index, first: row, last: row, least: value, leastRow: row, most: value, mostRow: row };
    }
  }
  addRows(interval, kept);
  return kept.toSorted((a, b) => a - b);
}

interface Interval {
  index: number;
  first: number;
  last: number;
  least: number;
  leastRow: number;
  most: number;
  mostRow: number;
}

function addRows(interval: Interval | undefined, kept: number[]): void {
  if (interval) {
    const { first, last, leastRow, mostRow } = interval;
    kept.push(...new Set([first, leastRow, mostRow, last]));
  }
}

function numberOf(payload: string): number | undefined {
  return payload.length <= MAX_NUMBER_LENGTH && NUMBER.test(payload) ? Number(payload) : undefined;
}
