import type { Column } from './column';
import { PAYLOAD_LIMITS, type PayloadLimits } from '../limits';
import type { PathNode } from './path-node';
import { POWERS } from '../plain-number';
import { isPlausible } from '../time/time-finder';
import { createTimeReader } from '../time/times';

const [TAB, LINE_FEED, RETURN, SPACE] = [0x09, 0x0a, 0x0d, 0x20];
const [QUOTE, COMMA, MINUS, POINT, ZERO, NINE, COLON] = [0x22, 0x2c, 0x2d, 0x2e, 0x30, 0x39, 0x3a];
const [BRACKET, BACKSLASH, END_BRACKET, BRACE, END_BRACE] = [0x5b, 0x5c, 0x5d, 0x7b, 0x7d];
const TRUE = [0x74, 0x72, 0x75, 0x65];
const FALSE = [0x66, 0x61, 0x6c, 0x73, 0x65];
const NULL = [0x6e, 0x75, 0x6c, 0x6c];

/** Digits of which every number fits into a float exactly. */
const MAX_DIGITS = 15;

/** Longer texts are not remembered; they are unlikely to come again. */
const MAX_REMEMBERED = 64;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const readTime = createTimeReader();

/** The bytes are no text. */
const NO_TEXT = Symbol('no text');

/**
 * Reads a JSON object straight from its bytes into the columns that there are, where it has the keys of the last
 * message in their order and values of the same kinds: what nearly all messages of a sensor are. That takes less time
 * than `JSON.parse` alone, and makes nothing that is thrown away. Whatever is the least bit different
 * (another key, an escape, an exponent, a sixteenth digit, a value of another type) is left to those who read text;
 * so it never decides anything, and what it takes is what they would have made of it.
 */
export class JsonFastPath {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #arrival = 0;
  #limits: PayloadLimits = PAYLOAD_LIMITS;
  /** Counts payloads, to find a key that comes twice. */
  #turn = 0;
  #count = 0;
  readonly #columns: Column[] = [];
  readonly #numbers: number[] = [];
  /** `undefined` if the cell is a number. */
  readonly #values: unknown[] = [];

  /**
   * @param root the node of the whole message, whose nodes know the keys of the last one.
   * @param arrival in milliseconds, for telling times from other numbers.
   * @param limits which decide what is flattened: a message beyond them is left to those who read text, who count it.
   * @returns whether all of it was read; then {@link write} has it.
   */
  read(bytes: Uint8Array, root: PathNode, arrival: number, limits: PayloadLimits): boolean {
    this.#bytes = bytes;
    this.#limits = limits;
    this.#at = 0;
    this.#arrival = arrival;
    this.#turn++;
    this.#count = 0;
    return bytes[0] === BRACE && this.#object(root, 0) && this.#isEnd();
  }

  /** Writes what was read to a row that nothing was written to yet. */
  write(row: number): void {
    for (let i = 0; i < this.#count; i++) {
      const value = this.#values[i];
      if (value === undefined) {
        this.#columns[i].writeNumber(row, this.#numbers[i]);
      } else {
        this.#columns[i].write(row, value);
      }
    }
  }

  #isEnd(): boolean {
    this.#skipSpace();
    return this.#at === this.#bytes.length;
  }

  /** At its brace. */
  #object(node: PathNode, depth: number): boolean {
    const bytes = this.#bytes;
    const { lastNodes } = node;
    if (depth >= this.#limits.levels) {
      return false;
    }
    this.#at++;
    this.#skipSpace();
    if (bytes[this.#at] === END_BRACE) {
      this.#at++;
      return true;
    }
    for (let i = 0; i < lastNodes.length; i++) {
      const child = lastNodes[i];
      if (!this.#key(child)) {
        return false;
      }
      if (!this.#value(child, depth + 1)) {
        return false;
      }
      this.#skipSpace();
      const byte = bytes[this.#at++];
      if (byte === END_BRACE) {
        return true;
      }
      if (byte !== COMMA) {
        return false;
      }
      this.#skipSpace();
    }
    return false;
  }

  /** A key that is this node's own, and the colon behind it. */
  #key(node: PathNode): boolean {
    const bytes = this.#bytes;
    const { keyBytes } = node;
    if (keyBytes === undefined || node.turn === this.#turn || bytes[this.#at] !== QUOTE) {
      return false;
    }
    node.turn = this.#turn;
    const begin = this.#at + 1;
    const { length } = keyBytes;
    for (let i = 0; i < length; i++) {
      if (bytes[begin + i] !== keyBytes[i]) {
        return false;
      }
    }
    this.#at = begin + length;
    if (bytes[this.#at++] !== QUOTE) {
      return false;
    }
    this.#skipSpace();
    if (bytes[this.#at++] !== COLON) {
      return false;
    }
    this.#skipSpace();
    return true;
  }

  #value(node: PathNode, depth: number): boolean {
    const byte = this.#bytes[this.#at];
    if ((byte >= ZERO && byte <= NINE) || byte === MINUS) {
      return this.#number(node);
    }
    switch (byte) {
      case QUOTE:
        return this.#text(node);
      case BRACE:
        return this.#object(node, depth);
      case BRACKET:
        return this.#list(node, depth);
      case TRUE[0]:
        return this.#word(TRUE) && this.#add(node, node.boolean, true);
      case FALSE[0]:
        return this.#word(FALSE) && this.#add(node, node.boolean, false);
      case NULL[0]:
        return this.#word(NULL) && this.#add(node, node.first, null);
      default:
        return false;
    }
  }

  /** A short list of numbers, of which each has a field of its own. */
  #list(node: PathNode, depth: number): boolean {
    const { items } = node;
    if (items === undefined || depth >= this.#limits.levels) {
      return false;
    }
    this.#at++;
    for (let i = 0; i < items.length && i < this.#limits.items; i++) {
      this.#skipSpace();
      const byte = this.#bytes[this.#at];
      if (!((byte >= ZERO && byte <= NINE) || byte === MINUS) || !this.#number(items[i])) {
        return false;
      }
      this.#skipSpace();
      const next = this.#bytes[this.#at++];
      if (next === END_BRACKET) {
        return true;
      }
      if (next !== COMMA) {
        return false;
      }
    }
    return false;
  }

  /** At its sign or first digit. As `readPlainNumber` does it: exact, or left to others. */
  #number(node: PathNode): boolean {
    const bytes = this.#bytes;
    const begin = bytes[this.#at] === MINUS ? this.#at + 1 : this.#at;
    let at = begin;
    let digits = 0;
    let byte = bytes[at];
    while (byte >= ZERO && byte <= NINE) {
      digits = digits * 10 + (byte - ZERO);
      byte = bytes[++at];
    }
    let count = at - begin;
    // No digit, or a zero before others, is no JSON.
    if (count === 0 || (count > 1 && bytes[begin] === ZERO)) {
      return false;
    }
    let power = 0;
    if (byte === POINT) {
      const point = at;
      byte = bytes[++at];
      while (byte >= ZERO && byte <= NINE) {
        digits = digits * 10 + (byte - ZERO);
        byte = bytes[++at];
      }
      power = at - point - 1;
      count += power;
      if (power === 0) {
        return false;
      }
    }
    // The character behind it is looked at next; an exponent is not allowed there.
    if (count > MAX_DIGITS) {
      return false;
    }
    const value = power === 0 ? digits : digits / POWERS[power];
    const negative = begin !== this.#at;
    this.#at = at;
    return this.#addNumber(node, negative ? -value : value);
  }

  #addNumber(node: PathNode, value: number): boolean {
    let column = node.number;
    let cell = value;
    if (node.mayBeTime) {
      const time = readTime(value, this.#arrival);
      if (time !== undefined && isPlausible(time, this.#arrival)) {
        column = node.time;
        cell = time;
      }
    }
    if (column === undefined) {
      return false;
    }
    if (!node.hidden) {
      this.#numbers[this.#count] = cell;
      this.#values[this.#count] = undefined;
      this.#columns[this.#count++] = column;
    }
    return true;
  }

  /** At its quotes. */
  #text(node: PathNode): boolean {
    const bytes = this.#bytes;
    const begin = this.#at + 1;
    let at = begin;
    for (let byte = bytes[at]; byte !== QUOTE; byte = bytes[++at]) {
      // Escapes and control characters, and the end of the payload.
      if (byte === BACKSLASH || !(byte >= SPACE)) {
        return false;
      }
    }
    this.#at = at + 1;
    const text = textOf(node, bytes, begin, at);
    return text !== NO_TEXT && this.#add(node, node.string, text);
  }

  #add(node: PathNode, column: Column | undefined, value: unknown): boolean {
    if (column === undefined) {
      return false;
    }
    if (!node.hidden) {
      this.#values[this.#count] = value;
      this.#columns[this.#count++] = column;
    }
    return true;
  }

  #word(word: readonly number[]): boolean {
    for (const byte of word) {
      if (this.#bytes[this.#at++] !== byte) {
        return false;
      }
    }
    return true;
  }

  #skipSpace(): void {
    const bytes = this.#bytes;
    let byte = bytes[this.#at];
    while (byte === SPACE || byte === LINE_FEED || byte === RETURN || byte === TAB) {
      byte = bytes[++this.#at];
    }
  }
}

/** The text of these bytes: that of the last message, where it is the same, and then no other is made. */
function textOf(node: PathNode, bytes: Uint8Array, begin: number, end: number): string | typeof NO_TEXT {
  const { lastText } = node;
  if (lastText !== undefined && lastText.bytes.length === end - begin) {
    let i = 0;
    while (i < end - begin && bytes[begin + i] === lastText.bytes[i]) {
      i++;
    }
    if (i === end - begin) {
      return lastText.text;
    }
  }
  const part = bytes.subarray(begin, end);
  try {
    const text = utf8.decode(part);
    node.lastText = part.length > MAX_REMEMBERED ? undefined : { bytes: part.slice(), text };
    return text;
  } catch {
    return NO_TEXT;
  }
}
