import type { ColumnType, Path } from './batch';

/** The name of a field whose payload is one value, not an object. */
export const SCALAR = 'Value';

/** Fields of ours that a payload's keys must not hide. */
const OURS = ['Time'];

/** Keys that cannot stand as they are: empty, with spaces at an end, or with a character that means something. */
const NEEDS_QUOTES = /^$|[.[\]"]|^\s|\s$/;

/**
 * A path as text: keys joined with points, and in brackets where a key holds a point, a bracket or nothing at all,
 * so that two paths never look the same: `a.b` is b below a, `["a.b"]` is one key, `a[0]` is the first of a list.
 * `parsePath` reads it back.
 */
export function formatPath(path: Path): string {
  return path.length === 0 ? SCALAR : appendPath('', path);
}

/** The text of a path below something that has a name already. */
export function appendPath(name: string, path: Path): string {
  let text = name;
  for (const key of path) {
    if (typeof key === 'number') {
      text += `[${key}]`;
    } else if (NEEDS_QUOTES.test(key)) {
      text += `[${JSON.stringify(key)}]`;
    } else {
      text += text === '' ? key : `.${key}`;
    }
  }
  return text;
}

const SIBLING: Record<ColumnType, string> = {
  number: 'number',
  time: 'time',
  string: 'text',
  boolean: 'boolean',
  json: 'JSON',
  unknown: 'null',
};

/** Gives the columns of one series, or of one frame, their names, each once. */
export class Namer {
  readonly #taken: Set<string>;

  constructor(taken: Iterable<string> = OURS) {
    this.#taken = new Set(taken);
  }

  /**
   * @param plain the name of the path, as {@link formatPath} gives it or as the query has it.
   * @param sibling whether the path has a column of another type already.
   */
  name(plain: string, type: ColumnType, sibling: boolean): string {
    return this.unique(sibling ? `${plain} (${SIBLING[type]})` : plain, 'payload');
  }

  /** @param source what to put behind a name that is taken. */
  unique(wanted: string, source: string): string {
    let name = this.#taken.has(wanted) ? `${wanted} (${source})` : wanted;
    for (let n = 2, base = name; this.#taken.has(name); n++) {
      name = `${base} ${n}`;
    }
    this.#taken.add(name);
    return name;
  }
}
