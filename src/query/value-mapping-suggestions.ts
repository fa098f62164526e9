import type { CircularFrame, AnnouncedLookup } from '../frames';
import { formatPath, MAX_WORD_LENGTH, pairOf, parsePath, wordOf, type WordPair } from '../payload';
import type { MappingChoice } from '../types';
import type { SharedStream } from '../connection/shared-stream';
import { getOrSet } from '../utils/get-or-set';

/** The newest rows of a series that are read. */
const MAX_ROWS = 50;

/** The cells that are read for one response: suggestions are made at every tick while somebody edits the query. */
const MAX_CELLS = 2_000;

/**
 * Suggests a value mapping for each path whose text, in every series of the stream, is one of two words that mean true
 * and false. A path for which the query has a mapping or a type gets no suggestion.
 *
 * @param announced names further pairs of words that are two states.
 */
export function suggestValueMappings(
  { series, spec }: Pick<SharedStream, 'series' | 'spec'>,
  announced?: AnnouncedLookup
): MappingChoice[] {
  const byPath = new Map<string, WordCollector>();
  const chosen = chosenPaths(spec);
  let cells = MAX_CELLS;
  for (const { frame, topic } of series) {
    for (const [index, { path, type }] of frame.columns.entries()) {
      const name = formatPath(path);
      if (type !== 'string' || name === '' || chosen.has(name)) {
        continue;
      }
      const words = getOrSet(byPath, name, () => new WordCollector());
      const states = announced?.(topic, path)?.states;
      if (states !== undefined) {
        words.announced = { true: states.on.value, false: states.off.value };
      }
      cells -= words.collect(frame, index, Math.min(MAX_ROWS, cells));
    }
  }
  return [...byPath].flatMap(([path, { pair }]) => (pair === undefined ? [] : [{ path, ...pair }]));
}

/** The different words of one path, over all series. More than two, or a text that is not a word, rule a pair out. */
class WordCollector {
  /** The two states of the path that a device announces. */
  announced: WordPair | undefined;
  /** By the form that ignores how a word is written; the value is the word as it was written last. */
  readonly #words = new Map<string, string>();
  #ruledOut = false;

  /** Reads the newest cells of a column. @returns how many it read. */
  collect(frame: CircularFrame, column: number, maxCells: number): number {
    let read = 0;
    // The newest first: if a word is written in two ways, the newest one counts.
    for (let row = frame.length - 1; row >= 0 && read < maxCells && !this.#ruledOut; row--) {
      read++;
      const cell = frame.cell(column, row);
      if (typeof cell === 'string') {
        this.#add(cell);
      }
    }
    return read;
  }

  /** The words for true and false; undefined if they are not clear. */
  get pair(): WordPair | undefined {
    return this.#ruledOut ? undefined : (pairOf([...this.#words.values()]) ?? this.#announcedPair);
  }

  /** The announced states, if all words are among them. */
  get #announcedPair(): WordPair | undefined {
    const states = this.announced && [wordOf(this.announced.true), wordOf(this.announced.false)];
    return this.#words.size > 0 && [...this.#words.keys()].every((word) => states?.includes(word))
      ? this.announced
      : undefined;
  }

  #add(text: string): void {
    const word = text.length > MAX_WORD_LENGTH ? '' : wordOf(text);
    if (word === '' || (this.#words.size === 2 && !this.#words.has(word))) {
      this.#ruledOut = true;
    } else {
      getOrSet(this.#words, word, () => text);
    }
  }
}

/** The paths for which the query has a value mapping or a type. */
function chosenPaths({ mappings = [], fields = [] }: SharedStream['spec']): Set<string> {
  const typed = fields.filter(({ type = 'auto' }) => type !== 'auto');
  return new Set([...mappings, ...typed].map(({ path }) => formatPath(parsePath(path))));
}
