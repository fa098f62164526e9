import type { AnnouncedLookup } from '../frames';
import { formatPath, MAX_WORD_LENGTH, pairOf, parsePath, wordOf, type WordPair } from '../payload';
import type { MappingChoice } from '../types';
import type { SharedStream } from '../connection/shared-stream';

/** Newest rows of a series that are looked at. */
const MAX_ROWS = 50;

/** Cells that are looked at for one response: it is asked at every tick while somebody edits the query. */
const MAX_CELLS = 2_000;

type Offering = Pick<SharedStream, 'series' | 'spec'>;

/**
 * The value mappings that could be had: for each place whose text is one of two words that mean true and false, in
 * every series of the stream that has it. Where the query says already what the text is, there is none.
 *
 * @param announced says of other words, too, that they are two states.
 */
export function suggestValueMappings({ series, spec }: Offering, announced?: AnnouncedLookup): MappingChoice[] {
  const places = new Map<string, Map<string, string> | undefined>();
  const pairs = new Map<string, WordPair>();
  const settled = settledPlaces(spec);
  let left = MAX_CELLS;
  for (const { frame, topic } of series) {
    for (const [index, { path, type }] of frame.columns.entries()) {
      const place = type === 'string' ? formatPath(path) : '';
      if (place === '' || settled.has(place) || (places.has(place) && places.get(place) === undefined)) {
        continue;
      }
      const words = places.get(place) ?? new Map<string, string>();
      places.set(place, words);
      const states = announced?.(topic, path)?.states;
      if (states !== undefined) {
        pairs.set(place, { true: states.on.value, false: states.off.value });
      }
      // The newest first: where a word is written in two ways, the newest one counts.
      for (let row = frame.length - 1; row >= Math.max(0, frame.length - MAX_ROWS) && left > 0; row--) {
        left--;
        const cell = frame.cell(index, row);
        if (typeof cell !== 'string') {
          continue;
        }
        const word = cell.length > MAX_WORD_LENGTH ? '' : wordOf(cell);
        if (word === '' || (words.size === 2 && !words.has(word))) {
          places.set(place, undefined);
          break;
        }
        words.set(word, words.get(word) ?? cell);
      }
    }
  }
  return [...places].flatMap(([path, words]) => {
    const pair =
      words === undefined ? undefined : (pairOf([...words.values()]) ?? announcedPair(words, pairs.get(path)));
    return pair === undefined ? [] : [{ path, ...pair }];
  });
}

/** What is announced, where all that has come is of it. */
function announcedPair(words: ReadonlyMap<string, string>, pair: WordPair | undefined): WordPair | undefined {
  const known = pair && [wordOf(pair.true), wordOf(pair.false)];
  return words.size > 0 && [...words.keys()].every((word) => known?.includes(word)) ? pair : undefined;
}

/** What the query has a value mapping or a type for. */
function settledPlaces({ mappings = [], fields = [] }: SharedStream['spec']): Set<string> {
  const typed = fields.filter(({ type = 'auto' }) => type !== 'auto');
  return new Set([...mappings, ...typed].map(({ path }) => formatPath(parsePath(path))));
}
