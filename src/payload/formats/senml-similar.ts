import { startsWith } from './bytes';
import { isDigit } from './digits';
import { readPlainPart } from '../plain-number';
import { SENML_KEYS } from './senml-shape';

type Records = ReadonlyArray<Record<string, unknown>>;

/** Topics whose last pack is remembered, and the characters and numbers of a pack that is. */
const MAX_TOPICS = 1_000;
const MAX_LENGTH = 2_000;
const MAX_NUMBERS = 100;

/** Packs of a topic in a row that were unlike the one before, after which none is compared any more. */
const MAX_UNLIKE = 20;

/** Texts, and what JSON has of numbers outside of them. */
const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;

const [MINUS, POINT] = [0x2d, 0x2e];

/** A number of the last pack of a topic, and all that is between the number before and it. */
interface Hole {
  readonly before: Uint8Array;
  readonly record: number;
  readonly key: string;
}

/** What the next pack of a topic is likely to have again: all but its numbers. */
interface Likeness {
  readonly records: Records;
  readonly holes: readonly Hole[];
  readonly end: Uint8Array;
  unlike: number;
}

const utf8 = new TextEncoder();

/**
 * Reads a pack in JSON that differs from the last one of its topic in numbers only straight from its bytes: what nearly
 * all messages of a device are. Whatever is the least bit different is left to those who read text.
 */
export class SimilarPacks {
  readonly #topics = new Map<string, Likeness>();

  read(bytes: Uint8Array, topic: string): Records | undefined {
    const like = this.#topics.get(topic);
    if (like === undefined || like.unlike > MAX_UNLIKE) {
      return undefined;
    }
    const { holes, end } = like;
    const numbers: number[] = [];
    let at = 0;
    for (const { before } of holes) {
      const begin = at + before.length;
      at = numberEnd(bytes, begin);
      // JSON has a digit behind the point.
      const number = bytes[at - 1] === POINT ? undefined : readPlainPart(bytes, begin, at);
      if (number === undefined || !startsWith(bytes, begin - before.length, before)) {
        return undefined;
      }
      numbers.push(number);
    }
    if (bytes.length - at !== end.length || !startsWith(bytes, at, end)) {
      return undefined;
    }
    like.unlike = 0;
    const records = like.records.map((record) => ({ ...record }));
    holes.forEach(({ record, key }, i) => (records[record][key] = numbers[i]));
    return records;
  }

  /** Takes a pack as what the next one of its topic will be like. */
  expect(topic: string, text: string, records: Records): void {
    const unlike = (this.#topics.get(topic)?.unlike ?? 0) + 1;
    const like = unlike > MAX_UNLIKE || text.length > MAX_LENGTH ? undefined : likenessOf(text, records, unlike);
    if (like !== undefined) {
      if (this.#topics.size >= MAX_TOPICS) {
        this.#topics.clear();
      }
      this.#topics.set(topic, like);
    }
  }
}

/** @returns `undefined` if it is not certain which number of the text is where. */
function likenessOf(text: string, records: Records, unlike: number): Likeness | undefined {
  const values = records.flatMap((record, index) =>
    Object.entries(record).map(([key, value]) => ({ record: index, key, value }))
  );
  const numbers = values.filter(({ value }) => typeof value === 'number');
  const tokens = [...text.matchAll(TOKENS)].filter(([token]) => token[0] !== '"');
  const isCertain =
    values.every(({ key }) => SENML_KEYS.has(key)) &&
    tokens.length === numbers.length &&
    tokens.length <= MAX_NUMBERS &&
    tokens.every(([token], i) => Object.is(Number(token), numbers[i].value));
  if (!isCertain) {
    return undefined;
  }
  let from = 0;
  const holes = tokens.map(({ 0: token, index }, i): Hole => {
    const before = utf8.encode(text.slice(from, index));
    from = index + token.length;
    return { before, record: numbers[i].record, key: numbers[i].key };
  });
  return { records, holes, end: utf8.encode(text.slice(from)), unlike };
}

function numberEnd(bytes: Uint8Array, begin: number): number {
  let at = begin;
  while (isDigit(bytes[at]) || bytes[at] === POINT || bytes[at] === MINUS) {
    at++;
  }
  return at;
}
