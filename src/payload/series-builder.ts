import { FloatPile, type Path, type SeriesChunk } from './batch';
import { KEPT, START } from './column';
import { ColumnSet, MAX_FIELDS } from './column-set';
import { GONE } from './decoded';
import { Filler } from './filler';
import { Place } from './place';
import type { ChosenField, Reading } from './reading';
import type { ShapedRow } from './shaper';
import { isPlausible } from './time-finder';
import { createTimeReader } from './times';

/** Levels of nested objects that become fields of their own; what is deeper stays one JSON value. */
export const MAX_DEPTH = 10;

/** Keys remembered per series: a bound on what payloads whose keys are ever new can make it hold. */
const MAX_PLACES = 4 * MAX_FIELDS;

/** Keys longer than this are not names; their values are counted and left out, so that they are not remembered. */
const MAX_KEY_LENGTH = 1_000;

/** Lists of no more numbers than this become a field for each; longer ones stay one JSON value. */
export const MAX_LIST = 16;

const readTime = createTimeReader();

/** What a series is told beside its messages. */
export interface SeriesOptions {
  /** What in its messages tells it apart from others of its topic. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly reading?: Pick<Reading, 'fields' | 'hidden' | 'fill'>;
}

/**
 * Turns the decoded messages of one series into columns. The first value at a path decides the type of its column;
 * a value of another type goes to a sibling column, never into this one as something it is not.
 */
export class SeriesBuilder {
  readonly #columns = new ColumnSet();
  readonly #root = new Place([]);
  readonly #maxRows: number;
  readonly #labels: SeriesOptions['labels'];
  /** What the query names, and where it goes. */
  readonly #fields: readonly ChosenField[] | undefined;
  readonly #fieldPlaces: readonly Place[];
  readonly #filler: Filler | undefined;
  #timed = false;
  #time = new Float64Array(START);
  #rows = 0;
  #first = 0;
  #dropped = 0;
  #places = 0;
  #topicDue = true;
  /** Values that were left out because there are too many keys, or because the key is too long. */
  #overflow = 0;
  /** Values that were not of the type that the query names; they are null. */
  mistyped = 0;

  /** @param maxRows rows held until they are taken; beyond them the oldest are given up and counted. */
  constructor(
    readonly series: number,
    readonly topic: string,
    maxRows: number,
    { labels, reading }: SeriesOptions = {}
  ) {
    this.#maxRows = maxRows;
    this.#labels = labels;
    this.#fields = reading?.fields;
    this.#fieldPlaces = this.#fields?.map(({ path, title, unit }) => new Place(path, title, unit)) ?? [];
    this.#filler = reading === undefined || reading.fill === 'none' ? undefined : new Filler(reading.fill);
    for (const path of reading?.hidden ?? []) {
      const place = this.#placeAt(path);
      if (place !== undefined) {
        place.hidden = place !== this.#root;
      }
    }
  }

  /** Values that were left out: the series has {@link MAX_FIELDS} already, or too many keys, or the key is too long. */
  get overflow(): number {
    return this.#overflow + this.#columns.overflow;
  }

  /** Values that went to a sibling column, because their place had one of another type already. */
  get siblings(): number {
    return this.#columns.siblings;
  }

  /** Whether nothing was added since the last {@link take}. */
  get empty(): boolean {
    return this.#rows === 0 && !this.#topicDue;
  }

  /** @param time arrival in milliseconds; the caller sees to it that it never decreases. */
  add(time: number, value: unknown): void {
    const row = this.#beginRow(time);
    if (value === GONE) {
      this.#columns.writeNulls(row);
    } else {
      this.#write(this.#root, row, value, 0);
    }
    if (this.#columns.opened || this.#filler !== undefined) {
      this.#columns.complete(row, value, this.#filler);
    }
    if (this.#rows - this.#first > this.#maxRows) {
      this.#giveUp();
    }
  }

  /** A row with a time, names or units of its own. */
  addRow({ time, timed, timePath, value, whole, units }: ShapedRow): void {
    this.#timed ||= timed;
    // What is the time of this row may be something else in the next: a count, or text.
    const place = timePath === undefined ? undefined : this.#placeAt(timePath);
    const wasHidden = place?.hidden === true;
    if (place !== undefined) {
      place.hidden = true;
    }
    if (this.#fields === undefined || value === GONE) {
      this.add(time, value);
    } else {
      const row = this.#beginRow(time);
      this.#fields.forEach((field, i) => {
        let cell = field.get(value);
        if (cell === undefined && whole !== undefined) {
          cell = field.get(whole);
        }
        if (cell !== undefined) {
          this.#writeChosen(field, this.#fieldPlaces[i], row, cell, time);
        }
      });
      this.#columns.complete(row, value, this.#filler);
      if (this.#rows - this.#first > this.#maxRows) {
        this.#giveUp();
      }
    }
    if (place !== undefined) {
      place.hidden = wasHidden;
    }
    units?.forEach((unit, key) => this.#nameUnit(key, unit));
  }

  /** How many numbers {@link take} adds to the pile. */
  get numbers(): number {
    return this.#rows - this.#first + this.#columns.numbers(this.#rows, this.#first);
  }

  /**
   * What was collected since the last call; `undefined` if nothing was.
   *
   * @param pile where its numbers go, behind those of other series.
   */
  take(pile = new FloatPile(this.numbers)): SeriesChunk | undefined {
    if (this.empty) {
      return undefined;
    }
    const [rows, begin] = [this.#rows, this.#first];
    const timesAt = pile.add(this.#time, begin, rows);
    const columns = this.#columns.take(rows, begin, pile);
    const chunk: SeriesChunk = {
      series: this.series,
      ...(this.#topicDue ? { topic: this.topic } : undefined),
      ...(this.#topicDue && this.#labels !== undefined ? { labels: this.#labels } : undefined),
      rows: rows - begin,
      dropped: this.#dropped,
      floats: pile.floats,
      timesAt,
      columns,
      ...(this.#timed ? { timed: true } : undefined),
    };
    this.#topicDue = this.#timed = false;
    this.#rows = this.#first = this.#dropped = 0;
    if (this.#time.length > KEPT) {
      this.#time = new Float64Array(START);
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
    this.#time.copyWithin(0, begin, rows);
    this.#rows = rows - begin;
    this.#first = 0;
  }

  #write(place: Place, row: number, value: unknown, depth: number): void {
    switch (typeof value) {
      case 'number':
        if (place.number !== undefined && !place.mayBeTime) {
          place.number.writeNumber(row, value);
        } else {
          this.#writeOtherNumber(place, row, value);
        }
        break;
      case 'string':
        (place.string ?? this.#columns.open(place, 'string'))?.write(row, value);
        break;
      case 'boolean':
        (place.boolean ?? this.#columns.open(place, 'boolean'))?.write(row, value);
        break;
      default:
        if (value === null) {
          (place.first ?? this.#columns.open(place, 'unknown'))?.write(row, null);
        } else if (Array.isArray(value)) {
          this.#writeList(place, row, value, depth);
        } else if (depth >= MAX_DEPTH) {
          (place.json ?? this.#columns.open(place, 'json'))?.write(row, value);
        } else {
          this.#writeObject(place, row, value as Record<string, unknown>, depth);
        }
    }
  }

  /** The first number of a place; and each under the name of a time, which is one where it is plausible. */
  #writeOtherNumber(place: Place, row: number, value: number): void {
    const arrival = this.#time[row];
    const time = place.mayBeTime ? readTime(value, arrival) : undefined;
    if (time !== undefined && isPlausible(time, arrival)) {
      (place.time ?? this.#columns.open(place, 'time'))?.writeNumber(row, time);
    } else {
      (place.number ?? this.#columns.open(place, 'number'))?.writeNumber(row, value);
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
          this.#overflow++;
          continue;
        }
        // Without holes: keys that were left out before this one may be any number.
        if (i <= lastKeys.length) {
          lastKeys[i] = key;
          lastPlaces[i] = child;
        }
      }
      if (!child.hidden) {
        this.#write(child, row, value[key], depth + 1);
      }
    }
  }

  /** A few numbers (a colour, three axes, phases) are a field each; of anything else the list stays as it is. */
  #writeList(place: Place, row: number, list: unknown[], depth: number): void {
    const items = depth < MAX_DEPTH && isShortListOfNumbers(list) ? this.#itemsOf(place, list.length) : undefined;
    if (items === undefined) {
      (place.json ?? this.#columns.open(place, 'json'))?.write(row, list);
    } else {
      for (let i = 0; i < list.length; i++) {
        this.#write(items[i], row, list[i], depth + 1);
      }
    }
  }

  #itemsOf(place: Place, length: number): Place[] | undefined {
    const items = (place.items ??= []);
    while (items.length < length) {
      if (this.#places >= MAX_PLACES) {
        return undefined;
      }
      this.#places++;
      items.push(place.at(items.length));
    }
    return items;
  }

  #writeChosen({ type, convert }: ChosenField, place: Place, row: number, value: unknown, time: number): void {
    if (type === undefined || convert === undefined) {
      this.#write(place, row, value, 0);
      return;
    }
    const cell = value === null ? null : convert(value, time);
    if (cell === undefined) {
      this.mistyped++;
    }
    (place[type] ?? this.#columns.open(place, type))?.write(row, cell ?? null);
  }

  /** The place of what lies in objects; `undefined` where it lies in a list, or there is no room for another place. */
  #placeAt(path: Path): Place | undefined {
    let place: Place | undefined = this.#root;
    for (const key of path) {
      if (typeof key === 'number') {
        return undefined;
      }
      place = place.below.get(key) ?? this.#openPlace(place, key);
      if (place === undefined) {
        return undefined;
      }
    }
    return place;
  }

  /** @param key of the value that has the unit; empty for a value that is not an object. */
  #nameUnit(key: string, unit: string): void {
    if (this.#fields === undefined) {
      const place = key === '' ? this.#root : this.#root.below.get(key);
      this.#columns.setUnit(place?.first, unit);
      return;
    }
    this.#fields.forEach(({ path }, i) => {
      if (path.length === 1 && path[0] === (key === '' ? 'Value' : key)) {
        this.#columns.setUnit(this.#fieldPlaces[i].first, unit);
      }
    });
  }

  #openPlace(parent: Place, key: string): Place | undefined {
    if (this.#places >= MAX_PLACES || key.length > MAX_KEY_LENGTH) {
      return undefined;
    }
    this.#places++;
    const place = parent.at(key);
    parent.below.set(key, place);
    return place;
  }
}

function isShortListOfNumbers(list: readonly unknown[]): boolean {
  if (list.length > MAX_LIST) {
    return false;
  }
  let numbers = 0;
  for (const item of list) {
    if (typeof item === 'number') {
      numbers++;
    } else if (item !== null) {
      return false;
    }
  }
  return numbers > 0;
}
