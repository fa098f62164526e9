/**
 * Numeric cells in a Float64Array. A frame tells four things apart that a plain array of numbers cannot: a number
 * (NaN among them), null (the sensor said so), and missing (this message did not have the field). They are NaNs of
 * different bits, which typed arrays keep through `set`, `slice` and transfer:
 *
 * - missing: any NaN that is none of the others, so that `fill(NaN)` makes missing cells
 * - null and NaN: quiet NaNs whose upper half is one of the marks below
 */
const NULL_MARK = 0x7ff8_0001;
const NAN_MARK = 0x7ff8_0002;

/** The index of the half of a float that holds its exponent on this machine. */
export const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

/** The content of a cell: a JSON value, or `undefined` if the message had none. */
export type Cell = unknown;

/** Writes a number, `null` or `undefined` (missing) into the cell `i` of an array seen as floats and as halves. */
export function writeNumber(
  floats: Float64Array,
  halves: Uint32Array,
  i: number,
  cell: number | null | undefined
): void {
  if (cell === undefined) {
    floats[i] = NaN;
    return;
  }
  if (cell !== null && cell === cell) {
    floats[i] = cell;
    return;
  }
  floats[i] = NaN;
  halves[2 * i + HIGH] = cell === null ? NULL_MARK : NAN_MARK;
}

/** Reads back what {@link writeNumber} wrote. */
export function readNumber(floats: Float64Array, halves: Uint32Array, i: number): number | null | undefined {
  const value = floats[i];
  return value === value ? value : readNotANumber(halves, i);
}

/** Reads a cell that is known to hold a NaN. */
export function readNotANumber(halves: Uint32Array, i: number): number | null | undefined {
  const mark = halves[2 * i + HIGH];
  return mark === NULL_MARK ? null : mark === NAN_MARK ? NaN : undefined;
}

/** The halves of a float array, over the same memory. */
export function halvesOf(floats: Float64Array): Uint32Array {
  return new Uint32Array(floats.buffer, floats.byteOffset, floats.length * 2);
}
