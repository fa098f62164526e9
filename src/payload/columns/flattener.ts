import type { Path } from './batch';
import type { ColumnSet } from './column-set';
import { MAX_KEY_LENGTH, type PayloadLimits } from '../limits';
import { mappingAt, type ValueMappings } from '../rows/value-mappings';
import { PathNode } from './path-node';
import { isPlausible } from '../time/time-finder';
import { createTimeReader } from '../time/times';

/** Keys remembered for each field that a series may have: a bound on what payloads whose keys are ever new can make it hold. */
const PLACES_PER_FIELD = 4;

const readTime = createTimeReader();

/** Takes decoded values apart, and writes what is in them to the column of its place and type. */
export class Flattener {
  readonly #columns: ColumnSet;
  readonly #levels: number;
  readonly #items: number;
  readonly #mostPlaces: number;
  readonly #mappings: ValueMappings | undefined;
  /** The place of the message itself. */
  readonly root = new PathNode([]);
  #places = 0;
  /** The time of the row that is written, in milliseconds. */
  #time = 0;
  /** Values that were left out because there are too many keys. */
  overflow = 0;
  /** Values that were left out because their key is too long. */
  longKeys = 0;
  /** Objects and lists that stayed as they are because they lie too deep. */
  deep = 0;
  /** Lists of numbers that stayed as they are because they are too long. */
  longLists = 0;

  constructor(columns: ColumnSet, { levels, items, fields }: PayloadLimits, mappings?: ValueMappings) {
    this.#columns = columns;
    this.#levels = levels;
    this.#items = items;
    this.#mostPlaces = PLACES_PER_FIELD * fields;
    this.#mappings = mappings;
    this.root.mapping = mappingAt(mappings, []);
  }

  /** @param time of the row, in milliseconds. */
  write(place: PathNode, row: number, value: unknown, time: number): void {
    this.#time = time;
    this.#write(place, row, value, 0);
  }

  /** The place of what lies in objects; `undefined` where it lies in a list, or there is no room for another place. */
  placeAt(path: Path): PathNode | undefined {
    let place: PathNode | undefined = this.root;
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

  #write(place: PathNode, row: number, value: unknown, depth: number): void {
    if (place.mapping !== undefined && typeof value !== 'object') {
      this.#writeWord(place, row, value);
      return;
    }
    this.#writePlain(place, row, value, depth);
  }

  #writePlain(place: PathNode, row: number, value: unknown, depth: number): void {
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
        } else if (depth >= this.#levels) {
          this.deep++;
          (place.json ?? this.#columns.open(place, 'json'))?.write(row, value);
        } else {
          this.#writeObject(place, row, value as Record<string, unknown>, depth);
        }
    }
  }

  /** One of two words, as 1 and 0; what is none of them is null there, and stands in a column beside it. */
  #writeWord(place: PathNode, row: number, value: unknown): void {
    const word = place.mapping?.read(value);
    const cell = word === undefined ? null : Number(word);
    (place.mapped ?? this.#columns.openMapped(place))?.write(row, cell);
    if (cell === null) {
      this.#writePlain(place, row, value, 0);
    }
  }

  /** The first number of a place; and each under the name of a time, which is one where it is plausible. */
  #writeOtherNumber(place: PathNode, row: number, value: number): void {
    const arrival = this.#time;
    const time = place.mayBeTime ? readTime(value, arrival) : undefined;
    if (time !== undefined && isPlausible(time, arrival)) {
      (place.time ?? this.#columns.open(place, 'time'))?.writeNumber(row, time);
    } else {
      (place.number ?? this.#columns.open(place, 'number'))?.writeNumber(row, value);
    }
  }

  #writeObject(place: PathNode, row: number, value: Record<string, unknown>, depth: number): void {
    const { lastKeys, lastPlaces } = place;
    // Object.keys, not for…in: a payload's "__proto__" is an own key of what JSON.parse made, and nothing else is.
    const keys = Object.keys(value);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      let child: PathNode | undefined = lastPlaces[i];
      if (key !== lastKeys[i]) {
        child = place.below.get(key) ?? this.#openPlace(place, key);
        if (child === undefined) {
          this.#leaveOut(key);
          continue;
        }
        // Without holes: keys that were left out before this one may be any number.
        if (i <= lastKeys.length) {
          lastKeys[i] = key;
          lastPlaces[i] = child;
        }
      }
      if (child.hidden) {
        continue;
      }
      const cell = value[key];
      // Most of what sensors send are numbers, of columns that there are.
      if (typeof cell === 'number' && child.plainNumber !== undefined) {
        child.plainNumber.writeNumber(row, cell);
      } else {
        this.#write(child, row, cell, depth + 1);
      }
    }
  }

  /** A few numbers (a colour, three axes, phases) are a field each; of anything else the list stays as it is. */
  #writeList(place: PathNode, row: number, list: unknown[], depth: number): void {
    const items = this.#isTakenApart(list, depth) ? this.#itemsOf(place, list.length) : undefined;
    if (items === undefined) {
      (place.json ?? this.#columns.open(place, 'json'))?.write(row, list);
    } else {
      for (let i = 0; i < list.length; i++) {
        this.#write(items[i], row, list[i], depth + 1);
      }
    }
  }

  /** Of a long list the beginning says what it is: looking at all of it would be for the count alone. */
  #isTakenApart(list: readonly unknown[], depth: number): boolean {
    const long = list.length > this.#items;
    if (!areNumbers(list, long ? this.#items + 1 : list.length)) {
      return false;
    }
    const tooDeep = depth >= this.#levels;
    this.deep += tooDeep ? 1 : 0;
    this.longLists += long && !tooDeep ? 1 : 0;
    return !long && !tooDeep;
  }

  #leaveOut(key: string): void {
    if (key.length > MAX_KEY_LENGTH) {
      this.longKeys++;
    } else {
      this.overflow++;
    }
  }

  #itemsOf(place: PathNode, length: number): PathNode[] | undefined {
    const items = (place.items ??= []);
    while (items.length < length) {
      if (this.#places >= this.#mostPlaces) {
        return undefined;
      }
      this.#places++;
      items.push(this.#mapped(place.at(items.length)));
    }
    return items;
  }

  #mapped(place: PathNode): PathNode {
    place.mapping = mappingAt(this.#mappings, place.path);
    return place;
  }

  #openPlace(parent: PathNode, key: string): PathNode | undefined {
    if (this.#places >= this.#mostPlaces || key.length > MAX_KEY_LENGTH) {
      return undefined;
    }
    this.#places++;
    const place = this.#mapped(parent.at(key));
    parent.below.set(key, place);
    return place;
  }
}

/** Whether the first items of a list are numbers and nulls, with at least one number. */
function areNumbers(list: readonly unknown[], length: number): boolean {
  let numbers = 0;
  for (let i = 0; i < length; i++) {
    const item = list[i];
    if (typeof item === 'number') {
      numbers++;
    } else if (item !== null) {
      return false;
    }
  }
  return numbers > 0;
}
