import { MAX_NESTING } from '../../decoded';
import { count } from '../../../utils/format-number';
import { quote } from '../../../utils/quote';

/** Text that is not JSON, and where it stops being it. */
export class JsonError extends Error {
  /** The character that is not as it should be; `''`: the text ends; missing: it is none. */
  found?: string;
}

/** It has more levels of nesting than any sensor sends. */
export class NestingError extends JsonError {}

export interface Documents {
  /** One, or several objects one after the other, as JSON lines have them. */
  readonly values: unknown[];
  /** The text behind them that is not JSON; mostly empty. */
  readonly rest: string;
}

/** A place in a text that is read from the beginning, character by character. */
export abstract class DocumentReader {
  protected at = 0;

  constructor(protected readonly text: string) {}

  /**
   * Reads documents that follow each other.
   *
   * @param limit documents to read; the rest is given back, too.
   * @param mayFollow whether others may follow the first.
   * @throws {JsonError} where the text does not begin with a document.
   */
  documents(limit: number, mayFollow: (first: unknown) => boolean): Documents {
    const values = [this.#document()];
    let end = this.at;
    while (mayFollow(values[0]) && this.text[end] === '{' && values.length < limit) {
      try {
        values.push(this.#document());
        end = this.at;
      } catch {
        break;
      }
    }
    return { values, rest: this.text.slice(end) };
  }

  /** @param levels of nesting that may follow. */
  protected abstract value(levels: number): unknown;

  /** Passes over blanks. */
  protected abstract skip(): void;

  protected enter(levels: number): void {
    if (levels === 0) {
      throw new NestingError(`it has more than ${count(MAX_NESTING, 'level')} of nesting`);
    }
    this.at++;
    this.skip();
  }

  protected takes(character: string): boolean {
    if (this.text[this.at] !== character) {
      return false;
    }
    this.at++;
    return true;
  }

  /** @param wanted for the error. Default: the character. */
  protected expect(character: string, wanted = `"${character}"`): void {
    if (!this.takes(character)) {
      this.fail(wanted);
    }
    this.skip();
  }

  /** @param pattern sticky. */
  protected match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match === null) {
      return undefined;
    }
    this.at = pattern.lastIndex;
    return match[0];
  }

  protected fail(wanted: string, at = this.at): never {
    const found = at >= this.text.length ? 'it ends' : `found ${quote(this.text.slice(at, at + 20))}`;
    const error = new JsonError(`expected ${wanted} at character ${at + 1}, but ${found}`);
    error.found = this.text.charAt(at);
    throw error;
  }

  #document(): unknown {
    this.skip();
    const value = this.value(MAX_NESTING);
    this.skip();
    return value;
  }
}
