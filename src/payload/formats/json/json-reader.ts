import { isRecord } from '../../../utils/is-object';
import { setOwn } from '../values';
import { DocumentReader, type Documents } from './document-reader';

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
/** Escapes, and control characters, which are no JSON: JSON.parse is asked. */
// oxlint-disable-next-line no-control-regex -- control characters are what it is about
const TO_BE_PARSED = /[\\\u0000-\u001f]/;
const WORD = /[+-]?[A-Za-z]+/y;

/** Words that are read in addition to JSON: NaN and infinity as C, Python and JavaScript print them. */
const WORDS = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['null', null],
  ...['nan', 'NaN', 'NAN', '-nan', '-NaN', '-NAN'].map((word): [string, number] => [word, NaN]),
  ...['inf', 'Inf', 'INF', 'Infinity', 'infinity'].flatMap((word): Array<[string, number]> => [
    [word, Infinity],
    [`+${word}`, Infinity],
    [`-${word}`, -Infinity],
  ]),
]);

/**
 * Reads JSON where `JSON.parse` cannot, or would lose digits: integers beyond 2^53 and numbers beyond the largest
 * float are given as their text, `NaN` and `Infinity` are read, and what comes behind is given back. All else is
 * JSON as RFC 8259 has it.
 *
 * @param most documents to read; the rest is given back, too.
 * @throws {JsonError} where the text does not begin with JSON.
 */
export function readDocuments(text: string, most: number): Documents {
  return new Reader(text).documents(most, isFilledRecord);
}

/** Whether a value is an object with at least one key. */
export function isFilledRecord(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length > 0;
}

class Reader extends DocumentReader {
  protected value(levels: number): unknown {
    switch (this.text.charCodeAt(this.at)) {
      case 0x7b:
        return this.#object(levels);
      case 0x5b:
        return this.#array(levels);
      case 0x22:
        return this.#string();
      default:
        return this.#number() ?? this.#word();
    }
  }

  #object(levels: number): Record<string, unknown> {
    this.enter(levels);
    const object: Record<string, unknown> = {};
    for (let first = true; !this.takes('}'); first = false) {
      if (!first) {
        this.expect(',');
      }
      const key = this.text[this.at] === '"' ? this.#string() : this.fail('a key in quotes');
      this.skip();
      this.expect(':');
      setOwn(object, key, this.value(levels - 1));
      this.skip();
    }
    return object;
  }

  #array(levels: number): unknown[] {
    this.enter(levels);
    const array: unknown[] = [];
    while (!this.takes(']')) {
      if (array.length > 0) {
        this.expect(',');
      }
      array.push(this.value(levels - 1));
      this.skip();
    }
    return array;
  }

  #string(): string {
    const begin = this.at;
    const end = this.text.indexOf('"', begin + 1);
    const plain = end < 0 ? '\\' : this.text.slice(begin + 1, end);
    if (!TO_BE_PARSED.test(plain)) {
      this.at = end + 1;
      return plain;
    }
    const last = this.#lastQuotes(begin);
    if (last === undefined) {
      return this.fail('a text that ends with quotes');
    }
    this.at = last + 1;
    try {
      return JSON.parse(this.text.slice(begin, last + 1)) as string;
    } catch {
      return this.fail('a text of JSON', begin);
    }
  }

  /** The quotes that end the text: those that no backslash is before, or an even number of them. */
  #lastQuotes(begin: number): number | undefined {
    for (let at = this.text.indexOf('"', begin + 1); at >= 0; at = this.text.indexOf('"', at + 1)) {
      let before = at - 1;
      while (this.text[before] === '\\') {
        before--;
      }
      if ((at - before) % 2 === 1) {
        return at;
      }
    }
    return undefined;
  }

  #number(): number | string | undefined {
    NUMBER.lastIndex = this.at;
    const match = NUMBER.exec(this.text);
    if (match === null) {
      return undefined;
    }
    this.at = NUMBER.lastIndex;
    const value = Number(match[0]);
    const exact =
      match[1] !== undefined || match[2] !== undefined ? Number.isFinite(value) : Number.isSafeInteger(value);
    return exact ? value : match[0];
  }

  #word(): unknown {
    const word = this.match(WORD);
    if (word === undefined || !WORDS.has(word)) {
      return this.fail('a value', this.at - (word?.length ?? 0));
    }
    return WORDS.get(word);
  }

  protected skip(): void {
    for (;;) {
      const code = this.text.charCodeAt(this.at);
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) {
        return;
      }
      this.at++;
    }
  }
}
