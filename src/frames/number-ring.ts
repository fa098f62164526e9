import { halvesOf, readNotANumber, readNumber } from '../payload';
import { eachRun, placeOf, type Ring, type Span } from './ring';
import { ValueRing } from './value-ring';

const NO_FLOATS = new Float64Array(0);
const NO_HALVES = new Uint32Array(0);

/** Rows of which one must see, counted from the oldest; -1 for none. */
export interface MinMaxRows {
  /** The smallest and the largest number. */
  readonly least: number;
  readonly most: number;
  /** Null or NaN: where a line has a gap. */
  readonly gap: number;
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

  /** The smallest and the largest number of the rows `from` to `to`. */
  minMaxRows(span: Span, from: number, to: number): MinMaxRows {
    const numbers = this.#plain ?? this.#floats;
    let [least, most, gap] = [-1, -1, -1];
    let [smallest, largest] = [Infinity, -Infinity];
    let row = from;
    eachRun(span, from, to, (begin, end) => {
      for (let i = begin; i < end; i++, row++) {
        const value = numbers[i];
        if (value < smallest || (least < 0 && value === value)) {
          smallest = value;
          least = row;
        }
        if (value > largest || (most < 0 && value === value)) {
          largest = value;
          most = row;
        }
        if (value !== value && readNotANumber(this.#halves, i) !== undefined) {
          gap = row;
        }
      }
    });
    return { least, most, gap };
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
