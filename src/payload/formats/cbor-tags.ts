import { ByteError } from './byte-reader';
import { toBase64, toHex } from './bytes';
import { exactInt64, exactInteger, exactUint64, halfFloat, isoTime } from './values';

/** Bytes of the largest bignum that is read: numbers of some 600 digits. Its digits take time by their square. */
export const MAX_BIGNUM = 256;

const SECONDS_PER_DAY = 86_400;

/**
 * The value that a tag makes of its content (RFC 8949, 3.4, and the registry of IANA). Tags that are not known here say
 * nothing that would change the value: the content is given.
 *
 * @param embedded reads bytes that are CBOR themselves.
 * @throws {ByteError} where a bignum is larger than any number is.
 */
export function tagged(tag: number | string, content: unknown, embedded: (bytes: Uint8Array) => unknown): unknown {
  if (content instanceof Uint8Array) {
    return taggedBytes(Number(tag), content, embedded);
  }
  switch (tag) {
    case 1:
      return typeof content === 'number' ? (timeOf(content) ?? content) : content;
    case 4:
      return decimalFraction(content) ?? content;
    case 5:
      return bigFloat(content) ?? content;
    case 100:
      return typeof content === 'number' ? (isoTime(content * SECONDS_PER_DAY, 0)?.slice(0, 10) ?? content) : content;
    default:
      return content;
  }
}

function taggedBytes(tag: number, bytes: Uint8Array, embedded: (bytes: Uint8Array) => unknown): unknown {
  switch (tag) {
    case 2:
      return exactInteger(bignum(bytes));
    case 3:
      return exactInteger(-1n - bignum(bytes));
    case 21:
      return toBase64(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
    case 23:
      return toHex(bytes);
    case 24:
      return embedded(bytes);
    case 37:
      return bytes.length === 16 ? uuidOf(bytes) : bytes;
    default:
      return tag >= 64 && tag <= 87 ? (typedArray(tag, bytes) ?? bytes) : bytes;
  }
}

/** Seconds since 1970 as ISO 8601, to the microsecond: a float holds no more of times of today. */
function timeOf(time: number): string | undefined {
  const seconds = Math.floor(time);
  const micros = Math.round((time - seconds) * 1e6);
  return micros === 1e6 ? isoTime(seconds + 1, 0) : isoTime(seconds, micros * 1_000);
}

function bignum(bytes: Uint8Array): bigint {
  if (bytes.length > MAX_BIGNUM) {
    throw new ByteError(`it has an integer of ${bytes.length} bytes, and at most ${MAX_BIGNUM} are read`);
  }
  return bytes.length === 0 ? 0n : BigInt(`0x${toHex(bytes)}`);
}

/** Exponent and mantissa; a mantissa of more than 53 bits is its digits. */
function parts(content: unknown): [exponent: number, mantissa: number | string] | undefined {
  if (!Array.isArray(content) || content.length !== 2) {
    return undefined;
  }
  const [exponent, mantissa] = content as unknown[];
  return typeof exponent === 'number' &&
    Number.isInteger(exponent) &&
    (typeof mantissa === 'number' || (typeof mantissa === 'string' && /^-?\d+$/.test(mantissa)))
    ? [exponent, mantissa]
    : undefined;
}

/** As a number where it is one; as its text where it is too large. */
function decimalFraction(content: unknown): number | string | undefined {
  const [exponent, mantissa] = parts(content) ?? [];
  if (exponent === undefined) {
    return undefined;
  }
  const text = `${mantissa}e${exponent}`;
  return Number.isFinite(Number(text)) ? Number(text) : text;
}

function bigFloat(content: unknown): number | string | undefined {
  const [exponent, mantissa] = parts(content) ?? [];
  if (exponent === undefined) {
    return undefined;
  }
  const value = Number(mantissa) * 2 ** exponent;
  return Number.isFinite(value) ? value : `${mantissa}*2^${exponent}`;
}

/** 16 bytes as RFC 9562 writes them. */
function uuidOf(bytes: Uint8Array): string {
  return toHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Numbers side by side (RFC 8746, 2.1): the tag's bits say whether floats, signed, little-endian, and how long. */
function typedArray(tag: number, bytes: Uint8Array): unknown[] | undefined {
  const [float, signed, little, power] = [(tag & 16) !== 0, (tag & 8) !== 0, (tag & 4) !== 0, tag & 3];
  const size = 1 << (power + (float ? 1 : 0));
  if (bytes.length % size !== 0 || (float && (signed || size > 8))) {
    return undefined;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  // For bytes the order has another meaning: they are clamped.
  return Array.from({ length: bytes.length / size }, (_, i) =>
    element(view, i * size, { float, signed, little, size })
  );
}

interface Kind {
  readonly float: boolean;
  readonly signed: boolean;
  readonly little: boolean;
  readonly size: number;
}

function element(view: DataView, at: number, { float, signed, little, size }: Kind): number | string {
  switch (size) {
    case 1:
      return signed ? view.getInt8(at) : view.getUint8(at);
    case 2:
      return float
        ? halfFloat(view.getUint16(at, little))
        : signed
          ? view.getInt16(at, little)
          : view.getUint16(at, little);
    case 4:
      return float ? view.getFloat32(at, little) : signed ? view.getInt32(at, little) : view.getUint32(at, little);
    default: {
      if (float) {
        return view.getFloat64(at, little);
      }
      const [first, second] = [view.getUint32(at, little), view.getUint32(at + 4, little)];
      const [high, low] = little ? [second, first] : [first, second];
      return signed ? exactInt64(high, low) : exactUint64(high, low);
    }
  }
}
