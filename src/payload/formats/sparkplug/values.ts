import { toBase64 } from '../bytes';
import { exactInt64, exactUint64, isoTimeOfMillis } from '../values';

/** Datatypes (Sparkplug 3.0, 6.4.16) that say how a value is to be understood; the others say what the field says. */
export const SparkplugType = {
  Int8: 1,
  Int16: 2,
  Int32: 3,
  Int64: 4,
  UInt8: 5,
  UInt16: 6,
  UInt32: 7,
  UInt64: 8,
  Boolean: 11,
  DateTime: 13,
  Int8Array: 22,
  BooleanArray: 32,
  StringArray: 33,
  DateTimeArray: 34,
} as const;
export type SparkplugType = number;

/** The halves of an integer of 64 bits. */
export interface Integer {
  readonly high: number;
  readonly low: number;
}

/** The content of a field of a message. `parts`: a data set, as JSON. */
export type SparkplugValue =
  | Integer
  | { readonly plain: number | string | boolean }
  | { readonly bytes: Uint8Array }
  | { readonly parts: unknown };

/** The value, as its datatype has it; without one, as far as the bytes say. */
export function readSparkplugValue(type: SparkplugType | undefined, raw: SparkplugValue): unknown {
  if ('low' in raw) {
    return readInteger(type, raw);
  }
  if ('bytes' in raw) {
    return readArray(type ?? 0, raw.bytes) ?? toBase64(raw.bytes);
  }
  return 'parts' in raw ? raw.parts : raw.plain;
}

/** Signed integers are sent as the unsigned ones of the same bits; 32 bits may come in the field for 64. */
function readInteger(type: SparkplugType | undefined, { high, low }: Integer): unknown {
  switch (type) {
    case SparkplugType.Int8:
      return (low << 24) >> 24;
    case SparkplugType.Int16:
      return (low << 16) >> 16;
    case SparkplugType.Int32:
      return low | 0;
    case SparkplugType.Int64:
      return exactInt64(high, low);
    case SparkplugType.Boolean:
      return (high | low) !== 0;
    case SparkplugType.DateTime: {
      const ms = exactInt64(high, low);
      return (typeof ms === 'number' ? isoTimeOfMillis(ms) : undefined) ?? ms;
    }
    default:
      return exactUint64(high, low);
  }
}

type Element = (view: DataView, at: number) => unknown;

const dateTime: Element = (view, at) =>
  readInteger(SparkplugType.DateTime, { low: view.getUint32(at, true), high: view.getUint32(at + 4, true) });

/** From Int8Array on: the bytes of an element, and how they are read (little-endian). */
const ELEMENTS: ReadonlyArray<readonly [size: number, read: Element] | undefined> = [
  [1, (view, at) => view.getInt8(at)],
  [2, (view, at) => view.getInt16(at, true)],
  [4, (view, at) => view.getInt32(at, true)],
  [8, (view, at) => exactInt64(view.getUint32(at + 4, true), view.getUint32(at, true))],
  [1, (view, at) => view.getUint8(at)],
  [2, (view, at) => view.getUint16(at, true)],
  [4, (view, at) => view.getUint32(at, true)],
  [8, (view, at) => exactUint64(view.getUint32(at + 4, true), view.getUint32(at, true))],
  [4, (view, at) => view.getFloat32(at, true)],
  [8, (view, at) => view.getFloat64(at, true)],
  undefined,
  undefined,
  [8, dateTime],
];

/** @returns `undefined` for what is no array, or bytes that cannot be one. */
function readArray(type: SparkplugType, bytes: Uint8Array): unknown[] | undefined {
  if (type === SparkplugType.BooleanArray) {
    return readBooleans(bytes);
  }
  if (type === SparkplugType.StringArray) {
    const texts = new TextDecoder().decode(bytes).split('\0');
    // Each text ends with a zero.
    return texts.at(-1) === '' ? texts.slice(0, -1) : texts;
  }
  const [size, read] = ELEMENTS[type - SparkplugType.Int8Array] ?? [];
  if (size === undefined || read === undefined || bytes.length % size !== 0) {
    return undefined;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: bytes.length / size }, (_, i) => read(view, i * size));
}

/** How many there are, in four bytes, and a bit for each, the highest first. */
function readBooleans(bytes: Uint8Array): boolean[] | undefined {
  if (bytes.length < 4) {
    return undefined;
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  return length > (bytes.length - 4) * 8
    ? undefined
    : Array.from({ length }, (_, i) => (bytes[4 + (i >> 3)] & (0x80 >> (i & 7))) !== 0);
}
