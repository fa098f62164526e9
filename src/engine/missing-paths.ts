import { formatPath, parsePath, type RowMappingSpec, Rows, type UserProperties } from '../payload';
import { compilePath, compileRowsPath, type Getter, jsonIn } from '../payload/paths';
import { inField } from '../payload/rows/in-field';
import { editDistance } from '../topics';
import { isObject } from '../utils/is-object';
import type { MissingPath } from './protocol';

/** Paths that messages have, of which the nearest to a missing one are named; and how many are named. */
const MAX_CANDIDATES = 300;
const MAX_NEAREST = 5;

/** Edits that make two paths similar. */
const MAX_EDITS = 3;

/** How often the nearest paths are looked for again, in milliseconds. */
const REPEAT_MS = 1_000;

interface Wanted {
  readonly kind: MissingPath['kind'];
  readonly path: string;
  /** Whether a value has the path; `whole` is the payload that the value is an item of. */
  readonly isIn: (value: unknown, whole: unknown, properties: UserProperties | undefined) => boolean;
}

/** A value of which a row is made, and the payload that it is an item of. */
type Pair = [value: unknown, whole: unknown];

/**
 * Watches which paths of a query no message has had yet. A path that was found is not looked for again, so that queries
 * without a mistake pay for their first messages only.
 */
export class MissingPaths {
  readonly #rows: Getter | undefined;
  /** The values of an object are the rows. */
  readonly #isKeyed: boolean;
  #open: Wanted[];
  /** The last payload, and what rows are made of it. */
  #last: { readonly value: unknown; readonly items: readonly Pair[] } | undefined;
  #found: readonly MissingPath[] = [];
  #foundAt = -Infinity;

  /** @param spec with valid paths. */
  constructor({ fields = [], labels = [], mappings = [], rows = '', rowsAs, time }: RowMappingSpec) {
    this.#rows = rows.trim() === '' ? undefined : compileRowsPath(parsePath(rows));
    this.#isKeyed = rowsAs === 'keys' || rowsAs === 'times';
    const payload = (kind: MissingPath['kind'], path: string): Wanted => {
      const get = compilePath(parsePath(path));
      return { kind, path, isIn: (value, whole) => get(value) !== undefined || get(whole) !== undefined };
    };
    this.#open = [
      ...fields.map(({ path }) => payload('field', path)),
      ...mappings.map(({ path }) => payload('mapping', path)),
      ...labels.map(({ path, from }): Wanted => {
        return from === 'property'
          ? {
              kind: 'label',
              path,
              isIn: (_value, _whole, properties) => properties !== undefined && Object.hasOwn(properties, path),
            }
          : payload('label', path);
      }),
      payload('rows', rows),
      ...(time?.from === 'path' ? [payload('time', time.path ?? '')] : []),
    ].filter(({ path }) => path.trim() !== '');
  }

  /**
   * @param value a decoded payload.
   * @param field the field that the payload becomes, where the topic names one.
   */
  check(value: unknown, properties: UserProperties | undefined, field?: string): void {
    if (this.#open.length === 0) {
      return;
    }
    const items = this.#itemsOf(value);
    const inFields =
      field === undefined ? items : items.map((pair) => pair.map((each) => inField(each, field)) as Pair);
    this.#last = { value, items: inFields };
    // The labels of the format, such as tags of line protocol, are no fields.
    const others = value instanceof Rows ? [...items, ...value.rows.map(({ labels }): Pair => [labels, 0])] : items;
    this.#open = this.#open.filter(({ kind, isIn }) => {
      const pairs = kind === 'field' || kind === 'mapping' ? inFields : others;
      return !(kind === 'rows' ? isIn(value, undefined, properties) : pairs.some((pair) => isIn(...pair, properties)));
    });
    if (this.#open.length === 0) {
      this.#last = undefined;
    }
  }

  /** The paths that no message has had, each with paths that the last message has. @param now in milliseconds. */
  missing(now: number): readonly MissingPath[] {
    if (this.#last === undefined || this.#open.length === 0) {
      return [];
    }
    if (now - this.#foundAt >= REPEAT_MS || this.#found.length !== this.#open.length) {
      this.#foundAt = now;
      const values = candidates(this.#last.items.flat());
      const lists = candidates([this.#last.value], true);
      this.#found = this.#open.map(({ kind, path }) => ({
        kind,
        path,
        nearest: nearest(path, kind === 'rows' ? lists : values),
      }));
    }
    return this.#found;
  }

  /** The values that rows are made of, each with the payload that it is an item of. */
  #itemsOf(value: unknown): Pair[] {
    if (value instanceof Rows) {
      return value.rows.map((row) => [row.value, row.whole]);
    }
    const found = this.#rows?.(value);
    const keyed = this.#isKeyed ? (found ?? value) : undefined;
    const items = isObject(keyed) ? Object.values(keyed) : found;
    if (Array.isArray(items)) {
      return items.map((item): Pair => [item, value]);
    }
    return Array.isArray(value)
      ? [[value, undefined], ...value.map((item): Pair => [item, undefined])]
      : [[value, items]];
  }
}

/** The paths of values, or of lists of objects, in some objects. */
function candidates(values: readonly unknown[], lists = false): string[] {
  const paths = new Set<string>();
  const walk = (outer: unknown, path: ReadonlyArray<string | number>): void => {
    // Paths lead into JSON in a text.
    const value = typeof outer === 'string' ? (jsonIn(outer) ?? outer) : outer;
    if (paths.size >= MAX_CANDIDATES || path.length > 10) {
      return;
    }
    if (Array.isArray(value)) {
      if (lists && path.length > 0 && value.some(isObject)) {
        paths.add(formatPath(path));
      }
      value.slice(0, 3).forEach((item, i) => walk(item, [...path, i]));
    } else if (isObject(value)) {
      Object.entries(value).forEach(([key, item]) => walk(item, [...path, key]));
    } else if (!lists && value !== undefined && value !== null) {
      paths.add(formatPath(path));
    }
  };
  for (const value of values.slice(0, 20)) {
    walk(value, []);
  }
  return [...paths];
}

/**
 * The paths that are most like another one: with other capitals, with the same last key, with few edits, in the same
 * object, in this order.
 */
function nearest(path: string, paths: readonly string[]): string[] {
  const wanted = path.toLowerCase();
  const lastKey = wanted.split('.').at(-1)!;
  const rank = (candidate: string): number => {
    const lower = candidate.toLowerCase();
    if (lower === wanted) {
      return 0;
    }
    if (lower.split('.').at(-1) === lastKey) {
      return 1;
    }
    const edits = editDistance(lower, wanted, MAX_EDITS);
    return edits <= MAX_EDITS ? 1 + edits : parentOf(lower) === parentOf(wanted) ? MAX_EDITS + 2 : MAX_EDITS + 3;
  };
  const ranked = paths.map((candidate) => ({ candidate, rank: rank(candidate) }));
  // The sort is stable: else they are in the order of the message.
  return ranked
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, MAX_NEAREST)
    .map(({ candidate }) => candidate);
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('.') + 1);
}
