import { DecodeFailure, type Decoded, type Decoder, CLEARED } from './decoded';
import { compressionOf, decompressed, unpack } from './formats/compressed';
import { isObject } from '../utils/is-object';
import { toBase64, toHex } from './formats/bytes';
import type { BinaryFormat, FormatOptions, PayloadFormat } from './formats';
import { readJson, readJsonLike } from './formats/json/json';
import { repairs } from './formats/json/repairs';
import { lazyFormats, sparkplug } from './formats/parts';
import { NumberReader } from './units/quantity';
import { parseNotFinite, parseNumber } from './formats/scalar';
import { isSenml, mayBeSenmlDraft } from './formats/senml-shape';
import type { RebirthRequests } from './formats/sparkplug/rebirth';
import { readText, stripAnsi } from './formats/text';
import { withProblem } from './formats/with-problem';
import { PAYLOAD_LIMITS } from './limits';
import { beginsLikeJson } from './nested-json';
import { decoderOf } from './part';
import { isPartial } from './rows/rows';
import { readPlainNumber } from './plain-number';

export { DecodeFailure, CLEARED, type Decoded, type Decoder };

type CreateDecoder = (
  options: FormatOptions,
  maxRows: number,
  requests: RebirthRequests | undefined,
  isPlain: boolean
) => Decoder;

repairs.expect = () => {
  repairs.code = lazyFormats.code;
  repairs.code?.expectRepairs();
  void lazyFormats.load();
};

/** A decoder for each format of the catalogue; those of one number each are in `formats/fixed.ts`. */
const DECODERS: Readonly<Record<Exclude<PayloadFormat, BinaryFormat>, CreateDecoder>> = {
  auto: (_, maxRows, requests, isPlain) => createAutoDecoder(maxRows, requests, isPlain),
  json: (_, maxRows) => ofText((text) => readJson(text, maxRows)),
  number: () => {
    const reader = new NumberReader();
    // A number is whole, and what is not UTF-8 is the degree sign of its unit: nothing is to be said.
    return ofText(reader.read, reader.readPlain, true);
  },
  text: () => ofText(stripAnsi),
  csv: (options, maxRows) =>
    decoderOf(lazyFormats, ({ CsvReader }) => {
      const reader = new CsvReader(options, maxRows);
      return ofText(reader.read, reader.readPlain);
    }),
  regex: ({ pattern }) => decoderOf(lazyFormats, ({ createRegexReader }) => ofText(createRegexReader(pattern))),
  influx: (_, maxRows) =>
    decoderOf(lazyFormats, ({ InfluxReader }) => {
      const reader = new InfluxReader(maxRows);
      return ofText(reader.read, reader.readSimilar);
    }),
  senml: (_, maxRows) =>
    decoderOf(lazyFormats, ({ isCborArray, readSenmlCbor, SenmlReader }) => {
      const reader = new SenmlReader(maxRows);
      const json = ofText(reader.read, reader.readSimilar);
      return (bytes, topic) => (isCborArray(bytes) ? readSenmlCbor(bytes, maxRows) : json(bytes, topic));
    }),
  sparkplug: (_, maxRows, requests) =>
    decoderOf(sparkplug, ({ createSparkplugDecoder }) => createSparkplugDecoder(maxRows, requests)),
  msgpack: (_, maxRows) =>
    decoderOf(lazyFormats, ({ readMsgpack }) => ofBinary((bytes) => readMsgpack(bytes, maxRows))),
  cbor: (_, maxRows) => decoderOf(lazyFormats, ({ readCbor }) => ofBinary((bytes) => readCbor(bytes, maxRows))),
  hex: () => ofBytes(toHex),
  base64: () => ofBytes(toBase64),
};

/**
 * Makes a decoder for the messages of one stream. A mistake in the options is the reason of the `DecodeFailure` of each
 * message. The decoder throws nothing but {@link PartPending}, and that before it remembers anything of the message.
 *
 * @param maxRows rows that one payload may have.
 * @param requests see `createSparkplugDecoder`.
 * @param isPlain the query says nothing about rows, fields and labels: `auto` may read JSON as SenML. A query that names
 * `n` as a label and `v` as a field reads SenML by itself. If it says something, it hears of CSV with a header and one
 * row that this is a list.
 */
export function createDecoder(
  format: PayloadFormat,
  options: FormatOptions = {},
  maxRows = PAYLOAD_LIMITS.rows,
  requests?: RebirthRequests,
  isPlain = true
): Decoder {
  const decoder = hasDecoder(format)
    ? DECODERS[format](options, maxRows, requests, isPlain)
    : decoderOf(lazyFormats, ({ createFixedReader }) => ofBytes(createFixedReader(format, options)));
  const { compression, unwrap } = options;
  const inner = compression === undefined ? decoder : decompressed(decoder, compression);
  return unwrap === undefined ? inner : decoderOf(lazyFormats, ({ unwrapped }) => unwrapped(inner, unwrap));
}

/** Others are numbers of a fixed size, or of a newer version of this plugin. */
function hasDecoder(format: PayloadFormat): format is keyof typeof DECODERS {
  return Object.hasOwn(DECODERS, format);
}

/** Reads bytes of a binary format, and those that are compressed with gzip. */
function ofBinary(read: (bytes: Uint8Array) => Decoded): Decoder {
  return ofBytes((bytes) => {
    const inner = bytes[0] === GZIP && compressionOf(bytes) === 'gzip' ? unpack(bytes, 'gzip') : bytes;
    return inner instanceof DecodeFailure ? inner : read(inner);
  });
}

function ofBytes(read: Decoder): Decoder {
  return (bytes, topic, retained) => (bytes.length === 0 ? CLEARED : read(bytes, topic, retained));
}

/** Reads text that is compressed, or in another encoding than UTF-8, which it says; else says what the bytes may be. */
function createOtherTextReader(read: (text: string) => Decoded, isSilent = false): Decoder {
  let reasons: { of(bytes: Uint8Array, topic: string): DecodeFailure } | undefined;
  return (bytes, topic) => {
    const compression = compressionOf(bytes);
    if (compression !== undefined) {
      const inner = unpack(bytes, compression);
      if (inner instanceof DecodeFailure) {
        return inner;
      }
      const unpacked = readText(inner);
      if (unpacked !== undefined) {
        return read(unpacked);
      }
      bytes = inner;
    }
    const code = lazyFormats.get();
    if (code instanceof DecodeFailure) {
      return code;
    }
    const other = code.readOtherText(bytes);
    if (other === undefined) {
      reasons ??= new code.BinaryReasons();
      return reasons.of(bytes, topic);
    }
    const { text, problem } = other;
    return withProblem(read(text), isSilent ? undefined : problem);
  };
}

/**
 * @param readBytes reads what it can straight from the bytes, and leaves the rest to those who read text.
 * @param isSilent see `createOtherTextReader`.
 */
function ofText(
  read: (text: string) => Decoded,
  readBytes?: (bytes: Uint8Array, topic: string) => Decoded,
  isSilent = false
): Decoder {
  const otherText = createOtherTextReader(read, isSilent);
  return (bytes, topic) => {
    if (bytes.length === 0) {
      return CLEARED;
    }
    const quick = readBytes?.(bytes, topic);
    if (quick !== undefined) {
      return quick;
    }
    const text = readText(bytes);
    return text === undefined ? otherText(bytes, topic) : read(text);
  };
}

/** How gzip begins; no CBOR does, and no MessagePack that has more than a number. */
const GZIP = 0x1f;

const BRACE = 0x7b;
const BRACKET = 0x5b;
const JSON_WORD = /^(?:true|false|null)$/;

/** The namespace of Sparkplug B (Sparkplug 3.0, 4.1.1): what is below it is never anything else. */
const SPARKPLUG = 'spBv1.0/';

function createAutoDecoder(maxRows: number, requests: RebirthRequests | undefined, isPlain: boolean): Decoder {
  let births: Decoder | undefined;
  const read = (text: string, first?: number): Decoded => {
    const value = first === BRACE || first === BRACKET ? jsonOrText(text, text, maxRows) : interpret(text, maxRows);
    if (!isPlain || !(isSenml(value) || mayBeSenmlDraft(value))) {
      return value;
    }
    const code = lazyFormats.get();
    return code instanceof DecodeFailure ? code : code.readSenmlValue(value, maxRows);
  };
  const otherText = createOtherTextReader(read);
  const other: Decoder = (bytes, topic, retained) => {
    const first = bytes[0];
    // No bytes, too, may be a death there.
    if (first !== BRACE && topic.startsWith(SPARKPLUG)) {
      return (births ??= DECODERS.sparkplug({}, maxRows, requests, isPlain))(bytes, topic, retained);
    }
    if (bytes.length === 0) {
      return CLEARED;
    }
    const text = readText(bytes);
    return text === undefined ? otherText(bytes, topic) : read(text, first);
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
  return beginsLikeJson(trimmed) || JSON_WORD.test(trimmed) ? jsonOrText(trimmed, text, maxRows) : stripAnsi(text);
}

/** A bracket, and what may begin a value: not the words that logs have in brackets. */
const NEAR_JSON =
  /^(?:\{\s*["'“”„‘’\p{L}\d_$/\\]|\[\s*[[({"'“”„‘’\d+./\\-]|\[\s*(?:True|False|None|[ub]["']|np\.|Decimal\()|[bu]?["']\s*[{[])/u;

/** Text that only looks like JSON is text, unless it was meant to be JSON. */
function jsonOrText(json: string, text: string, maxRows: number): Decoded {
  const value = readJsonLike(json, maxRows);
  if (value !== undefined && !isPartial(value)) {
    return typeof value === 'string' ? valueInQuotes(value, maxRows) : value;
  }
  const trimmed = json.trimStart();
  const code = NEAR_JSON.test(trimmed) ? lazyFormats.get() : undefined;
  const near = code === undefined || code instanceof DecodeFailure ? code : code.readNearJson(trimmed, maxRows);
  if (value !== undefined) {
    // What follows the first document is almost JSON, too, or nothing of the kind.
    return isPartial(near) ? value : (near ?? value);
  }
  return near === undefined ? stripAnsi(text) : near;
}

/** JSON that was encoded twice is a text of JSON: what is in it, unless that is nothing or no JSON. */
function valueInQuotes(text: string, maxRows: number): Decoded {
  const inner = /^\s*[{[]/.test(text) ? jsonOrText(text, text, maxRows) : undefined;
  return isObject(inner) && !(inner instanceof DecodeFailure) && Object.keys(inner).length > 0 ? inner : text;
}
