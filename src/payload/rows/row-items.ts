import { isRecord } from '../../utils/is-object';
import { setOwn } from '../formats/values';
import { findTime, isPlausible } from '../time/time-finder';
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

/** The entries whose keys are labels; the time beside them stands in the payload once for all rows. */
function labelledOf(value: Record<string, unknown>, { read, arrival, limit }: Options): Items {
  const { path = [] } = findTime(value, arrival, read) ?? {};
  const keys = Object.keys(value).filter((key) => path.length !== 1 || key !== path[0]);
  const items = keys.slice(0, limit).map((key): Item => ({ value: value[key], labels: { [KEY_LABEL]: key } }));
  return { items, length: keys.length };
}

/** A day without anything between its parts, which as a count would be one of seconds in 1970. */
const DAY = /^((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])$/;

/** The entries whose keys are times; what has another key stands in the payload once for all rows. */
function timedOf(value: Record<string, unknown>, { read, arrival, limit }: Options): Items | string {
  const keys = Object.keys(value);
  const timed = keys.flatMap((key) => {
    const time = read(key.replace(DAY, '$1-$2-$3'), arrival);
    return time === undefined ? [] : [{ value: value[key], time }];
  });
  // A count among times is no time of 1970.
  const plausible = timed.filter(({ time }) => isPlausible(time, arrival));
  const all: Item[] = plausible.length > 0 ? plausible : timed;
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

/** @param length of the lists, where it is known: others in objects are something else. */
function findColumns(value: Record<string, unknown>, path: readonly string[], length?: number): Column[] {
  return Object.entries(value).flatMap(([key, each]): Column[] => {
    const own = [...path, key];
    if (Array.isArray(each)) {
      return length === undefined || each.length === length ? [{ path: own, cells: each }] : [];
    }
    return length !== undefined && isRecord(each) && own.length < MAX_LEVELS ? findColumns(each, own, length) : [];
  });
}

/** Rows of parallel lists, also of those in objects that are as long; all else stands in the payload once for all rows. */
function columnsOf(value: Record<string, unknown>, limit: number): Items | string {
  const lists = findColumns(value, []);
  if (lists.length === 0) {
    return 'has no arrays';
  }
  const length = lists.reduce((most, { cells }) => Math.max(most, cells.length), 0);
  const inside = Object.entries(value).flatMap(([key, each]) =>
    isRecord(each) ? findColumns(each, [key], length) : []
  );
  const columns = [...lists, ...inside];
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
