import type { Path } from './batch';
import type { ColumnSet } from './column-set';
import { MAX_KEY_LENGTH, type PayloadLimits } from '../limits';
import { mappingAt, type ValueMappings } from '../rows/value-mappings';
import { PathNode } from './path-node';
import { isNearbyTime, isNever, isPlausible } from '../time/time-finder';
import { createTimeReader } from '../time/times';

/** Keys remembered for each field that a series may have. It bounds the memory that payloads with ever new keys take. */
const NODES_PER_FIELD = 4;

const readTime = createTimeReader();

/** Flattens decoded values: writes each value in them to the column of its node and type. */
export class Flattener {
  readonly #columns: ColumnSet;
  readonly #levels: number;
  readonly #items: number;
  readonly #maxNodes: number;
  readonly #mappings: ValueMappings | undefined;
  /** A payload that is one number has no name, and many formats say that it is a number. */
  readonly #rootMayBeTime: boolean;
  /** The node of the message itself. */
  readonly root = new PathNode([]);
  #nodes = 0;
  /** The time of the row that is written, in milliseconds. */
  #time = 0;
  /** Values that were left out because there are too many keys. */
  refusedValues = 0;
  /** Values that were left out because their key is too long. */
  longKeys = 0;
  /** Objects and lists that stayed as they are because they lie too deep. */
  deepValues = 0;
  /** Lists of numbers that stayed as they are because they are too long. */
  longLists = 0;

  constructor(
    columns: ColumnSet,
    { levels, items, fields }: PayloadLimits,
    { mappings, rootMayBeTime = false }: { mappings?: ValueMappings | undefined; rootMayBeTime?: boolean } = {}
  ) {
    this.#rootMayBeTime = rootMayBeTime;
    this.#columns = columns;
    this.#levels = levels;
    this.#items = items;
    this.#maxNodes = NODES_PER_FIELD * fields;
    this.#mappings = mappings;
    this.root.mapping = mappingAt(mappings, []);
  }

  /** @param time of the row, in milliseconds. */
  write(node: PathNode, row: number, value: unknown, time: number): void {
    this.#time = time;
    this.#write(node, row, value, 0);
  }

  /** The node of what lies in objects; `undefined` if it lies in a list, or there is no room for another node. */
  nodeAt(path: Path): PathNode | undefined {
    let node: PathNode | undefined = this.root;
    for (const key of path) {
      if (typeof key === 'number') {
        return undefined;
      }
      node = node.below.get(key) ?? this.#openNode(node, key);
      if (node === undefined) {
        return undefined;
      }
    }
    return node;
  }

  #write(node: PathNode, row: number, value: unknown, depth: number): void {
    if (node.mapping !== undefined && typeof value !== 'object') {
      this.#writeWord(node, row, value);
      return;
    }
    this.#writePlain(node, row, value, depth);
  }

  #writePlain(node: PathNode, row: number, value: unknown, depth: number): void {
    switch (typeof value) {
      case 'number':
        if (node.number !== undefined && !node.mayBeTime) {
          node.number.writeNumber(row, value);
        } else {
          this.#writeOtherNumber(node, row, value);
        }
        break;
      case 'string':
        (node.string ?? this.#columns.open(node, 'string'))?.write(row, value);
        break;
      case 'boolean':
        (node.boolean ?? this.#columns.open(node, 'boolean'))?.write(row, value);
        break;
      default:
        if (value === null) {
          (node.first ?? this.#columns.open(node, 'unknown'))?.write(row, null);
        } else if (Array.isArray(value)) {
          this.#writeList(node, row, value, depth);
        } else if (depth >= this.#levels) {
          this.deepValues++;
          (node.json ?? this.#columns.open(node, 'json'))?.write(row, value);
        } else {
          this.#writeObject(node, row, value as Record<string, unknown>, depth);
        }
    }
  }

  /** One of two words, as 1 and 0; any other value is null there, and is in a sibling column. */
  #writeWord(node: PathNode, row: number, value: unknown): void {
    const word = node.mapping?.read(value);
    const cell = word === undefined ? null : Number(word);
    (node.mapped ?? this.#columns.openMapped(node))?.write(row, cell);
    if (cell === null) {
      this.#writePlain(node, row, value, 0);
    }
  }

  /** The first number of a node; and each under the name of a time, which is one where it is plausible. */
  #writeOtherNumber(node: PathNode, row: number, value: number): void {
    const arrival = this.#time;
    if (
      node.number === undefined &&
      (node !== this.root || this.#rootMayBeTime) &&
      isNearbyTime(value, arrival, node.path.at(-1))
    ) {
      node.mayBeTime = true;
    }
    if (value === 0 && node.mayBeTime && node.number === undefined && isNever(node.path.at(-1))) {
      (node.time ?? node.first ?? this.#columns.open(node, 'unknown'))?.write(row, null);
      return;
    }
    const time = node.mayBeTime ? readTime(value, arrival) : undefined;
    if (time !== undefined && isPlausible(time, arrival)) {
      (node.time ?? this.#columns.open(node, 'time'))?.writeNumber(row, time);
    } else {
      (node.number ?? this.#columns.open(node, 'number'))?.writeNumber(row, value);
    }
  }

  #writeObject(node: PathNode, row: number, value: Record<string, unknown>, depth: number): void {
    const { lastKeys, lastNodes } = node;
    // Object.keys, not for…in: a payload's "__proto__" is an own key of what JSON.parse made, and nothing else is.
    const keys = Object.keys(value);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i];
      let child: PathNode | undefined = lastNodes[i];
      if (key !== lastKeys[i]) {
        child = node.below.get(key) ?? this.#openNode(node, key);
        if (child === undefined) {
          this.#leaveOut(key);
          continue;
        }
        // Without holes: keys that were left out before this one may be any number.
        if (i <= lastKeys.length) {
          lastKeys[i] = key;
          lastNodes[i] = child;
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
  #writeList(node: PathNode, row: number, list: unknown[], depth: number): void {
    const items = this.#isFlattened(list, depth) ? this.#itemsOf(node, list.length) : undefined;
    if (items === undefined) {
      (node.json ?? this.#columns.open(node, 'json'))?.write(row, list);
    } else {
      for (let i = 0; i < list.length; i++) {
        this.#write(items[i], row, list[i], depth + 1);
      }
    }
  }

  /** Of a long list the beginning says what it is: looking at all of it would be for the count alone. */
  #isFlattened(list: readonly unknown[], depth: number): boolean {
    const long = list.length > this.#items;
    if (!areNumbers(list, long ? this.#items + 1 : list.length)) {
      return false;
    }
    const tooDeep = depth >= this.#levels;
    this.deepValues += tooDeep ? 1 : 0;
    this.longLists += long && !tooDeep ? 1 : 0;
    return !long && !tooDeep;
  }

  #leaveOut(key: string): void {
    if (key.length > MAX_KEY_LENGTH) {
      this.longKeys++;
    } else {
      this.refusedValues++;
    }
  }

  #itemsOf(node: PathNode, length: number): PathNode[] | undefined {
    const items = (node.items ??= []);
    while (items.length < length) {
      if (this.#nodes >= this.#maxNodes) {
        return undefined;
      }
      this.#nodes++;
      items.push(this.#mapped(node.at(items.length)));
    }
    return items;
  }

  #mapped(node: PathNode): PathNode {
    node.mapping = mappingAt(this.#mappings, node.path);
    return node;
  }

  #openNode(parent: PathNode, key: string): PathNode | undefined {
    if (this.#nodes >= this.#maxNodes || key.length > MAX_KEY_LENGTH) {
      return undefined;
    }
    this.#nodes++;
    const node = this.#mapped(parent.at(key));
    parent.below.set(key, node);
    return node;
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
