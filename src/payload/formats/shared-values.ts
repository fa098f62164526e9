import { count } from '../../utils/format-number';
import { ByteError, checkLevels } from './byte-reader';

/** Values that references may add to a payload: a few bytes that refer to each other would be billions of values. */
const MAX_REFERRED = 100_000;

/** Characters that count as one value. */
const CHARACTERS = 16;

/** How many values a value has, itself among them, and how many levels of nesting. */
interface Extent {
  size: number;
  levels: number;
}

const PENDING = Symbol('pending');

/** Values of a payload that later parts of it refer to by number. */
export class SharedValues {
  readonly #values = new Map<number, unknown>();
  readonly #extents = new Map<object, Extent>();
  #referred = 0;

  /** How many values have been defined, or are being read. */
  get count(): number {
    return this.#values.size;
  }

  /**
   * Reads a value that may be referred to.
   *
   * @param id its number.
   */
  define(id: number, read: () => unknown): unknown {
    this.#values.set(id, PENDING);
    const value = read();
    this.#values.set(id, value);
    return value;
  }

  /**
   * @param levels of nesting that may still be entered.
   * @throws {ByteError} if there is no such value, if it contains itself, or if references make the payload too large.
   */
  refer(id: unknown, levels: number): unknown {
    if (typeof id !== 'number' || !this.#values.has(id)) {
      throw new ByteError(`it refers to the value ${JSON.stringify(id)}, which it does not contain`);
    }
    const value = this.#values.get(id);
    if (value === PENDING) {
      throw new ByteError('it has a value that contains itself');
    }
    const extent = this.#extentOf(value);
    if (extent.levels > levels) {
      checkLevels(0);
    }
    this.#referred += extent.size;
    if (this.#referred > MAX_REFERRED) {
      throw new ByteError(`it refers to more than ${count(MAX_REFERRED, 'value')}`);
    }
    return value;
  }

  #extentOf(value: unknown): Extent {
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) {
      const length = typeof value === 'string' || value instanceof Uint8Array ? value.length : 0;
      return { size: 1 + length / CHARACTERS, levels: 0 };
    }
    const known = this.#extents.get(value);
    if (known !== undefined) {
      return known;
    }
    const extent = { size: 1, levels: 1 };
    for (const each of Object.values(value)) {
      const { size, levels } = this.#extentOf(each);
      extent.size += size;
      extent.levels = Math.max(extent.levels, levels + 1);
    }
    this.#extents.set(value, extent);
    return extent;
  }
}
