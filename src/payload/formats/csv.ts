import { isDigit } from './digits';
import { DecodeFailure, type Decoded } from '../decoded';
import { PAYLOAD_LIMITS } from '../limits';
import { Rows } from '../rows/rows';
import { parseCell } from './scalar';
import { PlainLines } from './csv-line';
import { type Cell, commentAt, EXCEL_ERRORS, parseTable, type Table } from './csv-table';
import { FreeKeys, setOwn } from './values';

export interface CsvOptions {
  readonly delimiter?: string;
  readonly columns?: readonly string[];
}

/** Separators of columns, the likelier first: text has commas, and so have numbers in much of the world. */
const DELIMITERS = ['\t', ';', '|', ','];

const NO_COLUMNS: readonly string[] = [];

/** The format `csv`: RFC 4180, with any delimiter and any line end. */
export class CsvReader {
  readonly #delimiter: string | undefined;
  readonly #columns: readonly string[];
  readonly #maxRows: number;
  readonly #headers = new Set<string>();
  /** The keys of the cells of a line without a header. */
  #known: readonly string[] = [];
  /** Reads lines like the last one that was read as text. */
  #plain: PlainLines | undefined;
  #plainDelimiter = '';

  constructor({ delimiter, columns = NO_COLUMNS }: CsvOptions, maxRows = PAYLOAD_LIMITS.rows) {
    this.#delimiter = delimiter === '' ? undefined : delimiter;
    this.#columns = columns;
    this.#maxRows = maxRows;
  }

  /** Reads a line like the last one straight from its bytes. */
  readonly readPlain = (bytes: Uint8Array): Decoded => {
    return this.#plain?.read(bytes, this.#known);
  };

  readonly read = (text: string): Decoded => {
    if (PLAIN_LINE.test(text)) {
      const separator = this.#delimiter ?? delimiterOf(text);
      const texts = text.split(separator);
      // As many cells as in a message before, and no header: most messages.
      if (
        texts.length <= this.#known.length &&
        (startsWithDigit(texts[0]) || startsWithDigit(texts[texts.length - 1]))
      ) {
        this.#expect(separator);
        return valuesOf(texts, this.#known, separator);
      }
    }
    const [line, named] = SEPARATOR_LINE.exec(text) ?? [''];
    const body = text.slice(line.length);
    const separator = this.#delimiter ?? named ?? findDelimiter(body);
    const table = parseTable(body, separator, this.#maxRows);
    if (typeof table === 'string') {
      return new DecodeFailure(table);
    }
    const { lines, problems } = table;
    const hasNames = this.#columns !== NO_COLUMNS;
    let keys = this.#known;
    if (!hasNames && lines.length === 1 && isLoneHeader(lines[0], this.#headers)) {
      return new Rows([], problems);
    }
    const names = hasNames ? undefined : takeHeader(table, separator);
    if (names !== undefined) {
      if (this.#headers.size < MAX_HEADERS) {
        this.#headers.add(JSON.stringify(names.map(({ text }) => text)));
      }
      keys = keysOf(
        names.map(({ text }) => text),
        lengthOf(lines)
      );
    } else if (lengthOf(lines) > this.#known.length) {
      keys = this.#known = keysOf(this.#columns, lengthOf(lines));
    }
    const rows = lines.map((cells) => ({ value: toObject(cells, keys, separator) }));
    return rows.length === 1 && problems.length === 0 ? rows[0].value : new Rows(rows, problems);
  };

  #expect(delimiter: string): void {
    if (this.#plainDelimiter !== delimiter) {
      this.#plainDelimiter = delimiter;
      const others = this.#delimiter === undefined ? DELIMITERS.slice(0, DELIMITERS.indexOf(delimiter)) : [];
      this.#plain =
        /^[\t -~]$/.test(delimiter) && !/[\d."-]/.test(delimiter)
          ? new PlainLines(delimiter, others, toValue)
          : undefined;
    }
  }
}

/** Names the separator for Excel: `sep=;`. */
const SEPARATOR_LINE = /^"?sep=([^"\w\r\n])"?(?:\r\n?|\n)/i;

/** One line without quotes. */
const PLAIN_LINE = /^[^"\r\n]+$/;

function findDelimiter(text: string): string {
  return delimiterOf(firstLine(text).replaceAll(/"[^"]*"/g, ''));
}

function delimiterOf(unquoted: string): string {
  for (let i = 0; i < DELIMITERS.length; i++) {
    if (unquoted.includes(DELIMITERS[i])) {
      return DELIMITERS[i];
    }
  }
  return ',';
}

/** The first line that is no comment; the first one of comments only. */
function firstLine(text: string): string {
  for (const [line] of text.matchAll(/[^\r\n]+/g)) {
    if (commentAt(line, 0) === undefined) {
      return line;
    }
  }
  return /[^\r\n]*/.exec(text.trimStart())![0];
}

/** How R, pandas, Python, SQL and Excel write that there is no value, and Microsoft's C that there is no number. */
const MISSING = new Set(
  `NA <NA> N/A n/a #NA NULL null None NaT 1.#IND -1.#IND 1.#QNAN -1.#QNAN`.split(' ').concat(EXCEL_ERRORS)
);

/** How Microsoft's C wrote them. */
const INFINITIES = new Map([
  ['1.#INF', Infinity],
  ['+1.#INF', Infinity],
  ['-1.#INF', -Infinity],
]);

/** Whether the name of a column is also a value. */
function isAmbiguous(name: string): boolean {
  return /^(?:[+-]?(?:nan|inf|infinity)|true|false)$/i.test(name) || MISSING.has(name);
}

/** Takes the names of columns: the first line, or the one comment above the lines, as NumPy writes it. */
function takeHeader({ lines, comment }: Table, delimiter: string): Cell[] | undefined {
  if (lines.length > 1 && isHeader(lines, delimiter)) {
    dropEmptyEnd(lines);
    return lines.shift();
  }
  const above = comment === undefined ? '' : parseTable(comment.slice(1).trim(), delimiter, 1);
  if (typeof above === 'string') {
    return undefined;
  }
  const [names] = above.lines;
  const isTable = names.length > 1 && lines.every(({ length }) => length === names.length);
  return isTable && isHeader([names, ...lines], delimiter) ? names : undefined;
}

/**
 * Whether the cells of the first line are names, not values: none is a number. If two are the same, if one is empty, or
 * is also a value, such as `nan`, another one, with a name that is no value, must have only numbers. The first may be
 * empty: pandas writes the index of a frame so, and then no line has an empty cell there.
 */
function isHeader([first, ...others]: readonly Cell[][], delimiter: string): boolean {
  const names = first.map(({ text }) => text);
  const [index, ...rest] = names;
  if (index === '' && areUnnamed(rest, others)) {
    return true;
  }
  if (names.some((name, i) => isValue(name, others[0]?.[i]?.text, delimiter))) {
    return false;
  }
  const hasIndex = rest.length > 0 && others.every(([cell]) => cell.text !== '');
  return (
    (new Set(names).size === names.length &&
      !rest.includes('') &&
      (index !== '' || hasIndex) &&
      !names.some((name) => isAmbiguous(name))) ||
    names.some((name, i) => isNumbers(name, i, others, delimiter))
  );
}

/** A number, or what begins like one: a date, a quantity with its unit, a number with zeros in front. */
const LIKE_NUMBER = /^[+-]?[.,]?\d/;

/**
 * Whether the first cell of a column is a value: a number, or written like the one below it. `24h` above 21.5 is a name.
 */
function isValue(text: string, below: string | undefined, delimiter: string): boolean {
  return (
    Number.isFinite(toValue(text, delimiter)) ||
    (below !== undefined && LIKE_NUMBER.test(text) && shapeOf(text) === shapeOf(below))
  );
}

/** The characters of a text that say what it is, and not how much: `21.5C` is like `22C`, and one date like another. */
function shapeOf(text: string): string {
  return [...new Set(text.replaceAll(/[\d.,+ ]/g, ''))].toSorted().join('');
}

/** Whether columns have no names, and pandas has numbered them, behind an index that each line has. */
function areUnnamed(names: readonly string[], lines: readonly Cell[][]): boolean {
  return (
    names.length > 0 &&
    names.every((name, i) => name === String(i)) &&
    lines.every((cells) => cells.length === names.length + 1 && cells[0].text !== '')
  );
}

/** Whether a column has a name that is no value, and only numbers. */
function isNumbers(name: string, column: number, lines: readonly Cell[][], delimiter: string): boolean {
  const isNumber = ({ text }: Cell): boolean => Number.isFinite(toValue(text, delimiter));
  return name !== '' && !isAmbiguous(name) && lines.every((cells) => column < cells.length && isNumber(cells[column]));
}

function startsWithDigit(text: string): boolean {
  return isDigit(text.charCodeAt(0));
}

/** Headers that are remembered, because a header alone cannot be distinguished from a row of text. */
const MAX_HEADERS = 20;

/** Whether a single line is a header without rows, as pandas writes a frame that has none: it names a time. */
function isLoneHeader(cells: readonly Cell[], known: ReadonlySet<string>): boolean {
  // Most single lines are values, and have a number in front or behind.
  if (startsWithDigit(cells[0].text) || startsWithDigit(cells[cells.length - 1].text)) {
    return false;
  }
  const texts = cells.map(({ text }) => text);
  return (
    known.has(JSON.stringify(texts)) ||
    (texts.length > 1 &&
      isHeader([[...cells]], ',') &&
      !texts.some((text) => isAmbiguous(text)) &&
      texts.some((text) => /^(?:date|time|datetime|timestamp|date[ _]?time|time[ _]?stamp)$/i.test(text)))
  );
}

/** Small devices write a delimiter behind each cell: the column without a name and without values is none. */
function dropEmptyEnd(lines: readonly Cell[][]): void {
  const { length } = lines[0];
  if (lines.every((cells) => cells.length < length || (cells.length === length && cells[length - 1].text === ''))) {
    lines.forEach((cells) => cells.splice(length - 1));
  }
}

/** Cells of the longest line. */
function lengthOf(lines: readonly Cell[][]): number {
  return lines.reduce((most, cells) => Math.max(most, cells.length), 0);
}

/** The keys of the cells of a line, each once: worked out for many lines together, for it takes longer than a cell. */
function keysOf(names: readonly string[], length: number): string[] {
  const taken: Record<string, unknown> = {};
  const free = new FreeKeys(taken);
  const take = (name: string): string => {
    const key = free.free(name);
    setOwn(taken, key, true);
    return key;
  };
  // A column without a name goes by its position, or is the index, as pandas calls it, where another has that name.
  const keys = Array.from({ length }, (_, i) => (names[i] ? take(names[i]) : ''));
  return keys.map((key, i) =>
    key !== '' ? key : take(i === 0 && Object.hasOwn(taken, '1') ? 'index' : String(i + 1))
  );
}

function valuesOf(texts: readonly string[], keys: readonly string[], delimiter: string): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (let i = 0; i < texts.length; i++) {
    setOwn(object, keys[i], toValue(texts[i].trim(), delimiter));
  }
  return object;
}

function toObject(cells: readonly Cell[], keys: readonly string[], delimiter: string): Record<string, unknown> {
  const object: Record<string, unknown> = {};
  for (let i = 0; i < cells.length; i++) {
    const { text, quoted } = cells[i];
    setOwn(object, keys[i], quoted ? text || null : toValue(text, delimiter));
  }
  return object;
}

/** How pandas writes booleans, and how it reads them; `true` and `false` are read everywhere. */
const BOOLEANS: Readonly<Record<string, boolean>> = { True: true, TRUE: true, False: false, FALSE: false };

/**
 * A cell without quotes; what was put in quotes is text. An empty cell is null, also in quotes, and so is a word for it; `21,5` is a
 * number where commas do not separate columns.
 */
function toValue(text: string, delimiter: string): unknown {
  if (text === '') {
    return null;
  }
  // Three digits behind the comma could be thousands.
  if (delimiter !== ',' && /^[+-]?\d+,\d+$/.test(text) && !/^[+-]?[1-9]\d{0,2},\d{3}$/.test(text)) {
    return parseCell(text.replace(',', '.'));
  }
  if ((text[0] === 'T' || text[0] === 'F') && Object.hasOwn(BOOLEANS, text)) {
    return BOOLEANS[text];
  }
  const value = parseCell(text);
  return typeof value !== 'string' ? value : MISSING.has(value) ? null : (INFINITIES.get(value) ?? value);
}
