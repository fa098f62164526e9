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
  readonly #maxColumns: number;
  readonly #columns: Column[] = [];
  /** The node of each column. */
  readonly #nodes: PathNode[] = [];
  readonly #namer = new Namer();
  /** Columns have opened, or got their type, since the last {@link complete}. */
  opened = false;
  /** Values that were left out because there are as many columns as there may be. */
  refusedValues = 0;
  /** Values that went to a sibling column, because their node had one of another type already. */
  siblingValues = 0;
  /** Values that went to a sibling column, because the first has numbers of another unit. */
  otherUnitValues = 0;
  readonly #sources = new UnitColumns();

  /** @param maxColumns columns that there may be. */
  constructor(maxColumns: number) {
    this.#maxColumns = maxColumns;
  }

  /** The column of a type at a node that has none of it; `undefined` if there is no room for another. */
  open(node: PathNode, type: ColumnType): Column | undefined {
    // A boolean that the query asks for comes as the words of its mapping, too.
    const column = this.#open(node, type, type === 'boolean' ? node.mapping?.words : undefined);
    node[type] = column;
    return column;
  }

  /** The column of 1 and 0 at a node whose text is one of two words. */
  openMapped(node: PathNode): Column | undefined {
    node.mapped = this.#open(node, 'number', node.mapping?.words);
    return node.mapped;
  }

  #open(node: PathNode, type: ColumnType, words: ColumnSpec['words']): Column | undefined {
    const { first, path, title, unit, whole } = node;
    const mapped = words === undefined ? undefined : { words };
    if (first !== undefined && first.spec.type === 'unknown') {
      first.settle({ ...first.spec, type, ...mapped });
      this.opened = true;
      return first;
    }
    const column = this.#add(node, () => ({
      path,
      name: this.#namer.name(node.name, type, first !== undefined),
      type,
      ...(title && { title }),
      ...(unit && { unit }),
      ...(whole && { whole }),
      ...mapped,
    }));
    if (column !== undefined) {
      this.opened = true;
      node.first ??= column;
    }
    return column;
  }

  #add(node: PathNode, spec: () => ColumnSpec): Column | undefined {
    if (this.#columns.length >= this.#maxColumns) {
      this.refusedValues++;
      return undefined;
    }
    const column = new Column(this.#columns.length, spec());
    this.#columns.push(column);
    this.#nodes.push(node);
    return column;
  }

  /** Null in all columns, or in those below a key: what the series had is gone. */
  writeNulls(row: number, key?: string): void {
    for (const column of this.#columns) {
      if (key === undefined || column.spec.path[0] === key) {
        column.write(row, null);
      }
    }
  }

  /** Whether there is something left to do for a row when all that its message has is written. */
  get isIncomplete(): boolean {
    return this.opened || this.#sources.any;
  }

  /** The remaining work for a row. */
  complete(row: number, message: unknown, filler: Filler | undefined): void {
    if (this.opened) {
      this.opened = false;
      this.#findUnits(row, message);
    }
    if (this.#sources.any) {
      this.#sources.check(message, (node, unit) => this.putInUnit(node, row, unit));
    }
    filler?.fill(row, this.#columns, this.#nodes);
  }

  #findUnits(row: number, message: unknown): void {
    const units = new UnitFinder(message);
    for (const column of this.#columns) {
      const node = this.#nodes[column.index];
      const found = node.number === column ? units.find(column.spec.path) : undefined;
      if (found === undefined) {
        continue;
      }
      const { payloadUnit } = column.spec;
      if (found.at !== undefined) {
        this.#sources.add(found.at, node, isSame(payloadUnit ?? found.unit, found.unit) ? found.text : undefined);
      }
      if (payloadUnit === undefined) {
        column.settle({ ...column.spec, payloadUnit: found.unit });
      } else {
        this.putInUnit(node, row, found.unit);
      }
    }
  }

  /**
   * The number that a row has at a node is in this unit. The first unit of a column stays its unit, and numbers of
   * another unit go to a sibling column: two units in one line would be wrong numbers.
   */
  putInUnit(node: PathNode, row: number, unit: string): void {
    const main = node.number;
    if (main === undefined || main.length <= row) {
      return;
    }
    const column = node.byUnit?.get(unit) ?? this.#columnFor(node, main, unit);
    if (column !== main) {
      const cell = main.takeBack(row);
      column?.write(row, cell);
    }
  }

  #columnFor(node: PathNode, main: Column, unit: string): Column | undefined {
    const { spec } = main;
    if (spec.payloadUnit === undefined) {
      main.settle({ ...spec, payloadUnit: unit });
    }
    node.byUnit ??= new Map([[main.spec.payloadUnit!, main]]);
    let column = [...node.byUnit].find(([other]) => isSame(other, unit))?.[1];
    const { path, type, title } = spec;
    column ??= this.#add(node, () => ({
      path,
      name: this.#namer.unique(`${node.name} (${unit})`, 'payload'),
      type,
      ...(title && { title }),
      payloadUnit: unit,
      otherUnit: true,
    }));
    if (column !== undefined && node.byUnit.size < this.#maxColumns) {
      node.byUnit.set(unit, column);
    }
    return column;
  }

  /** How many numbers {@link take} adds to the buffer. */
  numbers(rows: number, skip: number): number {
    let sum = 0;
    for (const column of this.#columns) {
      sum += column.numbers(rows, skip);
    }
    return sum;
  }

  /** The cells of `rows` rows, of which the first `skip` are dropped; all columns start again. */
  take(rows: number, skip: number, buffer: NumberBuffer): ColumnChunk[] {
    const chunks: ColumnChunk[] = [];
    for (const column of this.#columns) {
      if (column.spec.otherUnit === true) {
        this.otherUnitValues += column.countCells(skip);
      } else if (this.#nodes[column.index].first !== column) {
        this.siblingValues += column.countCells(skip);
      }
      const taken = column.take(rows, skip, buffer);
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
