import { isObject, isRecord } from '../../utils/is-object';
import { setOwn } from '../formats/values';
import { isPlausible, isTimeName } from '../time/time-finder';
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

interface Items {
  readonly items: readonly Item[];
  /** How many there are in the payload. */
  readonly length: number;
}

/**
 * @param value what lies at the path of the rows.
 * @param limit rows that are made.
 * @returns the rows, and how many there are in the payload; in words why there are none.
 */
export function itemsOf(value: unknown, how: RowsAs, { read, arrival, limit }: Options): Items | string {
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
  return how === 'keys' ? labelledOf(value, { read, arrival, limit }) : timedOf(value, { read, arrival, limit });
}

interface Options {
  readonly read: TimeReader;
  readonly arrival: number;
  readonly limit: number;
}

/**
 * The entries whose keys are labels. What is no object or list beside such stands in the payload once for all rows; and
 * so does the time beside single values.
 */
function labelledOf(value: Record<string, unknown>, { read, arrival, limit }: Options): Items {
  const all = Object.keys(value);
  const objects = all.filter((key) => isObject(value[key]));
  const isTime = (key: string): boolean => {
    const time = isTimeName(key) ? read(value[key], arrival) : undefined;
    return time !== undefined && isPlausible(time, arrival);
  };
  const keys = objects.length > 0 ? objects : all.filter((key) => !isTime(key));
  const items = keys.slice(0, limit).map((key): Item => ({ value: value[key], labels: { [KEY_LABEL]: key } }));
  return { items, length: keys.length };
}

/** The entries whose keys are times; what has another key stands in the payload once for all rows. */
function timedOf(value: Record<string, unknown>, { read, arrival, limit }: Options): Items | string {
  const keys = Object.keys(value);
  const all = keys.flatMap((key): Item[] => {
    const time = read(key, arrival);
    return time === undefined ? [] : [{ value: value[key], time }];
  });
  return all.length === 0 && keys.length > 0
    ? 'has no key that is a time'
    : { items: all.slice(0, limit), length: all.length };
}

/** Objects in which parallel lists are looked for, one within the other. */
const MAX_LEVELS = 4;

interface Column {
  readonly path: readonly string[];
  readonly cells: readonly unknown[];
}

function findColumns(value: Record<string, unknown>, path: readonly string[]): Column[] {
  return Object.entries(value).flatMap(([key, each]): Column[] => {
    const own = [...path, key];
    return Array.isArray(each)
      ? [{ path: own, cells: each }]
      : isRecord(each) && own.length < MAX_LEVELS
        ? findColumns(each, own)
        : [];
  });
}

/** Rows of parallel lists, also of those in objects; what is no list stands in the payload once for all rows. */
function columnsOf(value: Record<string, unknown>, limit: number): Items | string {
  const columns = findColumns(value, []);
  if (columns.length === 0) {
    return 'has no arrays';
  }
  const length = columns.reduce((most, { cells }) => Math.max(most, cells.length), 0);
  const items = Array.from({ length: Math.min(length, limit) }, (_, i): Item => {
    const row: Record<string, unknown> = {};
    for (const { path, cells } of columns) {
      if (i < cells.length) {
        setAt(row, path, cells[i]);
      }
    }
    return { value: row };
  });
  return { items, length };
}

function setAt(row: Record<string, unknown>, path: readonly string[], cell: unknown): void {
  let object = row;
  for (const key of path.slice(0, -1)) {
    if (!Object.hasOwn(object, key)) {
      setOwn(object, key, {});
    }
    object = object[key] as Record<string, unknown>;
  }
  setOwn(object, path.at(-1)!, cell);
}
