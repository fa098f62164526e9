import { NumberBuffer, HISTORICAL, type Path, RETAINED, type SeriesChunk, TIMED } from './batch';
import { RETAINED_CAPACITY, INITIAL_CAPACITY } from './column';
import { ColumnSet } from './column-set';
import { isExact } from '../convert';
import { CLEARED } from '../decoded';
import { cellOf, type FieldSource, pathOf } from './field-source';
import { JsonFastPath } from './json-fast-path';
import { Filler } from './filler';
import { Flattener } from './flattener';
import { PAYLOAD_LIMITS, type PayloadLimits } from '../limits';
import { mappingAt } from '../rows/value-mappings';
import { SCALAR } from './names';
import { PathNode } from './path-node';
import type { ChosenField, RowMapping } from '../rows/mapping';
import { needsFlags, RowFlags } from './row-flags';
import { parseQuantity } from '../units/quantity';
import type { ExtractedRow } from '../rows/extracted-row';

/** One for all series: between two messages it holds nothing. */
const jsonFastPath = new JsonFastPath();

/** The options of a series. */
export interface SeriesOptions {
  /** The labels in its messages that tell it apart from other series of its topic. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly mapping?: Pick<RowMapping, 'fields' | 'hidden' | 'fill'> & Partial<Pick<RowMapping, 'mappings'>>;
  readonly limits?: PayloadLimits;
  /** A payload that is one number may be a time: its format does not say that it is a number. Default: false. */
  readonly mayBeTime?: boolean;
}

/**
 * Turns the decoded messages of one series into columns. The first value at a path decides the type of its column;
 * a value of another type goes to a sibling column, never into this one as something it is not.
 */
export class SeriesBuilder {
  readonly #columns: ColumnSet;
  readonly #flattener: Flattener;
  readonly #limits: PayloadLimits;
  readonly #maxRows: number;
  readonly #labels: SeriesOptions['labels'];
  /** The fields that the query names, and their columns. */
  readonly #fields: readonly ChosenField[] | undefined;
  readonly #fieldNodes: readonly PathNode[];
  /** All fields that the query names have a column: a message has had one of them. */
  #hasFieldColumns = false;
  readonly #filler: Filler | undefined;
  /** Some text is to be numbers. */
  readonly #mapped: boolean;
  /** Paths in a payload of what is no field. */
  readonly #hidden: readonly Path[];
  /** The fields named by levels of topics that rows had. */
  readonly #levels = new Set<string>();
  readonly #flags = new RowFlags();
  /** The latest time from a payload; arrival is never before that of rows that came before. */
  #latest = -Infinity;
  #time = new Float64Array(INITIAL_CAPACITY);
  #rows = 0;
  #first = 0;
  #dropped = 0;
  #topicDue = true;
  /** Values that were not of the type that the query names; they are null. */
  mistypedValues = 0;
  /** Integers that the query wants as numbers, and that no number is; the nearest one is there instead. */
  inexactValues = 0;

  /** @param maxRows rows held until they are taken; beyond them the oldest are given up and counted. */
  constructor(
    readonly series: number,
    readonly topic: string,
    maxRows: number,
    { labels, mapping, limits = PAYLOAD_LIMITS, mayBeTime = false }: SeriesOptions = {}
  ) {
    this.#columns = new ColumnSet(limits.fields);
    this.#mapped = (mapping?.mappings?.size ?? 0) > 0;
    this.#flattener = new Flattener(this.#columns, limits, { mappings: mapping?.mappings, rootMayBeTime: mayBeTime });
    this.#limits = limits;
    this.#maxRows = maxRows;
    this.#labels = labels;
    this.#fields = mapping?.fields;
    this.#fieldNodes = this.#fields?.map(({ path, title, unit }) => new PathNode(path, title, unit)) ?? [];
    this.#fieldNodes.forEach((node) => {
      node.mapping = mappingAt(mapping?.mappings, node.path);
    });
    this.#filler = mapping === undefined || mapping.fill === 'none' ? undefined : new Filler(mapping.fill);
    this.#hidden = mapping?.hidden ?? [];
    this.#hide([]);
  }

  /** @param outer where the payload is. */
  #hide(outer: Path): void {
    for (const path of this.#hidden) {
      const node = this.#flattener.nodeAt([...outer, ...path]);
      if (node !== undefined) {
        node.hidden = node !== this.#flattener.root;
      }
    }
  }

  /** Values that were left out: the series has as many fields as it may have, or too many keys. */
  get refusedValues(): number {
    return this.#flattener.refusedValues + this.#columns.refusedValues;
  }

  /** Values that were left out because their key is too long to be a name. */
  get longKeys(): number {
    return this.#flattener.longKeys;
  }

  /** Objects and lists that stayed as they are because they lie too deep. */
  get deepValues(): number {
    return this.#flattener.deepValues;
  }

  /** Lists of numbers that stayed as they are because they are too long. */
  get longLists(): number {
    return this.#flattener.longLists;
  }

  /** Values that went to a sibling column, because their node had one of another type already. */
  get siblingValues(): number {
    return this.#columns.siblingValues;
  }

  /** Values that went to a sibling column, because the first has numbers of another unit. */
  get otherUnitValues(): number {
    return this.#columns.otherUnitValues;
  }

  /** Whether nothing was added since the last {@link take}. */
  get empty(): boolean {
    return this.#rows === 0 && !this.#topicDue;
  }

  /** Rows that {@link take} would have. */
  get waiting(): number {
    return this.#rows - this.#first;
  }

  /**
   * @param time arrival in milliseconds; the caller sees to it that it never decreases.
   * @param retained the row is marked as that of a retained message.
   */
  add(time: number, value: unknown, retained = false): void {
    if (value === CLEARED) {
      this.#end(time, retained ? RETAINED : 0);
      return;
    }
    const row = this.#beginRow(time);
    if (retained) {
      this.#flags.set(row, RETAINED);
    }
    const { root } = this.#flattener;
    // A payload that is one number, as the one before it was.
    if (typeof value === 'number' && root.plainNumber !== undefined) {
      root.plainNumber.writeNumber(row, value);
    } else {
      this.#flattener.write(root, row, value, time);
    }
    this.#finish(row, value);
  }

  /**
   * As {@link add}, for the bytes of a JSON object that is like the last one.
   *
   * @returns whether it was; else nothing has been done, and its value is to be added.
   */
  addSimilarJson(time: number, payload: Uint8Array): boolean {
    if (
      this.#fields !== undefined ||
      this.#filler !== undefined ||
      this.#mapped ||
      this.#columns.isIncomplete ||
      !jsonFastPath.read(payload, this.#flattener.root, time, this.#limits)
    ) {
      return false;
    }
    jsonFastPath.write(this.#beginRow(time));
    if (this.#rows - this.#first > this.#maxRows) {
      this.#giveUp();
    }
    return true;
  }

  /** A row with a time, names or units of its own. @param retained see {@link add}. */
  addRow(extracted: ExtractedRow, retained = false): void {
    const { time, timed, historical, timePath, value, units, field } = extracted;
    const kind = timed ? this.#flags.ofTimed(extracted, this.#rows, this.#first) : historical ? HISTORICAL : 0;
    const flags = retained ? kind | RETAINED : kind;
    if (value === CLEARED) {
      this.#end(time, flags, field);
      return;
    }
    if (field !== undefined && this.#hidden.length > 0 && !this.#levels.has(field)) {
      this.#levels.add(field);
      this.#hide([field]);
    }
    const row = this.#beginRow(time);
    if (flags !== 0) {
      this.#flags.set(row, flags);
      this.#latest = Math.max(this.#latest, time);
    }
    // The value that is the time of this row may be something else in the next: a count, or text.
    const node = timePath === undefined ? undefined : this.#flattener.nodeAt(timePath);
    const wasHidden = node?.hidden === true;
    if (node !== undefined) {
      node.hidden = true;
    }
    if (this.#fields === undefined) {
      this.#flattener.write(this.#flattener.root, row, value, time);
    } else {
      this.#writeFields(this.#fields, row, extracted);
    }
    if (node !== undefined) {
      node.hidden = wasHidden;
    }
    units?.forEach((unit, key) => this.#nameUnit(row, pathOf(field, key), unit));
    this.#finish(row, value);
  }

  /** As {@link add} for no payload, of one field that the level of a topic names. */
  clearField(time: number, field: string, retained: boolean): void {
    this.#end(time, retained ? RETAINED : 0, field);
  }

  /**
   * Clears the series: adds null in all columns, or in those of one field, behind all of its rows, even if the
   * sender's clock is ahead.
   */
  #end(time: number, flags: number, field?: string): void {
    const after = Math.max(time, this.#latest);
    const row = this.#beginRow(after);
    const isTimed = (flags & ~RETAINED) !== 0 || after > time;
    if (flags !== 0 || isTimed) {
      this.#flags.set(row, flags | (isTimed ? TIMED : 0));
    }
    this.#columns.writeNulls(row, field);
    this.#finish(row, CLEARED);
  }

  #finish(row: number, value: unknown): void {
    if (this.#columns.isIncomplete || this.#filler !== undefined) {
      this.#columns.complete(row, value, this.#filler);
    }
    if (this.#rows - this.#first > this.#maxRows) {
      this.#giveUp();
    }
  }

  /** How many numbers {@link take} adds to the buffer. */
  get numbers(): number {
    const [rows, begin] = [this.#rows, this.#first];
    return (needsFlags(this.#flags.common(begin, rows)) ? 2 : 1) * (rows - begin) + this.#columns.numbers(rows, begin);
  }

  /**
   * The rows since the last call; `undefined` if there are none.
   *
   * @param buffer where its numbers go, behind those of other series.
   */
  take(buffer = new NumberBuffer(this.numbers)): SeriesChunk | undefined {
    if (this.empty) {
      return undefined;
    }
    const [rows, begin] = [this.#rows, this.#first];
    const timesAt = buffer.add(this.#time, begin, rows);
    const columns = this.#columns.take(rows, begin, buffer);
    const flags = this.#flags.common(begin, rows);
    const chunk: { -readonly [K in keyof SeriesChunk]: SeriesChunk[K] } = {
      series: this.series,
      rows: rows - begin,
      dropped: this.#dropped,
      floats: buffer.floats,
      timesAt,
      columns,
    };
    if (this.#topicDue) {
      chunk.topic = this.topic;
      chunk.labels = this.#labels;
      this.#topicDue = false;
    }
    if (needsFlags(flags)) {
      chunk.flagsAt = buffer.add(this.#flags.all, begin, rows);
    } else if (flags === TIMED) {
      chunk.timed = true;
    }
    this.#flags.clear();
    this.#rows = this.#first = this.#dropped = 0;
    if (this.#time.length > RETAINED_CAPACITY) {
      this.#time = new Float64Array(INITIAL_CAPACITY);
    }
    return chunk;
  }

  #beginRow(time: number): number {
    const row = this.#rows;
    if (row === this.#time.length) {
      const larger = new Float64Array(row * 2);
      larger.set(this.#time);
      this.#time = larger;
    }
    this.#time[row] = time;
    this.#rows = row + 1;
    return row;
  }

  #giveUp(): void {
    this.#first++;
    this.#dropped++;
    if (this.#first >= this.#maxRows) {
      this.#compact();
    }
  }

  /** Moves the kept rows to the front, once in every `maxRows` rows given up, so that the cost of a row stays flat. */
  #compact(): void {
    const [rows, begin] = [this.#rows, this.#first];
    this.#columns.discard(begin);
    this.#flags.discard(begin);
    this.#time.copyWithin(0, begin, rows);
    this.#rows = rows - begin;
    this.#first = 0;
  }

  /**
   * Writes what a row has of the fields that the query names. With the first row that has one of them, all of them get
   * their column, in the order of the query: what is built on a table has to find the columns before they have a value.
   * A series that has none of the fields gets none: it is of another kind.
   */
  #writeFields(fields: readonly ChosenField[], row: number, extracted: FieldSource): void {
    const isFirst = !this.#hasFieldColumns && fields.some((field) => cellOf(field, extracted) !== undefined);
    this.#hasFieldColumns ||= isFirst;
    for (let i = 0; i < fields.length; i++) {
      const cell = cellOf(fields[i], extracted);
      const node = this.#fieldNodes[i];
      if (cell !== undefined) {
        // For a column that this value opens. A path leads into an object, and never to the object itself.
        node.whole = cell === extracted.value;
        this.#writeChosen(fields[i], node, row, cell, extracted.time);
      } else if (isFirst) {
        this.#columns.open(node, 'unknown');
      }
    }
  }

  #writeChosen({ type, convert }: ChosenField, node: PathNode, row: number, value: unknown, time: number): void {
    if (type === undefined || convert === undefined) {
      this.#flattener.write(node, row, value, time);
      return;
    }
    const quantity = type === 'number' && typeof value === 'string' ? parseQuantity(value) : undefined;
    const cell = value === null ? null : (quantity?.value ?? convert(value, time));
    if (cell === undefined) {
      this.mistypedValues++;
    } else if (typeof cell === 'number' && type === 'number' && typeof value === 'string' && !isExact(cell, value)) {
      this.inexactValues++;
    }
    (node[type] ?? this.#columns.open(node, type))?.write(row, cell ?? null);
    if (quantity !== undefined && quantity.unit !== '') {
      this.#columns.putInUnit(node, row, quantity.unit);
    }
  }

  /** @param path of the value that has the unit. */
  #nameUnit(row: number, path: readonly string[], unit: string): void {
    if (this.#fields === undefined) {
      const node = path.reduce<PathNode | undefined>((outer, key) => outer?.below.get(key), this.#flattener.root);
      if (node !== undefined) {
        this.#columns.putInUnit(node, row, unit);
      }
      return;
    }
    const wanted = path.length === 0 ? [SCALAR] : path;
    this.#fields.forEach(({ path: own }, i) => {
      if (own.length === wanted.length && wanted.every((key, level) => own[level] === key)) {
        this.#columns.putInUnit(this.#fieldNodes[i], row, unit);
      }
    });
  }
}
