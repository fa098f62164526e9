import { isDigit } from './digits';
import { readPlainPart } from '../plain-number';
import { setOwn } from './values';

const [SPACE, QUOTES, TILDE] = [0x20, 0x22, 0x7e];

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
    for (let i = 0; i <= length; i++) {
      const byte = i === length ? delimiter : bytes[i];
      if (isDigit(byte)) {
        continue;
      }
      if (byte === delimiter) {
        const value = column < keys.length ? this.#cell(bytes, begin, i) : undefined;
        if (value === undefined) {
          return undefined;
        }
        setOwn(object, keys[column], value);
        column++;
        begin = i < length ? i + 1 : begin;
      } else if (byte < SPACE || byte > TILDE || byte === QUOTES || this.#others.includes(byte)) {
        return undefined;
      }
    }
    return column > 1 && (isDigit(bytes[0]) || isDigit(bytes[begin])) ? object : undefined;
  }

  #cell(bytes: Uint8Array, begin: number, end: number): unknown {
    const number = readPlainPart(bytes, begin, end);
    if (number !== undefined || end - begin > MAX_TEXT) {
      return number;
    }
    return this.#valueOf(asciiOf(bytes, begin, end).trim(), this.#delimiter);
  }
}

function asciiOf(bytes: Uint8Array, begin: number, end: number): string {
  let text = '';
  for (let i = begin; i < end; i++) {
    text += String.fromCharCode(bytes[i]);
  }
  return text;
}
