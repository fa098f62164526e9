import { count, formatNumber } from '../../utils/format-number';
import { quote } from '../../utils/quote';
import { beyond } from '../decoded';

/** Cells of a row; further ones are left out, and that is said. */
export const MAX_COLUMNS = 1_000;

export interface Cell {
  readonly text: string;
  readonly quoted: boolean;
}

/** The lines of a payload, and what was left out of it. */
export interface Table {
  readonly lines: Cell[][];
  readonly problems: string[];
  /** The comment above the first line, if there is no other. */
  readonly comment: string | undefined;
}

/** How Excel writes a cell whose formula has no result. */
export const EXCEL_ERRORS = ['#N/A', '#NAME?', '#NULL!', '#NUM!', '#REF!', '#VALUE!', '#DIV/0!'];

/** A comment, and not a cell of Excel or pandas that begins so. */
const COMMENT = /#(?!N\/?A\b|NAME\?|NULL!|NUM!|REF!|VALUE!|DIV\/0!)[^\r\n]*/y;

/** The comment that a line is; `undefined` for a line that is none. */
export function commentAt(text: string, begin: number): string | undefined {
  if (text[begin] !== '#') {
    return undefined;
  }
  COMMENT.lastIndex = begin;
  return COMMENT.exec(text)?.[0];
}

/**
 * Parts a text into lines and cells (RFC 4180). Lines that begin with `#` are comments, unless all lines do.
 *
 * @returns why it cannot, in words.
 */
export function parseTable(text: string, delimiter: string, maxRows: number): Table | string {
  const hasComments = delimiter !== '#' && /^#/m.test(text);
  const table = parseLines(text, delimiter, maxRows, hasComments);
  if (typeof table === 'string' || table.lines.length > 0) {
    return table;
  }
  return hasComments ? parseLines(text, delimiter, maxRows, false) : 'The payload has no row: it is blank.';
}

function parseLines(text: string, delimiter: string, maxRows: number, skipsComments: boolean): Table | string {
  const lines: Cell[][] = [];
  const problems: string[] = [];
  let cells: Cell[] = [];
  let tooMany = 0;
  const add = (cell: Cell): void => {
    if (cells.length < MAX_COLUMNS) {
      cells.push(cell);
    } else {
      tooMany++;
    }
  };
  const comments: string[] = [];
  let at = 0;
  const end = text.length;
  while (at < end) {
    const comment = skipsComments && cells.length === 0 ? commentAt(text, at) : undefined;
    if (comment !== undefined) {
      at += comment.length + 1;
      if (lines.length === 0) {
        comments.push(comment);
      }
      continue;
    }
    const cell = parseCellAt(text, at, delimiter);
    if (typeof cell === 'string') {
      return cell;
    }
    add(cell);
    at = cell.end;
    if (text.startsWith(delimiter, at) && at < end) {
      at += delimiter.length;
      if (at < end) {
        continue;
      }
      // The payload ends with a delimiter: an empty cell is behind it.
      add({ text: '', quoted: false });
    }
    at += text.startsWith('\r\n', at) ? 2 : 1;
    if (lines.length === maxRows) {
      problems.push(beyond('rows', maxRows));
      break;
    }
    // An empty line is no row.
    if (cells.length > 1 || cells[0].text !== '' || cells[0].quoted) {
      lines.push(cells);
    }
    cells = [];
  }
  if (tooMany > 0) {
    problems.push(`Left out: ${count(tooMany, 'cell')} beyond the first ${formatNumber(MAX_COLUMNS)} of a row.`);
  }
  return { lines, problems, comment: comments.length === 1 ? comments[0] : undefined };
}

/** The cell that begins there, and where the delimiter, the line end or the end of the text behind it is. */
function parseCellAt(text: string, begin: number, delimiter: string): (Cell & { end: number }) | string {
  if (text[begin] !== '"') {
    let end = begin;
    while (end < text.length && text[end] !== '\n' && text[end] !== '\r' && !text.startsWith(delimiter, end)) {
      end++;
    }
    return { text: text.slice(begin, end).trim(), quoted: false, end };
  }
  let content = '';
  let at = begin + 1;
  for (;;) {
    const quoteAt = text.indexOf('"', at);
    if (quoteAt < 0) {
      return `The payload is not CSV: the quotes at character ${begin + 1} are never closed (${quote(text.slice(begin))}).`;
    }
    content += text.slice(at, quoteAt);
    at = quoteAt + 1;
    if (text[at] !== '"') {
      break;
    }
    content += '"';
    at++;
  }
  if (at < text.length && text[at] !== '\n' && text[at] !== '\r' && !text.startsWith(delimiter, at)) {
    return `The payload is not CSV: at character ${at + 1} there is ${quote(text.slice(at, at + 20))} after the closing quotes.`;
  }
  return { text: content, quoted: true, end: at };
}
