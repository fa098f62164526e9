/** Two words that a switch or a sensor says, as it writes them: the one that means true, and the one that means false. */
export interface WordPair {
  readonly true: string;
  readonly false: string;
}

/** The meaning of a pair's words to a reader: `good` or `bad` news, or neither. */
export type Tone = 'good' | 'bad' | 'plain';

interface KnownPair extends WordPair {
  /** Whether one word of the pair says what the other one is. Words of other pairs are also words of states with more than two values. */
  readonly sure: boolean;
  readonly tones: { readonly true: Tone; readonly false: Tone };
}

function pair(yes: string, no: string, sure: boolean, ifTrue: Tone = 'good', ifFalse: Tone = 'plain'): KnownPair {
  return { true: yes, false: no, sure, tones: { true: ifTrue, false: ifFalse } };
}

/**
 * Pairs of words for two states, in small letters: of switches and binary sensors of Home Assistant, Tasmota,
 * zigbee2mqtt and ESPHome, by the availability topics next to them, and by machines.
 */
const PAIRS: readonly KnownPair[] = [
  pair('on', 'off', true),
  pair('true', 'false', true),
  pair('yes', 'no', true),
  pair('open', 'closed', true),
  pair('opened', 'closed', true),
  pair('online', 'offline', true, 'good', 'bad'),
  pair('connected', 'disconnected', true, 'good', 'bad'),
  pair('enabled', 'disabled', true),
  pair('locked', 'unlocked', true),
  pair('active', 'inactive', false),
  pair('home', 'not_home', false),
  pair('detected', 'clear', false, 'bad', 'good'),
  pair('up', 'down', false, 'good', 'bad'),
  pair('high', 'low', false),
  pair('alarm', 'ok', false, 'bad', 'good'),
  pair('running', 'stopped', false),
  pair('occupied', 'free', false),
  pair('wet', 'dry', false, 'bad', 'good'),
];

/** Longer texts are no words of a pair. */
export const MAX_WORD_LENGTH = 20;

/** Texts that differ in capitals, or in spaces at their ends, are one word. */
export function wordOf(text: string): string {
  return text.trim().toLowerCase();
}

/**
 * The pair that the values of a text are of, as they are written; the other word of one that came alone, as it would
 * be written then.
 *
 * @param words what has come, the newest spelling of each word.
 * @returns `undefined` if the words are of no known pair, or one alone does not say of which.
 */
export function pairOf(words: readonly string[]): WordPair | undefined {
  const written = new Map(words.map((text) => [wordOf(text), text.trim()]));
  const [first] = written.keys();
  if (first === undefined || written.size > 2) {
    return undefined;
  }
  const known = PAIRS.find(
    (each) => (written.size === 2 || each.sure) && [...written.keys()].every((word) => isOf(word, each))
  );
  return known && { true: spelled(known.true, written, first), false: spelled(known.false, written, first) };
}

/** Good news, bad news or none, for the words of a pair; those of an unknown pair are as `on` and `off`. */
export function tonesOf(words: WordPair): KnownPair['tones'] {
  const [yes, no] = [wordOf(words.true), wordOf(words.false)];
  const same = PAIRS.find((each) => each.true === yes && each.false === no);
  if (same !== undefined) {
    return same.tones;
  }
  // A query may see a pair the other way round: a contact that says "closed" for true.
  const turned = PAIRS.find((each) => each.true === no && each.false === yes);
  return turned === undefined ? PAIRS[0].tones : { true: turned.tones.false, false: turned.tones.true };
}

function isOf(word: string, { true: yes, false: no }: WordPair): boolean {
  return word === yes || word === no;
}

function spelled(word: string, written: ReadonlyMap<string, string>, first: string): string {
  return written.get(word) ?? inCapitalsOf(written.get(first)!, word);
}

/** `OFF` for `ON`, `Off` for `On`. */
function inCapitalsOf(example: string, word: string): string {
  if (example === example.toLowerCase()) {
    return word;
  }
  return example === example.toUpperCase() ? word.toUpperCase() : word[0].toUpperCase() + word.slice(1);
}
