import type { Path } from '../columns/batch';
import { scalarText } from '../convert';
import { formatPath } from '../columns/names';
import { parsePath } from '../paths';
import { wordOf, type WordPair } from '../word-pairs';

/** Text that is one of two words, such as `ON` and `OFF`: it becomes 1 and 0, and is shown as it was sent. */
export interface MappingChoice extends WordPair {
  /** The path in the payload, as the automatic field is named. */
  readonly path: string;
  /** The word for true, in any capitals; what is written here is shown. */
  readonly true: string;
  /** The word for false. A text that is neither becomes null, and stands in a field of its own. */
  readonly false: string;
}

/** Two words made ready for reading them from many messages. */
export interface ValueMapping {
  readonly words: WordPair;
  /** The boolean that a value stands for; `undefined` if it is not one of the two words, nor a boolean already. */
  readonly read: (value: unknown) => boolean | undefined;
}

/** The mappings of a query by where they are, as `formatPath` writes it: `Value` for a payload that is one value. */
export type ValueMappings = ReadonlyMap<string, ValueMapping>;

/**
 * Reads the mappings of a query; one that has no words yet is left out.
 *
 * @throws {Error} that says in a sentence what cannot be read.
 */
export function compileValueMappings(specs: readonly MappingChoice[]): ValueMappings {
  const mappings = new Map<string, ValueMapping>();
  for (const { path, true: yes, false: no } of specs) {
    if (path.trim() !== '' && wordOf(yes) !== '' && wordOf(no) !== '') {
      const key = formatPath(parsePath(path));
      if (wordOf(yes) === wordOf(no)) {
        throw new Error(`The value mapping of "${path}" has the same word, "${yes}", for true and for false.`);
      }
      if (mappings.has(key)) {
        throw new Error(`There are two value mappings for "${path}". Remove one of them.`);
      }
      mappings.set(key, compile({ true: yes.trim(), false: no.trim() }));
    }
  }
  return mappings;
}

/** The mapping of a place in the payload. */
export function mappingAt(mappings: ValueMappings | undefined, path: Path): ValueMapping | undefined {
  return mappings === undefined || mappings.size === 0 ? undefined : mappings.get(formatPath(path));
}

function compile(words: WordPair): ValueMapping {
  const values = new Map([
    [wordOf(words.true), true],
    [wordOf(words.false), false],
  ]);
  return {
    words,
    read: (value) => (typeof value === 'boolean' ? value : values.get(wordOf(scalarText(value) ?? ''))),
  };
}
