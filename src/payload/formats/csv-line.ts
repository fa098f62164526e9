import { POWERS } from '../plain-number';
import { setOwn } from './values';

const [SPACE, QUOTES, MINUS, POINT, ZERO, NINE, TILDE] = [0x20, 0x22, 0x2d, 0x2e, 0x30, 0x39, 0x7e];

/** Digits of which every number fits into a float exactly. */
const MAX_DIGITS = 15;

/** Longer cells of text are left to those who read text. */
const MAX_TEXT = 64;

/**
 * Reads one line of numbers and short ASCII text straight from its bytes, which takes less time than to make a text of
 * it and to part that: most messages are such lines. Whatever is the least bit different is left to those who read
 * text; so it never decides anything.
 */
export class PlainLines {
  readonly #delimiter: string;
  readonly #code: number;
  readonly #others: readonly number[];
  readonly #valueOf: (text: string, delimiter: string) => unknown;

  /**
   * @param delimiter one character of ASCII.
   * @param others a line with one of these characters is parted otherwise.
   * @param valueOf the value of a cell, which is no plain number.
   */
  constructor(delimiter: string, others: readonly string[], valueOf: (text: string, delimiter: string) => unknown) {
    this.#delimiter = delimiter;
    this.#code = delimiter.charCodeAt(0);
    this.#others = others.map((each) => each.charCodeAt(0));
    this.#valueOf = valueOf;
  }

  /** @param keys of the cells: a line may have fewer, and at least two. */
  read(bytes: Uint8Array, keys: readonly string[]): Record<string, unknown> | undefined {
    const delimiter = this.#code;
    const { length } = bytes;
    const object: Record<string, unknown> = {};
    let column = 0;
    let begin = 0;
    let digits = 0;
    let count = 0;
    let point = -1;
    let isNumber = true;
    for (let i = 0; i <= length; i++) {
      const byte = i === length ? delimiter : bytes[i];
      if (byte >= ZERO && byte <= NINE) {
        digits = digits * 10 + (byte - ZERO);
        count++;
      } else if (byte === delimiter) {
        if (column >= keys.length) {
          return undefined;
        }
        const from = bytes[begin] === MINUS ? begin + 1 : begin;
        const whole = (point < 0 ? i : point) - from;
        let value: unknown;
        if (isNumber && count <= MAX_DIGITS && whole > 0 && (whole === 1 || bytes[from] !== ZERO)) {
          const size = point < 0 ? digits : digits / POWERS[i - point - 1];
          value = from > begin ? -size : size;
        } else if (i - begin <= MAX_TEXT) {
          value = this.#valueOf(asciiOf(bytes, begin, i).trim(), this.#delimiter);
        } else {
          return undefined;
        }
        setOwn(object, keys[column], value);
        column++;
        if (i < length) {
          begin = i + 1;
          digits = 0;
          count = 0;
          point = -1;
          isNumber = true;
        }
      } else if (byte === POINT && point < 0) {
        point = i;
      } else if (byte !== MINUS || i > begin) {
        if (byte < SPACE || byte > TILDE || byte === QUOTES || this.#others.includes(byte)) {
          return undefined;
        }
        isNumber = false;
      }
    }
    return column > 1 && (isDigit(bytes[0]) || isDigit(bytes[begin])) ? object : undefined;
  }
}

function asciiOf(bytes: Uint8Array, begin: number, end: number): string {
  let text = '';
  for (let i = begin; i < end; i++) {
    text += String.fromCharCode(bytes[i]);
  }
  return text;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}
