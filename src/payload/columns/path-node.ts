import type { ColumnType, Path } from './batch';
import type { Column } from './column';
import { appendPath, formatPath } from './names';
import type { ValueMapping } from '../rows/value-mappings';
import { isTimeName } from '../time/time-finder';

const utf8 = new TextEncoder();

// oxlint-disable-next-line no-control-regex -- control characters are among them
const ESCAPED = /["\\\u0000-\u001f]/;

/** A node in the tree of a payload's paths: the columns that its values went to, one a type, and the nodes below it. */
export class PathNode {
  number: Column | undefined;
  time: Column | undefined;
  string: Column | undefined;
  boolean: Column | undefined;
  json: Column | undefined;
  unknown: Column | undefined;
  /** The 1 and 0 that the words of its mapping stand for. */
  mapped: Column | undefined;
  first: Column | undefined;
  /** The column of numbers in each unit that messages have named, `number` among them; none if they name none. */
  byUnit: Map<string, Column> | undefined;
  /** Text here is one of two words, as the query says. */
  mapping: ValueMapping | undefined;
  /** The value here is not a field: it is a label, or the time of the row. */
  hidden = false;
  /** See `ColumnSpec`. */
  whole = false;
  readonly below = new Map<string, PathNode>();
  /** The keys of the last message and their nodes: the next message mostly has the same, and needs no look-up. */
  readonly lastKeys: string[] = [];
  readonly lastNodes: PathNode[] = [];
  /** The nodes in a short list of numbers. */
  items: PathNode[] | undefined;
  /** A number here may be a time: its key is the name of one, or the first number was one. */
  mayBeTime: boolean;
  /** Its key as it stands in JSON, between quotes; `undefined` if it would have to be escaped. */
  readonly keyBytes: Uint8Array | undefined;
  /** The last text here, for who reads bytes. */
  lastText: { readonly bytes: Uint8Array; readonly text: string } | undefined;
  /** The payload in which `FamiliarJson` has come by last. */
  turn = 0;

  /**
   * @param title as the query calls it, and all below it by it.
   * @param unit a Grafana unit id that the query names.
   */
  constructor(
    readonly path: Path,
    readonly title?: string,
    readonly unit?: string
  ) {
    const key = path.at(-1);
    this.mayBeTime = isTimeName(key);
    this.keyBytes = typeof key === 'string' && !ESCAPED.test(key) ? utf8.encode(key) : undefined;
  }

  /** The name of its columns, before it is seen to that there is no other of it. */
  get name(): string {
    return this.title ?? formatPath(this.path);
  }

  /** A node one level down. */
  at(key: string | number): PathNode {
    const { title } = this;
    return new PathNode([...this.path, key], title === undefined ? undefined : appendPath(title, [key]));
  }

  /** The column that numbers go to without a further look: they are no times here, and not one of two words. */
  get plainNumber(): Column | undefined {
    return this.mayBeTime || this.mapping !== undefined ? undefined : this.number;
  }

  get columns(): Column[] {
    return [
      ...new Set([
        ...TYPES.flatMap((type) => this[type] ?? []),
        ...(this.mapped === undefined ? [] : [this.mapped]),
        ...(this.byUnit?.values() ?? []),
      ]),
    ];
  }
}

const TYPES: readonly ColumnType[] = ['number', 'time', 'string', 'boolean', 'json', 'unknown'];
