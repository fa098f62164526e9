/**
 * The one list of payload formats, for the editor, the documentation's tests and the types. It knows no decoder, so
 * that what offers a format to people does not load what reads it; `decode.ts` has a decoder for each.
 */

/** Options of formats; each format reads the options that its entry lists. */
export interface FormatOptions {
  /** `csv`: the text between columns. Default: found in the first line, of comma, semicolon, tab and bar. */
  readonly delimiter?: string;
  /** `csv`: names of the columns, in order. Default: the first line, where it holds no number; else `1`, `2`, … */
  readonly columns?: readonly string[];
  /** `regex`: a pattern whose named groups become fields. */
  readonly pattern?: string;
  /**
   * `int16` … `float64`. Default `big`, the byte order of networks. `cdab` and `badc`: registers of 16 bits, as Modbus
   * has them, in another order than their bytes: the lowest first with the high byte first, and the other way round.
   */
  readonly byteOrder?: 'big' | 'little' | 'cdab' | 'badc';
  /** `int8` … `float64`: bytes to skip before the number. Default 0. */
  readonly offset?: number;
  /** The bytes are not the payload itself but text in it: the whole payload, or the text at `path` in its JSON. */
  readonly unwrap?: UnwrapOptions;
  /** The bytes are compressed. Default: found by how they begin, which raw deflate does not show. */
  readonly compression?: Compression;
}

/** How a payload can be compressed, as `DecompressionStream` names it; `deflate` is zlib. */
export type Compression = 'gzip' | 'deflate' | 'deflate-raw';

export interface UnwrapOptions {
  readonly encoding: 'base64' | 'hex';
  /** Default: the whole payload. */
  readonly path?: string;
}

/** A format as people choose it. */
export interface FormatEntry {
  readonly label: string;
  /** A few words, without a full stop. */
  readonly description: string;
  /** The options that the format reads; others are ignored. */
  readonly options: ReadonlyArray<keyof FormatOptions>;
}

/** Numbers of a fixed size, as they lie in memory. */
const BINARY = {
  int8: binary('int8', 'a whole number of 1 byte', 1),
  uint8: binary('uint8', 'a whole number of 1 byte, not negative', 1),
  int16: binary('int16', 'a whole number of 2 bytes', 2),
  uint16: binary('uint16', 'a whole number of 2 bytes, not negative', 2),
  int32: binary('int32', 'a whole number of 4 bytes', 4),
  uint32: binary('uint32', 'a whole number of 4 bytes, not negative', 4),
  int64: binary('int64', 'a whole number of 8 bytes', 8),
  uint64: binary('uint64', 'a whole number of 8 bytes, not negative', 8),
  float32: binary('float32', 'a number of 4 bytes', 4),
  float64: binary('float64', 'a number of 8 bytes', 8),
};

function binary(label: string, what: string, bytes: number): FormatEntry {
  const options = ['offset', 'unwrap', 'compression'] as const;
  return { label, description: `Binary: ${what}`, options: bytes === 1 ? options : ['byteOrder', ...options] };
}

/** In the order in which the editor offers them. */
const ALL = {
  auto: { label: 'Auto', description: 'Recognised per message', options: [] },
  json: { label: 'JSON', description: 'A field for each value', options: ['unwrap', 'compression'] },
  number: {
    label: 'Number',
    description: 'The payload is a number, perhaps with a unit',
    options: ['unwrap', 'compression'],
  },
  text: { label: 'Text', description: 'The payload as it is', options: ['unwrap', 'compression'] },
  csv: {
    label: 'CSV',
    description: 'Values between separators',
    options: ['delimiter', 'columns', 'unwrap', 'compression'],
  },
  regex: {
    label: 'Regular expression',
    description: 'Named groups become fields',
    options: ['pattern', 'unwrap', 'compression'],
  },
  influx: { label: 'InfluxDB line protocol', description: 'Telegraf and others', options: ['unwrap', 'compression'] },
  senml: { label: 'SenML', description: 'RFC 8428', options: ['unwrap', 'compression'] },
  sparkplug: { label: 'Sparkplug B', description: 'Eclipse Sparkplug', options: ['unwrap', 'compression'] },
  msgpack: { label: 'MessagePack', description: 'Objects in binary', options: ['unwrap', 'compression'] },
  cbor: { label: 'CBOR', description: 'Objects in binary, RFC 8949', options: ['unwrap', 'compression'] },
  hex: { label: 'Hex', description: 'The bytes, two digits each', options: [] },
  base64: { label: 'Base64', description: 'The bytes, as text', options: [] },
  ...BINARY,
} satisfies Readonly<Record<string, FormatEntry>>;

/** How payload bytes become values. `auto` tells numbers, JSON, text and binary apart message by message. */
export type PayloadFormat = keyof typeof ALL;

/** Numbers of a fixed size, as they lie in memory. */
export type BinaryFormat = keyof typeof BINARY;

export const FORMATS: Readonly<Record<PayloadFormat, FormatEntry>> = ALL;

export const FORMAT_IDS = Object.keys(FORMATS) as readonly PayloadFormat[];

/** @param format as it is saved: of a newer version it may be one that is not known here. */
export function isFormat(format: string): format is PayloadFormat {
  return Object.hasOwn(FORMATS, format);
}
