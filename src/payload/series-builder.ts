import type { ColumnChunk, ColumnSpec, ColumnType, SeriesChunk } from './batch';
import { Column, KEPT, START } from './column';
import { GONE } from './decode';
import { Namer } from './names';
import { Place } from './place';

/** Levels of nested objects that become fields of their own; what is deeper stays one JSON value. */
export const MAX_DEPTH = 10;

/** Fields that one series may open; further ones are counted and left out. */
export const MAX_FIELDS = 500;

/** Keys remembered per series: a bound on what payloads whose keys are ever new can make it hold. */
const MAX_PLACES = 4 * MAX_FIELDS;

/** Keys longer than this are not names; their values are counted and left out, so that they are not remembered. */
const MAX_KEY_LENGTH = 1_000;

/**
 * Turns the decoded messages of one topic into columns. The first value at a path decides the type of its column;
 * a value of another type goes to a sibling column, never into this one as something it is not.
 */
export class SeriesBuilder {
  readonly #columns: Column[] = [];
  readonly #namer = new Namer();
  readonly #root = new Place([]);
  readonly #maxRows: number;
  #time = new Float64Array(START);
  #rows = 0;
  #begin = 0;
  #dropped = 0;
  #places = 0;
  #topicDue = true;
  /** Values that were left out: the series has {@link MAX_FIELDS} already, or too many keys, or the key is too long. */
  overflow = 0;

  /** @param maxRows rows held until they are taken; beyond them the oldest are given up and counted. */
  constructor(
    readonly series: number,
    readonly topic: string,
    maxRows: number
  ) {
    this.#maxRows = maxRows;
  }

  /** Whether nothing was added since the last {@link take}. */
  get empty(): boolean {
    return this.#rows === 0 && !this.#topicDue;
  }

  /** @param time arrival in milliseconds; the caller sees to it that it never decreases. */
  add(time: number, value: unknown): void {
    const row = this.#rows;
    if (row === this.#time.length) {
      const larger = new Float64Array(row * 2);
      larger.set(this.#time);
      this.#time = larger;
    }
    this.#time[row] = time;
    this.#rows = row + 1;
    if (value === GONE) {
      for (const column of this.#columns) {
        column.write(row, null);
      }
    } else {
      this.#write(this.#root, row, value, 0);
    }
    if (this.#rows - this.#begin > this.#maxRows) {
      this.#begin++;
      this.#dropped++;
      if (this.#begin >= this.#maxRows) {
        this.#compact();
      }
    }
  }

  /** What was collected since the last call; `undefined` if nothing was. */
  take(): SeriesChunk | undefined {
    if (this.empty) {
      return undefined;
    }
    const [rows, begin] = [this.#rows, this.#begin];
    const columns: ColumnChunk[] = [];
    for (const column of this.#columns) {
      const taken = column.take(rows, begin);
      if (taken !== undefined) {
        columns.push(taken);
      }
    }
    const chunk: SeriesChunk = {
      series: this.series,
      ...(this.#topicDue ? { topic: this.topic } : undefined),
      rows: rows - begin,
      dropped: this.#dropped,
      time: this.#time.slice(begin, rows),
      columns,
    };
    this.#topicDue = false;
    this.#rows = this.#begin = this.#dropped = 0;
    if (this.#time.length > KEPT) {
      this.#time = new Float64Array(START);
    }
    return chunk;
  }

  /** Moves the kept rows to the front, once in every `maxRows` rows given up, so that the cost of a row stays flat. */
  #compact(): void {
    const [rows, begin] = [this.#rows, this.#begin];
    for (const column of this.#columns) {
      column.discard(begin);
    }
    this.#time.copyWithin(0, begin, rows);
    this.#rows = rows - begin;
    this.#begin = 0;
  }

  #write(place: Place, row: number, value: unknown, depth: number): void {
    switch (typeof value) {
      case 'number':
        (place.number ?? this.#openColumn(place, 'number'))?.writeNumber(row, value);
        break;
      case 'string':
        (place.string ?? this.#openColumn(place, 'string'))?.write(row, value);
        break;
      case 'boolean':
        (place.boolean ?? this.#openColumn(place, 'boolean'))?.write(row, value);
        break;
      default:
        if (value === null) {
          (place.first ?? this.#openColumn(place, 'unknown'))?.write(row, null);
        } else if (Array.isArray(value) || depth >= MAX_DEPTH) {
          (place.json ?? this.#openColumn(place, 'json'))?.write(row, value);
        } else {
          this.#writeObject(place, row, value as Record<string, unknown>, depth);
        }
    }
  }

  #writeObject(place: Place, row: number, value: Record<string, unknown>, depth: number): void {
    const { lastKeys, lastPlaces } = place;
    // Object.keys, not for…in: a payload's "__proto__" is an own key of what JSON.parse made, and nothing else is.
    const keys = Object.keys(value);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      let child: Place | undefined = lastPlaces[i];
      if (key !== lastKeys[i]) {
        child = place.below.get(key) ?? this.#openPlace(place, key);
        if (child === undefined) {
          this.overflow++;
          continue;
        }
        // Without holes: keys that were left out before this one may be any number.
        if (i <= lastKeys.length) {
          lastKeys[i] = key;
          lastPlaces[i] = child;
        }
      }
      this.#write(child, row, value[key], depth + 1);
    }
  }

  #openPlace(parent: Place, key: string): Place | undefined {
    if (this.#places >= MAX_PLACES || key.length > MAX_KEY_LENGTH) {
      return undefined;
    }
    this.#places++;
    const place = new Place([...parent.path, key]);
    parent.below.set(key, place);
    return place;
  }

  #openColumn(place: Place, type: ColumnType): Column | undefined {
    const { first } = place;
    if (first !== undefined && first.spec.type === 'unknown') {
      first.settle({ ...first.spec, type });
      place[type] = first;
      return first;
    }
    if (this.#columns.length >= MAX_FIELDS) {
      this.overflow++;
      return undefined;
    }
    const spec: ColumnSpec = { path: place.path, name: this.#namer.name(place.path, type, first !== undefined), type };
    const column = new Column(this.#columns.length, spec);
    this.#columns.push(column);
    place[type] = column;
    place.first ??= column;
    return column;
  }
}
