import { DecodeFailure, type Decoded, type Decoder, CLEARED, quote } from './decoded';
import { BinaryReasons } from './formats/binary-hint';
import { toBase64, toHex } from './formats/bytes';
import { readCbor } from './formats/cbor';
import { createCsvReader } from './formats/csv';
import { type BinaryFormat, createFixedReader, isBinaryFormat } from './formats/fixed';
import { readInflux } from './formats/influx';
import { readJson, readJsonLike } from './formats/json/json';
import { readMsgpack } from './formats/msgpack';
import { createNumberReader } from './units/quantity';
import { createRegexReader } from './formats/regex/regex';
import { parseNotFinite, parseNumber } from './formats/scalar';
import { isCborArray, readSenmlCbor, readSenmlJson } from './formats/senml';
import { createSparkplugDecoder } from './formats/sparkplug/sparkplug';
import type { RebirthRequests } from './formats/sparkplug/rebirth';
import { readText, stripAnsi } from './formats/text';
import { unwrapped, type UnwrapOptions } from './formats/unwrap';
import { PAYLOAD_LIMITS } from './limits';
import { readPlainNumber } from './plain-number';

export { DecodeFailure, CLEARED, type Decoded, type Decoder };

/** How payload bytes become a value. */
export type Format =
  | 'auto'
  | 'json'
  | 'number'
  | 'text'
  | 'csv'
  | 'regex'
  | 'influx'
  | 'senml'
  | 'sparkplug'
  | 'msgpack'
  | 'cbor'
  | 'hex'
  | 'base64'
  | BinaryFormat;

/** What a format needs to know beside its name; each is looked at by the formats that it names only. */
export interface FormatOptions {
  /** `csv`: what separates the columns. */
  readonly delimiter?: string;
  /** `csv`: names of the columns, in order. */
  readonly columns?: readonly string[];
  /** `regex`: a pattern whose named groups become fields. */
  readonly pattern?: string;
  /** `int16` … `float64`. */
  readonly byteOrder?: 'big' | 'little';
  /** `int8` … `float64`: bytes to pass over. */
  readonly offset?: number;
  /** The bytes to read are text in the payload. */
  readonly unwrap?: UnwrapOptions;
}

/**
 * Makes a decoder ready for many messages of one stream. It never throws: what is wrong with the options, too, is
 * said by the failure of each message.
 *
 * @param maxRows that one payload may have.
 * @param asker see `createSparkplugDecoder`.
 */
export function createDecoder(
  format: Format,
  options: FormatOptions = {},
  maxRows = PAYLOAD_LIMITS.rows,
  asker?: RebirthRequests
): Decoder {
  const decoder = create(format, options, maxRows, asker);
  return options.unwrap === undefined ? decoder : unwrapped(decoder, options.unwrap);
}

function create(format: Format, options: FormatOptions, maxRows: number, asker: RebirthRequests | undefined): Decoder {
  switch (format) {
    case 'auto':
      return createAutoDecoder(maxRows, asker);
    case 'number':
      return createNumberDecoder();
    case 'json':
      return ofText((text) => readJson(text, maxRows));
    case 'text':
      return ofText(stripAnsi);
    case 'csv':
      return ofText(createCsvReader(options, maxRows));
    case 'regex':
      return ofText(createRegexReader(options.pattern));
    case 'influx':
      return ofText((text) => readInflux(text, maxRows));
    case 'senml': {
      const json = ofText((text) => readSenmlJson(text, maxRows));
      return (bytes, topic) => (isCborArray(bytes) ? readSenmlCbor(bytes, maxRows) : json(bytes, topic));
    }
    case 'sparkplug':
      return createSparkplugDecoder(maxRows, asker);
    case 'msgpack':
      return ofBytes(readMsgpack);
    case 'cbor':
      return ofBytes(readCbor);
    case 'hex':
      return ofBytes(toHex);
    case 'base64':
      return ofBytes(toBase64);
    default:
      return isBinaryFormat(format)
        ? ofBytes(createFixedReader(format, options))
        : () =>
            new DecodeFailure(`There is no format ${quote(String(format))}: the query was made by a newer version.`);
  }
}

function ofBytes(read: Decoder): Decoder {
  return (bytes, topic, retained) => (bytes.length === 0 ? CLEARED : read(bytes, topic, retained));
}

function ofText(read: (text: string) => Decoded): Decoder {
  const reasons = new BinaryReasons();
  return (bytes, topic) => {
    if (bytes.length === 0) {
      return CLEARED;
    }
    const text = readText(bytes);
    return text === undefined ? new DecodeFailure(reasons.of(bytes, topic)) : read(text);
  };
}

const latin1 = new TextDecoder('latin1');

/** Longer payloads that are no UTF-8 are binary; shorter ones may have the degree sign of an older encoding. */
const MAX_LATIN1 = 32;

function createNumberDecoder(): Decoder {
  const read = createNumberReader();
  const reasons = new BinaryReasons();
  return (bytes, topic) => {
    if (bytes.length === 0) {
      return CLEARED;
    }
    const plain = readPlainNumber(bytes);
    if (plain !== undefined) {
      return plain;
    }
    const text = readText(bytes);
    if (text !== undefined) {
      return read(text);
    }
    const value = bytes.length > MAX_LATIN1 ? undefined : read(latin1.decode(bytes));
    return value === undefined || value instanceof DecodeFailure ? new DecodeFailure(reasons.of(bytes, topic)) : value;
  };
}

const BRACE = 0x7b;
const BRACKET = 0x5b;
const JSON_SCALAR = /^(?:"|true$|false$|null$)/;

/** The namespace of Sparkplug B (Sparkplug 3.0, 4.1.1): what is below it is never anything else. */
const SPARKPLUG = 'spBv1.0/';

function createAutoDecoder(maxRows: number, asker: RebirthRequests | undefined): Decoder {
  const reasons = new BinaryReasons();
  let sparkplug: Decoder | undefined;
  const other: Decoder = (bytes, topic, retained) => {
    const first = bytes[0];
    // No bytes, too, may be a death there.
    if (first !== BRACE && topic.startsWith(SPARKPLUG)) {
      return (sparkplug ??= createSparkplugDecoder(maxRows, asker))(bytes, topic, retained);
    }
    if (bytes.length === 0) {
      return CLEARED;
    }
    const text = readText(bytes);
    if (text === undefined) {
      return new DecodeFailure(reasons.of(bytes, topic));
    }
    return first === BRACE || first === BRACKET ? jsonOrText(text, text, maxRows) : interpret(text, maxRows);
  };
  return (bytes, topic, retained) =>
    // Most payloads are a few digits: read as they are, they need no text.
    readPlainNumber(bytes) ?? other(bytes, topic, retained);
}

/** Text of which it is not known what it is. */
function interpret(text: string, maxRows: number): Decoded {
  const trimmed = text.trim();
  const number = parseNumber(trimmed) ?? parseNotFinite(trimmed);
  if (number !== undefined) {
    return number;
  }
  return /^[{[]/.test(trimmed) || JSON_SCALAR.test(trimmed) ? jsonOrText(trimmed, text, maxRows) : stripAnsi(text);
}

/** Text that only looks like JSON is text. */
function jsonOrText(json: string, text: string, maxRows: number): Decoded {
  const value = readJsonLike(json, maxRows);
  return value === undefined ? stripAnsi(text) : value;
}
