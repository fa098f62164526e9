import { isObject } from '../../../utils/is-object';
import { parseNotFinite, parseNumber } from '../scalar';
import { setOwn } from '../values';
import { DocumentReader, type Documents } from './document-reader';

/** How programs in Python, C and JavaScript write what JSON has in small letters. */
const WORDS = new Map<string, unknown>([
  ['true', true],
  ['True', true],
  ['TRUE', true],
  ['false', false],
  ['False', false],
  ['FALSE', false],
  ['null', null],
  ['None', null],
  ['NULL', null],
  ['undefined', null],
]);

/** The quotes that begin a text, and those that end it. Editors and phones make typographic ones of `"` and `'`. */
const QUOTES: Readonly<Record<string, string>> = { '"': '"', "'": "'" };
const [DOUBLE, SINGLE] = ['“”„‟', '‘’‚‛'];

const KEY = /[\p{L}_$][\p{L}\p{N}_$.-]*|\d+(?:\.\d+)?/uy;
/** How Python writes texts that are bytes, or were Unicode in Python 2, and numbers of some types: `np.float64(21.5)`. */
const PREFIX = /[ub](?=["'])/y;
const TYPED = /(?:(?:np|numpy)\.)?(?:u?int|float)(?:8|16|32|64)?\(|(?:decimal\.)?Decimal\(/y;
const TOKEN = /[+\-.\w]+/y;
/** Blanks and comments. */
const SPACE = /(?:\s|\/\/[^\n]*\n|\/\*[^]*?\*\/)*/y;
const ESCAPES: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/**
 * Reads text that is almost JSON, where that can mean only one thing: a comma behind the last item, single or
 * typographic quotes, keys without quotes, control characters in texts, `+5` and `.5`, comments as JavaScript has them,
 * and what Python prints: `True`, `None`, tuples, `u'text'`, `np.float64(21.5)`, `Decimal('21.5')`.
 *
 * @param limit documents to read that follow each other.
 * @throws {JsonError} where it is cut off, or could mean something else.
 */
export function readNearDocuments(text: string, limit: number): Documents {
  return new LenientReader(text).documents(limit, isObject);
}

class LenientReader extends DocumentReader {
  protected value(levels: number): unknown {
    const character = this.text[this.at];
    if (character === '{') {
      return this.#object(levels);
    }
    if (character === '[') {
      return this.#array(levels, ']');
    }
    if (character === '(') {
      return this.#array(levels, ')');
    }
    return this.#string() ?? this.#typed() ?? this.#word();
  }

  #object(levels: number): Record<string, unknown> {
    this.enter(levels);
    const object: Record<string, unknown> = {};
    while (!this.takes('}')) {
      const key = this.#string() ?? this.match(KEY) ?? this.fail('a key');
      this.skip();
      this.expect(':');
      setOwn(object, key, this.value(levels - 1));
      this.#separator('}');
    }
    return object;
  }

  #array(levels: number, end: string): unknown[] {
    this.enter(levels);
    const array: unknown[] = [];
    while (!this.takes(end)) {
      array.push(this.value(levels - 1));
      this.#separator(end);
    }
    return array;
  }

  #separator(end: string): void {
    this.skip();
    if (this.text[this.at] !== end) {
      this.expect(',', `"," or "${end}"`);
    }
  }

  /** A text in quotes; `undefined` if there are none. */
  #string(): string | undefined {
    this.match(PREFIX);
    const begin = this.at;
    const open = this.text[begin] ?? ' ';
    const close = QUOTES[open] ?? (DOUBLE.includes(open) ? DOUBLE : SINGLE.includes(open) ? SINGLE : undefined);
    if (close === undefined) {
      return undefined;
    }
    let content = '';
    let from = begin + 1;
    for (let at = from; at < this.text.length; at++) {
      const character = this.text[at];
      if (close.includes(character)) {
        this.at = at + 1;
        return content + this.text.slice(from, at);
      }
      if (character === '\\') {
        const [text, length] = this.#escape(at);
        content += this.text.slice(from, at) + text;
        at += length - 1;
        from = at + 1;
      }
    }
    return this.fail('a text that ends with quotes');
  }

  /** The character of an escape, and the length of the escape. */
  #escape(at: number): [text: string, length: number] {
    const character = this.text[at + 1] ?? '';
    if (Object.hasOwn(ESCAPES, character)) {
      return [ESCAPES[character], 2];
    }
    const [, hex = ''] =
      /^\\(?:u([\da-fA-F]{4})|x([\da-fA-F]{2}))/.exec(this.text.slice(at, at + 6))?.filter(Boolean) ?? [];
    if (hex !== '') {
      return [String.fromCharCode(Number.parseInt(hex, 16)), 2 + hex.length];
    }
    return /^["'\\/“”‘’]$/.test(character) ? [character, 2] : this.fail('an escape of JSON', at);
  }

  /** A number of a type of Python; `undefined` if there is none. */
  #typed(): unknown {
    if (this.match(TYPED) === undefined) {
      return undefined;
    }
    const begin = this.at;
    const text = this.#string() ?? this.match(TOKEN) ?? '';
    const value = parseNumber(text) ?? parseNotFinite(text);
    return value === undefined || !this.takes(')') ? this.fail('a number', begin) : value;
  }

  #word(): unknown {
    const begin = this.at;
    const word = this.match(TOKEN) ?? '';
    const value = WORDS.has(word) ? WORDS.get(word) : (parseNumber(word) ?? parseNotFinite(word));
    return value === undefined ? this.fail('a value', begin) : value;
  }

  protected skip(): void {
    this.match(SPACE);
  }
}
