import type { ColumnSpec } from '../payload';
import { isObject } from '../utils/is-object';
import type { RowOf } from './union';

/** A cell as it was sent: lines and events have no value mappings that would say so. */
function asSent({ words }: ColumnSpec, cell: unknown): unknown {
  return words === undefined || cell === undefined || cell === null ? cell : cell ? words.true : words.false;
}

/** The cells of a row by the name of their field; missing ones are left out. */
export function cellsOf({ view: { frame }, row }: RowOf): Map<string, unknown> {
  const cells = new Map<string, unknown>();
  for (const [index, column] of frame.columns.entries()) {
    const cell = asSent(column, frame.cell(index, row));
    if (cell !== undefined) {
      cells.set(column.name, cell);
    }
  }
  return cells;
}

/** The first of these keys that the row has a text under, wherever in the payload, in any capitals. */
export function textAt({ view: { frame }, row }: RowOf, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    for (const [index, column] of frame.columns.entries()) {
      const { path, name, type, words } = column;
      const own = path.length === 0 ? name : String(path.at(-1));
      if ((type === 'string' || words !== undefined) && own.toLowerCase() === key) {
        const cell = asSent(column, frame.cell(index, row));
        if (typeof cell === 'string' && cell !== '') {
          return cell;
        }
      }
    }
  }
  return undefined;
}

/** The text of a message: its one value as it is, or all of its fields as JSON. */
export function wholeText(row: RowOf): string {
  const cells = cellsOf(row);
  const [[name, value] = ['', undefined]] = cells;
  if (cells.size === 1 && name === 'Value' && !isObject(value)) {
    return String(value);
  }
  return JSON.stringify(Object.fromEntries(cells));
}
