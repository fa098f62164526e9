/** 10 to the power of 0 up to 22: all that a float holds exactly. */
export const POWERS = Array.from({ length: 23 }, (_, i) => 10 ** i);

/** Digits of which every number fits into a float exactly. */
const MAX_DIGITS = 15;

const [MINUS, POINT, ZERO, NINE] = [0x2d, 0x2e, 0x30, 0x39];

/**
 * Reads a number straight from the bytes of a payload: what most sensors send, a few digits with perhaps a sign and
 * a point. `undefined` for everything else, which is left to those who read text; so is a number of more digits.
 *
 * The result is the float nearest to the decimal, as `Number()` gives it: digits and power are exact, and dividing
 * the one by the other rounds once (Clinger, "How to Read Floating Point Numbers Accurately", 1990).
 */
export function readPlainNumber(bytes: Uint8Array): number | undefined {
  return readPlainPart(bytes, 0, bytes.length);
}

/** The same of the bytes `from` to `to` (exclusive). */
export function readPlainPart(bytes: Uint8Array, from: number, to: number): number | undefined {
  const begin = bytes[from] === MINUS ? from + 1 : from;
  if (to - begin > MAX_DIGITS + 1) {
    return undefined;
  }
  let digits = 0;
  let count = 0;
  let point = -1;
  for (let i = begin; i < to; i++) {
    const byte = bytes[i];
    if (byte >= ZERO && byte <= NINE) {
      digits = digits * 10 + (byte - ZERO);
      count++;
    } else if (byte === POINT && point < 0) {
      point = i;
    } else {
      return undefined;
    }
  }
  const whole = (point < 0 ? to : point) - begin;
  // No digit before the point, a zero before other digits, no digit at all: not for here.
  if (count > MAX_DIGITS || whole === 0 || (whole > 1 && bytes[begin] === ZERO)) {
    return undefined;
  }
  const value = point < 0 ? digits : digits / POWERS[to - point - 1];
  return begin > from ? -value : value;
}
