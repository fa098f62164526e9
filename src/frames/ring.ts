import { halvesOf, readNotANumber, readNumber } from '../payload';

/** Where rows lie in a ring: `begin` is the place of the oldest, and they wrap around at `capacity`. */
export interface Span {
  readonly begin: number;
  readonly length: number;
  readonly capacity: number;
}

const NO_FLOATS = new Float64Array(0);
const NO_HALVES = new Uint32Array(0);

/** The cells of one column in a ring of rows; where rows begin and end is the frame's to know. */
export interface Ring {
  /** Puts cells from `source` at a place that has room for them before the ring wraps around. */
  put(source: Float64Array | readonly unknown[], from: number, to: number, at: number): void;
  /** Makes cells missing. */
  clear(at: number, count: number): void;
  /** The cells as a plain array of their own, oldest first. */
  read(span: Span, from: number, to: number): unknown[];
  /** The cells at single places, each `offset` after the one named, as a plain array of their own. */
  pick(capacity: number, offset: number, rows: readonly number[]): unknown[];
  cell(at: number): unknown;
  /**
   * Moves the rows `from` to `to` so many places on, where there are none that are still wanted. What lies at the
   * places that they leave is to be overwritten.
   */
  shift(span: Span, from: number, to: number, by: number): void;
  /** The rows `from` to `to` at the front of a ring of another size, which has room for them. */
  move(span: Span, from: number, to: number, capacity: number): Ring;
  /** Memory in bytes, as well as it can be known. */
  readonly bytes: number;
}

/**
 * Numbers, 8 bytes each. As long as every cell is a number they lie in a plain array, of which a window is copied in
 * one go; the first null or missing cell moves them to a Float64Array as `payload/cells.ts` encodes it, and a window
 * is then read cell by cell.
 */
export class NumberRing implements Ring {
  readonly #capacity: number;
  #plain: number[] | undefined;
  #floats: Float64Array = NO_FLOATS;
  #halves: Uint32Array = NO_HALVES;

  constructor(capacity: number) {
    this.#capacity = capacity;
    // Its length known and a float to begin with: so V8 lays it out as floats, and copies windows of it in one go.
    // oxlint-disable-next-line unicorn/no-new-array -- Array.from() grows an array, and its windows take several times as long
    this.#plain = new Array<number>(capacity).fill(0.5);
  }

  get bytes(): number {
    return this.#capacity * 8;
  }

  put(source: Float64Array, from: number, to: number, at: number): void {
    const plain = this.#plain;
    if (plain !== undefined) {
      for (let i = from; i < to; i++) {
        const value = source[i];
        if (value !== value) {
          this.#encode();
          break;
        }
        plain[at + i - from] = value;
      }
    }
    if (this.#plain === undefined) {
      this.#floats.set(from === 0 && to === source.length ? source : source.subarray(from, to), at);
    }
  }

  clear(at: number, count: number): void {
    if (count > 0) {
      this.#encode();
      this.#floats.fill(NaN, at, at + count);
    }
  }

  /** Puts the same number into cells side by side. */
  fill(value: number, at: number, count: number): void {
    (this.#plain ?? this.#floats).fill(value, at, at + count);
  }

  read(span: Span, from: number, to: number): unknown[] {
    const plain = this.#plain;
    if (plain !== undefined) {
      let rows: number[] | undefined;
      eachRun(span, from, to, (begin, end) => {
        const run = plain.slice(begin, end);
        rows = rows === undefined ? run : rows.concat(run);
      });
      return rows ?? [];
    }
    const out: unknown[] = [];
    const floats = this.#floats;
    eachRun(span, from, to, (begin, end) => {
      for (let i = begin; i < end; i++) {
        const value = floats[i];
        out.push(value === value ? value : readNotANumber(this.#halves, i));
      }
    });
    return out;
  }

  pick(capacity: number, offset: number, rows: readonly number[]): unknown[] {
    const plain = this.#plain;
    if (plain === undefined) {
      return rows.map((row) => this.cell(placeOf(capacity, offset, row)));
    }
    // A copy of as many floats, whatever they are, is an array that is laid out as floats.
    const out = plain.slice(0, rows.length);
    for (let i = 0; i < rows.length; i++) {
      out[i] = plain[placeOf(capacity, offset, rows[i])];
    }
    return out;
  }

  shift({ begin, capacity }: Span, from: number, to: number, by: number): void {
    const plain = this.#plain;
    let source = (begin + to) % capacity || capacity;
    let target = (begin + to + by) % capacity || capacity;
    for (let left = to - from; left > 0;) {
      // The last of them first, in runs in which neither wraps around.
      const run = Math.min(left, source, target);
      if (plain === undefined) {
        this.#floats.copyWithin(target - run, source - run, source);
      } else {
        // Not copyWithin, which looks each place of an array up as if it might be missing.
        for (let i = 1; i <= run; i++) {
          plain[target - i] = plain[source - i];
        }
      }
      left -= run;
      source = source - run || capacity;
      target = target - run || capacity;
    }
  }

  cell(at: number): unknown {
    return this.#plain === undefined ? readNumber(this.#floats, this.#halves, at) : this.#plain[at];
  }

  move(span: Span, from: number, to: number, capacity: number): NumberRing {
    const moved = new NumberRing(capacity);
    const source = this.#plain === undefined ? this.#floats : Float64Array.from(this.#plain);
    let at = 0;
    eachRun(span, from, to, (begin, end) => {
      moved.put(source, begin, end, at);
      at += end - begin;
    });
    return moved;
  }

  /** The same cells at the same places of a ring of values, for a column that had only nulls and now has a type. */
  toValues(): ValueRing {
    const values = new ValueRing(this.#capacity);
    const cells = Array.from({ length: this.#capacity }, (_, i) => this.cell(i));
    values.put(cells, 0, this.#capacity, 0);
    return values;
  }

  #encode(): void {
    if (this.#plain !== undefined) {
      this.#floats = Float64Array.from(this.#plain);
      this.#halves = halvesOf(this.#floats);
      this.#plain = undefined;
    }
  }
}

/** A place in a ring of values, with what a short value takes. */
const PLACE_BYTES = 32;

/** Values within a JSON value that are weighed, to have a bound on the cost; what is beyond is taken to be like them. */
const WEIGHED = 64;

/** Bytes that a value takes beside its place, as well as it can be known: a long text is most of what there is. */
function weightOf(value: unknown, most: number): number {
  if (typeof value === 'string') {
    return value.length;
  }
  if (typeof value !== 'object' || value === null || most <= 0) {
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
  /** Bytes that the values take beside their places. */
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

function placeOf(capacity: number, offset: number, row: number): number {
  const at = offset + row;
  return at < capacity ? at : at - capacity;
}

/** Calls back with the one or two runs of places that the rows `from` to `to` (counted from the oldest) lie in. */
function eachRun(span: Span, from: number, to: number, run: (begin: number, end: number) => void): void {
  if (to <= from) {
    return;
  }
  const begin = (span.begin + from) % span.capacity;
  const end = begin + (to - from);
  if (end <= span.capacity) {
    run(begin, end);
  } else {
    run(begin, span.capacity);
    run(0, end - span.capacity);
  }
}
