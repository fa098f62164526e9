import { isObject } from '../utils/is-object';
import { eachRun, placeOf, type Ring, type Span } from './ring';

/** A place in a ring of values, with what a short value takes. */
const PLACE_BYTES = 32;

/**
 * Values within a JSON value that are weighed, to have a bound on the cost; what is beyond is taken to be like them.
 */
const WEIGHED = 64;

/** An estimate of the bytes of a value, without its slot in the array: most of them are in long texts. */
function weightOf(value: unknown, most: number): number {
  if (typeof value === 'string') {
    return value.length;
  }
  if (!isObject(value) || most <= 0) {
    return 0;
  }
  const inside = Array.isArray(value) ? value : Object.values(value);
  const weighed = Math.min(most, inside.length);
  let weight = 0;
  for (let i = 0; i < weighed; i++) {
    weight += weightOf(inside[i], most >> 1);
  }
  return PLACE_BYTES * inside.length + (weighed === 0 ? 0 : Math.ceil((weight * inside.length) / weighed));
}

/** Text, booleans and JSON values. */
export class ValueRing implements Ring {
  readonly #values: unknown[];
  /** Bytes of the values, without their slots in the array. */
  #weight = 0;

  constructor(capacity: number) {
    this.#values = Array.from({ length: capacity });
  }

  get bytes(): number {
    return this.#values.length * PLACE_BYTES + this.#weight;
  }

  put(source: readonly unknown[], from: number, to: number, at: number): void {
    const values = this.#values;
    let weight = 0;
    for (let i = from; i < to; i++) {
      const place = at + i - from;
      const value = source[i];
      const before = values[place];
      weight +=
        typeof value === 'string' && typeof before === 'string'
          ? value.length - before.length
          : weightOf(value, WEIGHED) - weightOf(before, WEIGHED);
      values[place] = value;
    }
    this.#weight += weight;
  }

  /** Puts the same value into cells side by side. */
  fill(value: unknown, at: number, count: number): void {
    const values = this.#values;
    let weight = weightOf(value, WEIGHED) * count;
    for (let place = at; place < at + count; place++) {
      const before = values[place];
      weight -= typeof before === 'string' ? before.length : weightOf(before, WEIGHED);
      values[place] = value;
    }
    this.#weight += weight;
  }

  clear(at: number, count: number): void {
    this.fill(undefined, at, count);
  }

  read(span: Span, from: number, to: number): unknown[] {
    const out: unknown[] = [];
    eachRun(span, from, to, (begin, end) => {
      for (let i = begin; i < end; i++) {
        out.push(this.#values[i]);
      }
    });
    return out;
  }

  pick(capacity: number, offset: number, rows: readonly number[]): unknown[] {
    return rows.map((row) => this.#values[placeOf(capacity, offset, row)]);
  }

  shift({ begin, capacity }: Span, from: number, to: number, by: number): void {
    for (let row = to - 1; row >= from; row--) {
      const source = (begin + row) % capacity;
      const target = (begin + row + by) % capacity;
      // Its weight moves with it; what lay there is gone.
      this.#weight -= weightOf(this.#values[target], WEIGHED);
      this.#values[target] = this.#values[source];
      this.#values[source] = undefined;
    }
  }

  cell(at: number): unknown {
    return this.#values[at];
  }

  move(span: Span, from: number, to: number, capacity: number): ValueRing {
    const moved = new ValueRing(capacity);
    moved.put(this.read(span, from, to), 0, to - from, 0);
    return moved;
  }
}
