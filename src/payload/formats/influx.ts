import { quote } from '../../utils/quote';
import { beyond, DecodeFailure, type Decoded, MAX_PROBLEMS } from '../decoded';
import { PAYLOAD_LIMITS } from '../limits';
import { type Row, Rows } from '../rows/rows';
import { SimilarLines } from './influx-line';
import { parseNotFinite, parseNumber } from './scalar';
import { setOwn } from './values';

/** The label that holds the measurement, with an underscore in front for each tag that has that name. */
const MEASUREMENT = 'measurement';

const INTEGER = /^[+-]?\d+$/;

const [COMMA, EQUALS, BLANK, BACKSLASH, QUOTES] = [0x2c, 0x3d, 0x20, 0x5c, 0x22];
/** `i` and `u`, which end an integer. */
const [SIGNED, UNSIGNED] = [0x69, 0x75];
const BOOLEANS = new Map([
  ...['t', 'T', 'true', 'True', 'TRUE'].map((word): [string, boolean] => [word, true]),
  ...['f', 'F', 'false', 'False', 'FALSE'].map((word): [string, boolean] => [word, false]),
]);

/**
 * The format `influx`: line protocol, as Telegraf and the clients of InfluxDB write it. Each line is a row, with its
 * measurement and its tags as labels.
 */
export function readInflux(text: string, maxRows = PAYLOAD_LIMITS.rows): Decoded {
  const rows: Row[] = [];
  const problems: string[] = [];
  let failed = 0;
  let at = 0;
  while (at < text.length) {
    if (rows.length >= maxRows) {
      problems.push(beyond('lines', maxRows));
      break;
    }
    const line = new Line(text, at);
    at = line.end + 1;
    if (line.isEmpty()) {
      continue;
    }
    const row = line.read();
    if (typeof row === 'string') {
      failed++;
      if (problems.length < MAX_PROBLEMS) {
        problems.push(`A line is no InfluxDB line protocol: ${row}.`);
      }
    } else {
      rows.push(row);
    }
  }
  if (rows.length === 0) {
    return new DecodeFailure(
      failed === 0
        ? 'The payload has no line of InfluxDB line protocol: it is blank, or has comments only.'
        : `The payload is not InfluxDB line protocol: ${problems[0].slice('A line is no InfluxDB line protocol: '.length)}`
    );
  }
  return new Rows(rows, problems);
}

/** Line protocol of a stream, whose messages are much alike. */
export class InfluxReader {
  readonly #similar = new SimilarLines();
  readonly #maxRows: number;
  #topic = '';

  constructor(maxRows?: number) {
    this.#maxRows = maxRows ?? PAYLOAD_LIMITS.rows;
  }

  /** Reads a line like the last one of its topic straight from its bytes. */
  readonly readSimilar = (bytes: Uint8Array, topic: string): Decoded => {
    this.#topic = topic;
    return this.#similar.read(bytes, topic);
  };

  /** Reads what {@link readSimilar} could not. */
  readonly read = (text: string): Decoded => {
    const decoded = readInflux(text, this.#maxRows);
    if (decoded instanceof Rows) {
      this.#similar.expect(this.#topic, text, decoded);
    }
    return decoded;
  };
}

/** One line; a text field may hold line ends, so that where it ends is known only when its quotes are. */
class Line {
  readonly end: number;
  #at: number;

  constructor(
    readonly text: string,
    begin: number
  ) {
    this.#at = begin;
    while (text[this.#at] === ' ' || text[this.#at] === '\t') {
      this.#at++;
    }
    this.end = text[this.#at] === '#' ? endOfLine(text, this.#at) : lineEnd(text, this.#at);
  }

  isEmpty(): boolean {
    return this.#at >= this.end || this.text[this.#at] === '#' || this.text[this.#at] === '\r';
  }

  /** @returns why it cannot be read, in words. */
  read(): Row | string {
    const measurement = this.#name(false);
    if (measurement === '') {
      return `there is no measurement before ${quote(this.text.slice(this.#at, this.end))}`;
    }
    let labels: Record<string, string> = { [MEASUREMENT]: measurement };
    let own = MEASUREMENT;
    while (this.#takes(COMMA)) {
      // `m, f=1`: influxdb-client-go writes a measurement without tags so.
      if (this.text.charCodeAt(this.#at) === BLANK) {
        break;
      }
      const key = this.#name(true);
      if (!this.#takes(EQUALS)) {
        return `the tag ${quote(key)} has no value`;
      }
      const tag = this.#name(false);
      if (key === own) {
        const { [own]: _, ...tags } = labels;
        do {
          own = `_${own}`;
        } while (Object.hasOwn(tags, own));
        labels = { [own]: measurement, ...tags };
      }
      setOwn(labels, key, tag);
    }
    this.#blanks();
    const value: Record<string, unknown> = {};
    do {
      const key = this.#name(true);
      if (key === '' || !this.#takes(EQUALS)) {
        return key === '' ? 'a field has no name' : `the field ${quote(key)} has no value`;
      }
      const field = this.text.charCodeAt(this.#at) === QUOTES ? this.#string() : this.#plain();
      if (field === undefined) {
        return `the value of the field ${quote(key)} is neither a number, a boolean nor text in quotes`;
      }
      setOwn(value, key, field);
    } while (this.#takes(COMMA));
    this.#blanks();
    const stamp = this.text.slice(this.#at, this.end).trim();
    if (stamp === '') {
      return { value, labels };
    }
    const time = timeOf(stamp);
    return time === undefined ? `its time ${quote(stamp)} is not a whole number` : { value, labels, time };
  }

  /**
   * A measurement, a tag or the key of a field: a backslash takes away the meaning of what would end it. Before anything
   * else it is itself, also before another backslash, as InfluxDB's own parsers have it: Telegraf sends the tag
   * `\\\\server\\share` as it is.
   *
   * @param isKey an equals sign ends it.
   */
  #name(isKey: boolean): string {
    const { text, end } = this;
    let name = '';
    let from = this.#at;
    let at = from;
    for (; at < end; at++) {
      const code = text.charCodeAt(at);
      if (code === COMMA || code === BLANK || (isKey && code === EQUALS)) {
        break;
      }
      if (code === BACKSLASH && at + 1 < end && isEscapable(text[at + 1])) {
        name += text.slice(from, at);
        from = ++at;
      }
    }
    this.#at = at;
    return name === '' ? text.slice(from, at) : name + text.slice(from, at);
  }

  /** Text in quotes; `undefined` if they are never closed. */
  #string(): string | undefined {
    let text = '';
    for (let at = this.#at + 1; at < this.end; at++) {
      const character = this.text[at];
      if (character === '"') {
        this.#at = at + 1;
        return text;
      }
      const next = this.text[at + 1];
      if (character === '\\' && isEscapableInQuotes(next)) {
        text += next;
        at++;
      } else {
        text += character;
      }
    }
    return undefined;
  }

  #plain(): unknown {
    const { text, end } = this;
    const begin = this.#at;
    let at = begin;
    for (; at < end; at++) {
      const code = text.charCodeAt(at);
      if (code === COMMA || code === BLANK) {
        break;
      }
    }
    this.#at = at;
    const source = text.slice(begin, at).trimEnd();
    const last = source.charCodeAt(source.length - 1);
    if (last === SIGNED || last === UNSIGNED) {
      const integer = source.slice(0, -1);
      if (INTEGER.test(integer)) {
        const value = Number(integer);
        return Number.isSafeInteger(value) ? value : integer;
      }
    }
    return parseNumber(source, false) ?? BOOLEANS.get(source) ?? parseNotFinite(source);
  }

  #blanks(): void {
    while (this.#at < this.end && this.text.charCodeAt(this.#at) === BLANK) {
      this.#at++;
    }
  }

  #takes(code: number): boolean {
    if (this.#at < this.end && this.text.charCodeAt(this.#at) === code) {
      this.#at++;
      return true;
    }
    return false;
  }
}

function isEscapable(character: string | undefined): boolean {
  return character === ',' || character === '=' || character === ' ';
}

function isEscapableInQuotes(character: string | undefined): boolean {
  return character === '"' || character === '\\';
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

/**
 * The end of the line that begins there: a line end within the quotes of a text field is part of the text. Quotes in
 * a measurement or a tag, which come before the first blank, are themselves.
 */
function lineEnd(text: string, from: number): number {
  const end = endOfLine(text, from);
  return text.slice(from, end).includes('"') ? lineEndWithTexts(text, from) : end;
}

function lineEndWithTexts(text: string, from: number): number {
  let inFields = false;
  let inQuotes = false;
  for (let at = from; at < text.length; at++) {
    switch (text[at]) {
      case '\\':
        at += (inQuotes ? isEscapableInQuotes(text[at + 1]) : isEscapable(text[at + 1])) ? 1 : 0;
        break;
      case ' ':
        inFields = true;
        break;
      case '"':
        inQuotes = inQuotes ? false : inFields && text[at - 1] === '=';
        break;
      case '\n':
        if (!inQuotes) {
          return at;
        }
        break;
    }
  }
  return inQuotes ? endOfLine(text, from) : text.length;
}

/** Times from here on are milliseconds, microseconds, nanoseconds: the units meet in 1973, 2001 and 5138. */
const MILLISECONDS_FROM = 1e11;
const MICROSECONDS_FROM = 1e14;
const NANOSECONDS_FROM = 1e17;

/**
 * Milliseconds since 1970 of a whole number of seconds, milliseconds, microseconds or nanoseconds: which of them it
 * is, its size says. The digits are parted before they are a float, so that microseconds stay exact.
 */
function timeOf(stamp: string): number | undefined {
  if (!/^-?\d{1,20}$/.test(stamp)) {
    return undefined;
  }
  const size = Math.abs(Number(stamp));
  const fraction = size >= NANOSECONDS_FROM ? 6 : size >= MICROSECONDS_FROM ? 3 : 0;
  if (fraction === 0) {
    return size >= MILLISECONDS_FROM ? Number(stamp) : Number(stamp) * 1_000;
  }
  const sign = stamp.startsWith('-') ? -1 : 1;
  return Number(stamp.slice(0, -fraction)) + (sign * Number(stamp.slice(-fraction))) / 10 ** fraction;
}
