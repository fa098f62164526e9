import { transformSync } from 'esbuild';

/** In place of what a template inserts. */
export const INSERTED = '…';

/** Before these, a slash begins a regular expression; behind anything else it divides. */
const BEFORE_REGEXP = /(?:^|[(,=:[!&|?{};+\n]|\breturn|=>)\s*$/;

/**
 * The texts of a TypeScript source in quotes and backticks, without those of types and comments.
 *
 * @param code the source of a module.
 * @param isJsx whether it may have JSX, beside which generic functions are written otherwise.
 * @returns each as it is at run time, with {@link INSERTED} for what a template inserts; texts within insertions too.
 */
export function literalsOf(code: string, isJsx = false): string[] {
  // Without types and comments, and with all quotes of texts alike.
  const { code: plain } = transformSync(code, {
    loader: isJsx ? 'tsx' : 'ts',
    jsx: 'automatic',
    legalComments: 'none',
    minifyWhitespace: true,
    charset: 'utf8',
  });
  const scanner = new Scanner(plain);
  scanner.code();
  return scanner.found;
}

class Scanner {
  readonly found: string[] = [];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Reads code up to the brace that closes an insertion, or to the end. */
  code(): void {
    let depth = 0;
    const begin = this.#at;
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at];
      if (char === '"' || char === "'") {
        this.#string(char);
      } else if (char === '`') {
        this.#template();
      } else if (char === '/' && BEFORE_REGEXP.test(this.#text.slice(Math.max(begin, this.#at - 20), this.#at))) {
        this.#regExp();
      } else if (char === '}' && depth === 0) {
        return;
      } else {
        depth += char === '{' ? 1 : char === '}' ? -1 : 0;
        this.#at++;
      }
    }
  }

  #string(quote: string): void {
    let text = '';
    for (this.#at++; this.#text[this.#at] !== quote; this.#at++) {
      text += this.#character();
    }
    this.#at++;
    this.found.push(text);
  }

  #template(): void {
    let text = '';
    for (this.#at++; this.#text[this.#at] !== '`'; this.#at++) {
      if (this.#text.startsWith('${', this.#at)) {
        this.#at += 2;
        this.code();
        text += INSERTED;
      } else {
        text += this.#character();
      }
    }
    this.#at++;
    this.found.push(text);
  }

  /** A character; of an escape the last one, which is right for quotes, and near enough for others. */
  #character(): string {
    if (this.#at >= this.#text.length) {
      throw new Error('a text does not end');
    }
    this.#at += this.#text[this.#at] === '\\' ? 1 : 0;
    return this.#text[this.#at];
  }

  #regExp(): void {
    let isInClass = false;
    for (this.#at++; isInClass || this.#text[this.#at] !== '/'; this.#at++) {
      const char = this.#text[this.#at];
      if (char === '\\' || char === undefined) {
        this.#at++;
      } else if (char === '[' || char === ']') {
        isInClass = char === '[';
      }
      if (this.#at > this.#text.length) {
        throw new Error('a regular expression does not end');
      }
    }
    this.#at++;
  }
}
