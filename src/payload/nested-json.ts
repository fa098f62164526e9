import type { Path } from './columns/batch';
import { formatPath } from './columns/names';
import { jsonIn, type OpenText } from './paths';

/** What was read of a text in JSON that is almost JSON. */
export interface NestedJson {
  readonly value: unknown;
  /** Why there is no value, or what was left out; in words that follow "The text". */
  readonly problem?: string;
}

/** @returns `undefined` for text that was not meant to be JSON. */
export type ReadNested = (text: string) => NestedJson | undefined;

/** What paths that led into texts have found out, since somebody has taken it. */
export const nestedJson: {
  /** A text that is almost JSON was passed over, because what reads it was not there. */
  isNeeded: boolean;
  /** What there is to say of the texts. */
  problem: string | undefined;
} = { isNeeded: false, problem: undefined };

const BEGIN = /^\s*(?:[{["]|[bu]?['"]\s*[{[])/;

/** Whether a text begins like JSON, or like what shells and Python put around it. */
export function beginsLikeJson(text: string): boolean {
  return BEGIN.test(text);
}

/** How a text in a text begins, of which there is no more to say than that it is one. */
const IN_QUOTES = /^\s*"(?!\s*[{[])/;

/** @param reader gives what reads text that is almost JSON, if it is there. Called for text that begins like JSON. */
export function openerOf(reader: () => ReadNested | undefined): OpenText {
  // Several paths lead into the same text.
  let last: { text: string; read: NestedJson | undefined } | undefined;
  return (text, path, levels) => {
    if (!beginsLikeJson(text)) {
      return undefined;
    }
    const read = reader();
    const value = jsonIn(text);
    if (value !== undefined || IN_QUOTES.test(text)) {
      return value;
    }
    if (read === undefined) {
      nestedJson.isNeeded = true;
      return undefined;
    }
    if (last?.text !== text) {
      last = { text, read: read(text) };
    }
    if (last.read?.problem !== undefined) {
      nestedJson.problem ??= `The text${placeOf(path, levels)} ${last.read.problem}.`;
    }
    return last.read?.value;
  };
}

function placeOf(path: Path, levels: number): string {
  return levels === 0 ? '' : ` at "${formatPath(path.slice(0, levels))}"`;
}
