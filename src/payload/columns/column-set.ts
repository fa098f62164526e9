import type { ColumnChunk, ColumnSpec, ColumnType, NumberBuffer } from './batch';
import { Column } from './column';
import type { Filler } from './filler';
import { Namer } from './names';
import type { PathNode } from './path-node';
import { UnitColumns } from './unit-columns';
import { UnitFinder } from '../units/unit-words';
import { grafanaUnit } from '../units/units';

/** The columns of one series in the order in which they opened. */
export class ColumnSet {
  readonly #most: number;
  readonly #columns: Column[] = [];
  /** The place of each column. */
  readonly #places: PathNode[] = [];
  readonly #namer = new Namer();
  /** Columns have opened, or got their type, since the last {@link complete}. */
  opened = false;
  /** Values that were left out because there are as many columns as there may be. */
  overflow = 0;
  /** Values that went to a sibling column, because their place had one of another type already. */
  siblings = 0;
  /** Values that went to a sibling column, because the first has numbers of another unit. */
  otherUnits = 0;
  readonly #sources = new UnitColumns();

  /** @param most columns that there may be. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The column of a type at a place that has none of it; `undefined` where there is no room for another. */
  open(place: PathNode, type: ColumnType): Column | undefined {
    // A boolean that the query asks for comes as the words of its mapping, too.
    const column = this.#open(place, type, type === 'boolean' ? place.mapping?.words : undefined);
    place[type] = column;
    return column;
  }

  /** The column of 1 and 0 at a place whose text is one of two words. */
  openMapped(place: PathNode): Column | undefined {
    place.mapped = this.#open(place, 'number', place.mapping?.words);
    return place.mapped;
  }

  #open(place: PathNode, type: ColumnType, words: ColumnSpec['words']): Column | undefined {
    const { first, path, title, unit } = place;
    const mapped = words === undefined ? undefined : { words };
    if (first !== undefined && first.spec.type === 'unknown') {
      first.settle({ ...first.spec, type, ...mapped });
      this.opened = true;
      return first;
    }
    const column = this.#add(place, () => ({
      path,
      name: this.#namer.name(place.name, type, first !== undefined),
      type,
      ...(title === undefined ? undefined : { title }),
      ...(unit === undefined ? undefined : { unit }),
      ...mapped,
    }));
    if (column !== undefined) {
      this.opened = true;
      place.first ??= column;
    }
    return column;
  }

  #add(place: PathNode, spec: () => ColumnSpec): Column | undefined {
    if (this.#columns.length >= this.#most) {
      this.overflow++;
      return undefined;
    }
    const column = new Column(this.#columns.length, spec());
    this.#columns.push(column);
    this.#places.push(place);
    return column;
  }

  /** Null in all columns: what the series had is gone. */
  writeNulls(row: number): void {
    for (const column of this.#columns) {
      column.write(row, null);
    }
  }

  /** Whether there is something left to do for a row when all that its message has is written. */
  get isIncomplete(): boolean {
    return this.opened || this.#sources.any;
  }

  /** What is left to do for a row. */
  complete(row: number, message: unknown, filler: Filler | undefined): void {
    if (this.opened) {
      this.opened = false;
      this.#findUnits(row, message);
    }
    if (this.#sources.any) {
      this.#sources.check(message, (place, unit) => this.putInUnit(place, row, unit));
    }
    filler?.fill(row, this.#columns, this.#places);
  }

  #findUnits(row: number, message: unknown): void {
    const units = new UnitFinder(message);
    for (const column of this.#columns) {
      const place = this.#places[column.index];
      const found = place.number === column ? units.find(column.spec.path) : undefined;
      if (found === undefined) {
        continue;
      }
      const { payloadUnit } = column.spec;
      if (found.at !== undefined) {
        this.#sources.add(found.at, place, isSame(payloadUnit ?? found.unit, found.unit) ? found.text : undefined);
      }
      if (payloadUnit === undefined) {
        column.settle({ ...column.spec, payloadUnit: found.unit });
      } else {
        this.putInUnit(place, row, found.unit);
      }
    }
  }

  /**
   * The number that a row has at a place is in this unit. The first unit of a column stays its unit, and numbers of
   * another one go to a column beside it: two in one line would be wrong numbers.
   */
  putInUnit(place: PathNode, row: number, unit: string): void {
    const main = place.number;
    if (main === undefined || main.length <= row) {
      return;
    }
    const column = place.byUnit?.get(unit) ?? this.#columnFor(place, main, unit);
    if (column !== main) {
      const cell = main.takeBack(row);
      column?.write(row, cell);
    }
  }

  #columnFor(place: PathNode, main: Column, unit: string): Column | undefined {
    const { spec } = main;
    if (spec.payloadUnit === undefined) {
      main.settle({ ...spec, payloadUnit: unit });
    }
    place.byUnit ??= new Map([[main.spec.payloadUnit!, main]]);
    let column = [...place.byUnit].find(([other]) => isSame(other, unit))?.[1];
    const { path, type, title } = spec;
    column ??= this.#add(place, () => ({
      path,
      name: this.#namer.unique(`${place.name} (${unit})`, 'payload'),
      type,
      ...(title === undefined ? undefined : { title }),
      payloadUnit: unit,
      otherUnit: true,
    }));
    if (column !== undefined && place.byUnit.size < this.#most) {
      place.byUnit.set(unit, column);
    }
    return column;
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
  take(rows: number, skip: number, pile: NumberBuffer): ColumnChunk[] {
    const chunks: ColumnChunk[] = [];
    for (const column of this.#columns) {
      if (column.spec.otherUnit === true) {
        this.otherUnits += column.countCells(skip);
      } else if (this.#places[column.index].first !== column) {
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

/** `C` and `°C` are two words for one unit. */
function isSame(one: string, other: string): boolean {
  return one === other || grafanaUnit(one) === grafanaUnit(other);
}
