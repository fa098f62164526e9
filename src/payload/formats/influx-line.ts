import { POWERS, readPlainPart } from '../plain-number';
import { type Row, Rows } from '../rows/rows';
import { startsWith } from './bytes';
import { setOwn } from './values';

const [LINE_FEED, SPACE, COMMA, POINT, ZERO] = [0x0a, 0x20, 0x2c, 0x2e, 0x30];
/** `i` and `u`, which end an integer; `t`, `T`, `f` and `F`. */
const [SIGNED, UNSIGNED, SMALL_T, LARGE_T, SMALL_F, LARGE_F] = [0x69, 0x75, 0x74, 0x54, 0x66, 0x46];

/** Digits of a time in nanoseconds. */
const MAX_STAMP = 19;

/** Topics whose last line is remembered. */
const MAX_TOPICS = 1_000;

/** Lines of a topic in a row that were unlike the one before, after which none is compared any more. */
const MAX_UNLIKE = 20;

/** A line without escapes and without text in quotes: measurement and tags, fields, time. */
const SIMPLE = /^([A-Za-z][\w.,=:;/@+-]*) ([A-Za-z_][^ "\\\r\n]*)(?: -?\d+)?\n?$/;

/** The parts of the last line of a topic that the next one is likely to have again. */
interface Likeness {
  /** The measurement, the tags and the blank behind them. */
  begin: Uint8Array;
  labels: Row['labels'];
  fields: ReadonlyArray<{ readonly name: string; readonly begin: Uint8Array }>;
  unlike: number;
}

const utf8 = new TextEncoder();

/**
 * Reads a line of line protocol that has the measurement, the tags and the names of fields of the last line of its topic
 * straight from its bytes: what nearly all messages of a device are. Whatever is the least bit different is left to
 * those who read text.
 */
export class SimilarLines {
  readonly #topics = new Map<string, Likeness>();

  read(bytes: Uint8Array, topic: string): Rows | undefined {
    const like = this.#topics.get(topic);
    if (like === undefined || like.unlike > MAX_UNLIKE || !startsWith(bytes, 0, like.begin)) {
      return undefined;
    }
    const value: Record<string, unknown> = {};
    const { begin, labels, fields } = like;
    const line = new LineBytes(bytes, begin.length);
    for (let i = 0; i < fields.length; i++) {
      const { name, begin: key } = fields[i];
      const field = startsWith(bytes, line.at, key) ? line.value(line.at + key.length) : undefined;
      if (field === undefined || line.isLast !== (i === fields.length - 1)) {
        return undefined;
      }
      setOwn(value, name, field);
    }
    const time = line.isEnd ? undefined : line.time();
    if (time === undefined && !line.isEnd) {
      return undefined;
    }
    like.unlike = 0;
    return new Rows([time === undefined ? { value, labels } : { value, labels, time }]);
  }

  /** Takes a line as what the next one of its topic will be like. */
  expect(topic: string, text: string, { rows, problems }: Rows): void {
    const before = this.#topics.get(topic);
    const unlike = (before?.unlike ?? 0) + 1;
    if (unlike > MAX_UNLIKE || rows.length !== 1 || problems.length > 0) {
      return;
    }
    const [, begin, rest] = SIMPLE.exec(text) ?? [];
    const fields = rest?.split(',').map((field) => field.slice(0, field.indexOf('=')));
    const [{ value, labels }] = rows;
    if (fields === undefined || JSON.stringify(fields) !== JSON.stringify(Object.keys(value as object))) {
      return;
    }
    if (this.#topics.size >= MAX_TOPICS) {
      this.#topics.clear();
    }
    this.#topics.set(topic, {
      begin: utf8.encode(`${begin} `),
      labels,
      fields: fields.map((name) => ({ name, begin: utf8.encode(`${name}=`) })),
      unlike,
    });
  }
}

/** The values and the time of one line. */
class LineBytes {
  /** The byte behind what was read, and behind the comma or the blank that ends it. */
  at: number;
  /** A blank, or the end of the line, was behind the value. */
  isLast = false;
  readonly #bytes: Uint8Array;
  readonly #end: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#end = bytes.at(-1) === LINE_FEED ? bytes.length - 1 : bytes.length;
    this.at = at;
  }

  get isEnd(): boolean {
    return this.at >= this.#end;
  }

  /** A number or a boolean; `undefined` for other values, and for other ways to write one. */
  value(begin: number): number | boolean | undefined {
    const bytes = this.#bytes;
    let end = begin;
    let isWhole = true;
    for (; end < this.#end && bytes[end] !== COMMA && bytes[end] !== SPACE; end++) {
      isWhole &&= bytes[end] !== POINT;
    }
    this.isLast = end === this.#end || bytes[end] === SPACE;
    this.at = end + 1;
    const last = bytes[end - 1];
    if (end - begin === 1) {
      const word = booleanOf(last);
      if (word !== undefined) {
        return word;
      }
    }
    return readPlainPart(bytes, begin, isWhole && (last === SIGNED || last === UNSIGNED) ? end - 1 : end);
  }

  /** Milliseconds since 1970, as `timeOf` in influx.ts has it. */
  time(): number | undefined {
    const begin = this.at;
    const count = this.#end - begin;
    const fraction = count >= 18 ? 6 : count >= 15 ? 3 : 0;
    if (count > MAX_STAMP || this.#bytes[begin] === ZERO) {
      return undefined;
    }
    let [whole, rest] = [0, 0];
    for (let at = begin; at < this.#end; at++) {
      const digit = this.#bytes[at] - ZERO;
      if (!(digit >= 0 && digit <= 9)) {
        return undefined;
      }
      if (at < this.#end - fraction) {
        whole = whole * 10 + digit;
      } else {
        rest = rest * 10 + digit;
      }
    }
    return fraction > 0 ? whole + rest / POWERS[fraction] : count >= 12 ? whole : whole * 1_000;
  }
}

function booleanOf(byte: number): boolean | undefined {
  switch (byte) {
    case SMALL_T:
    case LARGE_T:
      return true;
    case SMALL_F:
    case LARGE_F:
      return false;
    default:
      return undefined;
  }
}
