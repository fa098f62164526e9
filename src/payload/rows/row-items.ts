import { isRecord } from '../../utils/is-object';
import { setOwn } from '../formats/values';
import type { TimeReader } from '../time/times';
import type { Row } from './rows';

/**
 * The parts of a payload that are rows. `items`: each item of an array, whatever it is. `times`, `keys`: each entry of
 * an object, whose key is the time of the row or its label `key`. `columns`: the items of one position in all arrays of
 * an object.
 */
export type RowsAs = 'items' | 'times' | 'keys' | 'columns';

/** The label that has the key of an entry. */
export const KEY_LABEL = 'key';

/** One row, and what is known of it besides its value. */
type Item = Pick<Row, 'value' | 'time' | 'labels'>;

/**
 * @param value what lies at the path of the rows.
 * @param limit rows that are made.
 * @returns the rows, and how many there are in the payload; in words why there are none.
 */
export function itemsOf(
  value: unknown,
  how: RowsAs,
  { read, arrival, limit }: { read: TimeReader; arrival: number; limit: number }
): { items: Item[]; length: number } | string {
  if (how === 'items') {
    return Array.isArray(value)
      ? { items: value.slice(0, limit).map((each: unknown) => ({ value: each })), length: value.length }
      : 'is not an array';
  }
  if (!isRecord(value)) {
    return 'is not an object';
  }
  if (how === 'columns') {
    return columnsOf(value, limit);
  }
  const keys = Object.keys(value);
  const items = keys.slice(0, limit).map((key): Item => {
    const each = value[key];
    return how === 'keys'
      ? { value: each, labels: { [KEY_LABEL]: key } }
      : { value: each, ...timeOf(read(key, arrival)) };
  });
  return how === 'times' && items.length > 0 && items.every(({ time }) => time === undefined)
    ? 'has no key that is a time'
    : { items, length: keys.length };
}

function timeOf(time: number | undefined): { time: number } | undefined {
  return time === undefined ? undefined : { time };
}

/** Rows of parallel arrays; what is no array stands in the payload once for all rows. */
function columnsOf(value: Record<string, unknown>, limit: number): { items: Item[]; length: number } | string {
  const columns = Object.entries(value).filter((entry): entry is [string, unknown[]] => Array.isArray(entry[1]));
  if (columns.length === 0) {
    return 'has no arrays';
  }
  const length = columns.reduce((most, [, { length }]) => Math.max(most, length), 0);
  const items = Array.from({ length: Math.min(length, limit) }, (_, i): Item => {
    const row: Record<string, unknown> = {};
    for (const [key, column] of columns) {
      if (i < column.length) {
        setOwn(row, key, column[i]);
      }
    }
    return { value: row };
  });
  return { items, length };
}
