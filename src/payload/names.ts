import type { ColumnType, Path } from './batch';

/** The name of a field whose payload is one value, not an object. */
const SCALAR = 'Value';

/** Fields of ours that a payload's keys must not hide. */
const OURS = ['Time'];

/**
 * A path as text: keys joined with points, and in brackets where a key holds a point, a bracket or nothing at all,
 * so that two paths never look the same: `a.b` is b below a, `["a.b"]` is one key.
 */
export function formatPath(path: Path): string {
  let text = '';
  for (const key of path) {
    if (key === '' || /[.[\]"]/.test(key)) {
      text += `[${JSON.stringify(key)}]`;
    } else {
      text += text === '' ? key : `.${key}`;
    }
  }
  return text === '' ? SCALAR : text;
}

const SIBLING: Record<ColumnType, string> = {
  number: 'number',
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

  /** @param sibling whether the path has a column of another type already. */
  name(path: Path, type: ColumnType, sibling: boolean): string {
    const plain = formatPath(path);
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
