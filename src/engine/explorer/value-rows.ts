import type { Path } from '../../payload/columns/batch';
import { formatPath } from '../../payload/columns/names';
import { CLEARED } from '../../payload/decoded';
import { isExact } from '../../payload/convert';
import { jsonIn, parsePath } from '../../payload/paths';
import { Rows } from '../../payload/rows/rows';
import { isNearbyMillis, isPlausible, isTimeName } from '../../payload/time/time-finder';
import { createTimeReader } from '../../payload/time/times';
import { parseQuantity, type Quantity } from '../../payload/units/quantity';
import type { UnitFinder } from '../../payload/units/unit-words';
import { pairOf } from '../../payload/word-pairs';
import type { ValueRow } from '../explorer-protocol';

/** Values of a message that are shown. */
const MAX_VALUES = 300;

/** Characters of a value that are shown. */
const MAX_TEXT = 200;

/** Only digits, after a zero, are an identifier, or the number of a meter: a person has to say which. */
const LEADING_ZERO = /^\s*[+-]?0\d+\s*$/;

const readTime = createTimeReader();

/** The context of a value: its message, the query's rows, and the units. */
export interface ValueContext {
  readonly topic: string;
  /** Milliseconds since the epoch. */
  readonly arrival: number;
  /** The path of an array whose items are rows, as the query has it. */
  readonly rows: string | undefined;
  /** The field that the payload is in, if the topic names it. */
  readonly field?: string | undefined;
  /** The engine's: a part of the engine has no table of units of its own. */
  readonly Units: typeof UnitFinder;
}

/**
 * The values of a decoded payload as lines of a tree, with what suggests how to read each of them.
 *
 * @param value what a decoder has made of the payload.
 * @param before the same of the message before.
 */
export function valueRows(
  value: unknown,
  before: unknown,
  context: ValueContext
): { values: ValueRow[]; cut: boolean } {
  const earlier =
    before === undefined ? undefined : new Map(new Walk(context).run(before).map((row) => [row.key, row.row.text]));
  const found = new Walk(context).run(value);
  const values = found.slice(0, MAX_VALUES).map(({ key, row }): ValueRow => {
    const text = earlier?.get(key);
    return earlier === undefined || text === row.text || isContainer(row) ? row : { ...row, before: text ?? 'missing' };
  });
  return { values, cut: found.length > MAX_VALUES };
}

interface Found {
  /** The path in the whole payload. */
  readonly key: string;
  readonly row: ValueRow;
}

class Walk {
  readonly #context: ValueContext;
  readonly #rowsPath: string | undefined;
  readonly #found: Found[] = [];

  constructor(context: ValueContext) {
    this.#context = context;
    this.#rowsPath = context.rows === undefined ? undefined : safePath(context.rows);
  }

  run(value: unknown): Found[] {
    if (value instanceof Rows) {
      for (const [i, { value: item, labels }] of value.rows.entries()) {
        const names = Object.values(labels ?? {}).join(' ');
        this.#walk(item, { key: names === '' ? `[${i}]` : names, depth: 0, path: [i], base: 1, unitsOf: item });
      }
    } else if (value !== CLEARED) {
      const isList = Array.isArray(value) && isListOfObjects(value);
      this.#walk(value, { key: '', depth: 0, path: [], base: 0, unitsOf: value }, isList);
    }
    return this.#found;
  }

  #walk(
    value: unknown,
    at: { key: string; depth: number; path: Path; base: number; unitsOf: unknown },
    isSplit = false
  ): void {
    // One more than are shown says that there are more.
    if (this.#found.length > MAX_VALUES) {
      return;
    }
    const { key, depth, path, base, unitsOf } = at;
    const whole = formatPath(path);
    const own = formatPath(path.slice(base));
    const inner = typeof value === 'string' ? jsonIn(value) : value;
    if (typeof inner !== 'object' || inner === null) {
      this.#found.push({ key: whole, row: this.#leaf(value, key, depth, path.slice(base), unitsOf) });
      return;
    }
    const isList = Array.isArray(inner);
    const entries: Array<[string | number, unknown]> = isList
      ? inner.map((item, i) => [i, item])
      : Object.entries(inner);
    const isText = inner !== value;
    if (path.length > 0 || isList || isText) {
      const isRows = isList && isListOfObjects(inner);
      const noun = isList ? 'item' : 'value';
      const text = `${entries.length} ${noun}${entries.length === 1 ? '' : 's'}${isText ? ' in a text' : ''}`;
      this.#found.push({
        key: whole,
        row: {
          key,
          depth,
          kind: isList ? 'list' : 'object',
          text,
          path: own,
          ...(isRows ? { isRows } : undefined),
        },
      });
    }
    const splits = isSplit || (isList && whole === this.#rowsPath);
    const below = path.length > 0 || isList || isText ? depth + 1 : depth;
    for (const [name, item] of entries) {
      const next = [...path, name];
      this.#walk(item, {
        key: typeof name === 'number' ? `[${name}]` : name,
        depth: below,
        path: next,
        base: splits ? next.length : base,
        unitsOf: splits ? item : unitsOf,
      });
    }
  }

  #leaf(value: unknown, key: string, depth: number, path: Path, unitsOf: unknown): ValueRow {
    const { topic, arrival, field, Units } = this.#context;
    const text = typeof value === 'string' ? value : (JSON.stringify(value, exact) ?? 'null');
    const written = formatPath(path);
    const row = {
      key,
      depth,
      text: text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text,
      path: written,
      ...(field === undefined ? undefined : { fieldPath: formatPath([field, ...path]) }),
    };
    if (typeof value === 'number' || typeof value === 'bigint') {
      const units = new Units(unitsOf);
      const found = units.find(path);
      const known = units.findKnown(path, topic);
      // A unit that stands in the message goes before a known one; one that is only known of its key does not.
      const payloadUnit = known !== undefined && found?.at === undefined ? undefined : found?.unit;
      const unit = payloadUnit === undefined ? known : undefined;
      return {
        ...row,
        kind: 'number',
        ...(payloadUnit === undefined ? undefined : { payloadUnit }),
        ...(unit === undefined ? undefined : { unit }),
        ...this.#time(value, path),
      };
    }
    if (typeof value === 'string') {
      const words = pairOf([value]);
      const unit = new Units(unitsOf).findKnown(path, topic);
      const quantity = quantityIn(value);
      const payloadUnit = quantity?.unit === '' ? undefined : quantity?.unit;
      return {
        ...row,
        kind: 'string',
        ...(quantity === undefined ? undefined : { type: 'number' as const, readsAs: readAs(quantity) }),
        ...(payloadUnit === undefined ? undefined : { payloadUnit }),
        ...(quantity === undefined || payloadUnit !== undefined || unit === undefined ? undefined : { unit }),
        ...(words === undefined || quantity !== undefined ? undefined : { words }),
        ...this.#time(value, path, arrival),
      };
    }
    return { ...row, kind: typeof value === 'boolean' ? 'boolean' : 'null' };
  }

  #time(value: unknown, path: Path, arrival = this.#context.arrival): { isTime: true } | undefined {
    if (!isTimeName(path.at(-1))) {
      return typeof value === 'number' && isLikeTime(value, arrival) ? { isTime: true } : undefined;
    }
    const time = readTime(value, arrival);
    return time !== undefined && isPlausible(time, arrival) ? { isTime: true } : undefined;
  }
}

/**
 * Whether a number of seconds or milliseconds is near the arrival. Ten digits under the name of no time may also be a
 * counter: they stay a number until a person says that they are a time.
 */
function isLikeTime(value: number, arrival: number): boolean {
  return isNearbyMillis(value, arrival) || isNearbyMillis(value * 1_000, arrival);
}

/** The number that a text is, perhaps with a unit, if a field of the type Number reads it without a loss. */
function quantityIn(text: string): Quantity | undefined {
  const quantity = LEADING_ZERO.test(text) ? undefined : parseQuantity(text);
  return quantity !== undefined && Number.isFinite(quantity.value) && isExact(quantity.value, text)
    ? quantity
    : undefined;
}

function readAs({ value, unit }: Quantity): string {
  return unit === '' ? String(value) : `${value} ${unit}`;
}

function isContainer({ kind }: ValueRow): boolean {
  return kind === 'object' || kind === 'list';
}

function isListOfObjects(list: readonly unknown[]): boolean {
  return list.length > 0 && list.every((item) => typeof item === 'object' && item !== null && !Array.isArray(item));
}

/** JSON has no number that is exact beyond 2^53, and none that is not finite. */
function exact(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value)) ? String(value) : value;
}

/** A path as `formatPath` writes it; undefined for one that cannot be read. */
function safePath(text: string): string | undefined {
  try {
    return formatPath(parsePath(text));
  } catch {
    return undefined;
  }
}
