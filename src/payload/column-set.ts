import type { ColumnChunk, ColumnSpec, ColumnType, FloatPile } from './batch';
import { Column } from './column';
import type { Filler } from './filler';
import { Namer } from './names';
import type { Place } from './place';
import { UnitFinder } from './unit-words';

/** Fields that one series may open; further ones are counted and left out. */
export const MAX_FIELDS = 500;

/** The columns of one series in the order in which they opened. */
export class ColumnSet {
  readonly #columns: Column[] = [];
  /** The place of each column. */
  readonly #places: Place[] = [];
  readonly #namer = new Namer();
  /** Columns have opened, or got their type, since the last {@link complete}. */
  opened = false;
  /** Values that were left out because there are {@link MAX_FIELDS} already. */
  overflow = 0;
  /** Values that went to a sibling column, because their place had one of another type already. */
  siblings = 0;

  /** The column of a type at a place that has none of it; `undefined` where there is no room for another. */
  open(place: Place, type: ColumnType): Column | undefined {
    const { first, path, title, unit } = place;
    if (first !== undefined && first.spec.type === 'unknown') {
      first.settle({ ...first.spec, type });
      place[type] = first;
      this.opened = true;
      return first;
    }
    if (this.#columns.length >= MAX_FIELDS) {
      this.overflow++;
      return undefined;
    }
    const spec: ColumnSpec = {
      path,
      name: this.#namer.name(place.name, type, first !== undefined),
      type,
      ...(title === undefined ? undefined : { title }),
      ...(unit === undefined ? undefined : { unit }),
    };
    const column = new Column(this.#columns.length, spec);
    this.#columns.push(column);
    this.#places.push(place);
    this.opened = true;
    place[type] = column;
    place.first ??= column;
    return column;
  }

  /** Null in all columns: what the series had is gone. */
  writeNulls(row: number): void {
    for (const column of this.#columns) {
      column.write(row, null);
    }
  }

  /** What is left to do for a row when all that its message has is written. */
  complete(row: number, message: unknown, filler: Filler | undefined): void {
    filler?.fill(row, this.#columns, this.#places);
    if (this.opened) {
      this.opened = false;
      const units = new UnitFinder(message);
      for (const column of this.#columns) {
        const { path, type, unit, payloadUnit } = column.spec;
        if (type === 'number' && unit === undefined && payloadUnit === undefined) {
          this.setUnit(column, units.find(path)?.unit);
        }
      }
    }
  }

  /** The first unit that a column has stays its unit: rows of two cannot be told apart in one line. */
  setUnit(column: Column | undefined, unit: string | undefined): void {
    if (column !== undefined && unit !== undefined && column.spec.payloadUnit === undefined) {
      column.settle({ ...column.spec, payloadUnit: unit });
    }
  }

  /** How many numbers {@link take} adds to the pile. */
  numbers(rows: number, skip: number): number {
    let sum = 0;
    for (const column of this.#columns) {
      sum += column.numbers(rows, skip);
    }
    return sum;
  }

  /** What was collected over `rows` rows, of which the first `skip` are given up; all columns begin anew. */
  take(rows: number, skip: number, pile: FloatPile): ColumnChunk[] {
    const chunks: ColumnChunk[] = [];
    for (const column of this.#columns) {
      if (this.#places[column.index].first !== column) {
        this.siblings += column.countCells(skip);
      }
      const taken = column.take(rows, skip, pile);
      if (taken !== undefined) {
        chunks.push(taken);
      }
    }
    return chunks;
  }

  /** Gives up the first rows. */
  discard(rows: number): void {
    for (const column of this.#columns) {
      column.discard(rows);
    }
  }
}
