import { messageOf } from '../../utils/errors';
import { DecodeFailure, type Decoded, MAX_NESTING } from '../decoded';
import { ByteError, ByteReader, checkLevels } from './byte-reader';
import { toBase64 } from './bytes';
import { tagged } from './cbor-tags';
import { keyText, withRest } from './msgpack';
import { exactInteger, exactUint64, FreeKeys, halfFloat, setOwn } from './values';

/** What ends arrays, maps and texts of unknown length; a value like no other. */
const BREAK = Symbol('break');

/** A length that is not known beforehand. */
const INDEFINITE = Infinity;

/**
 * The format `cbor` (RFC 8949). Integers beyond 2^53 are text, bytes are base64, times are ISO 8601 text, and a key
 * that is no text is its text; `undefined` is null.
 *
 * Read here and not by `cborg`: that refuses bytes and text of indefinite length, which devices with little memory
 * send, and takes maps with numbers as keys only as a `Map`, to be copied. The tests hold the two against each other.
 */
export function readCbor(bytes: Uint8Array): Decoded {
  const reader = new ByteReader(bytes);
  try {
    const value = readItem(reader, MAX_NESTING);
    if (value === BREAK) {
      throw new ByteError('it begins with a break');
    }
    return withRest(value instanceof Uint8Array ? toBase64(value) : value, reader);
  } catch (error) {
    return new DecodeFailure(`The payload is not CBOR: ${messageOf(error)}.`);
  }
}

/** One data item; bytes are given as bytes, since tags say what they are. */
function readItem(reader: ByteReader, levels: number): unknown {
  const head = reader.view.getUint8(reader.take(1));
  const info = head & 0x1f;
  switch (head >> 5) {
    case 0:
      return readArgument(reader, info);
    case 1:
      return negative(readArgument(reader, info));
    case 2:
      return info === 31 ? readChunks(reader, 2) : reader.slice(readLength(reader, info));
    case 3:
      return info === 31 ? readChunks(reader, 3) : reader.text(readLength(reader, info));
    case 4:
      return readArray(reader, info === 31 ? INDEFINITE : readLength(reader, info), levels);
    case 5:
      return readMap(reader, info === 31 ? INDEFINITE : readLength(reader, info), levels);
    case 6: {
      checkLevels(levels);
      const tag = readArgument(reader, info);
      const content = readItem(reader, levels - 1);
      checkNoBreak(content, reader);
      return tagged(tag, content, (bytes) => embedded(bytes, levels - 1));
    }
    default:
      return readSimple(reader, info);
  }
}

/** An item that is part of another one: as it will be seen. */
function readPart(reader: ByteReader, levels: number): unknown {
  const value = readItem(reader, levels);
  return value instanceof Uint8Array ? toBase64(value) : value;
}

/** CBOR that is in bytes of CBOR (tag 24); the bytes where it is none. */
function embedded(bytes: Uint8Array, levels: number): unknown {
  const reader = new ByteReader(bytes);
  try {
    const value = readItem(reader, levels);
    return reader.left === 0 && value !== BREAK ? value : bytes;
  } catch {
    return bytes;
  }
}

function readArgument(reader: ByteReader, info: number): number | string {
  const { view } = reader;
  switch (info) {
    case 24:
      return view.getUint8(reader.take(1));
    case 25:
      return view.getUint16(reader.take(2));
    case 26:
      return view.getUint32(reader.take(4));
    case 27: {
      const at = reader.take(8);
      return exactUint64(view.getUint32(at), view.getUint32(at + 4));
    }
    default:
      if (info > 27) {
        throw new ByteError(`byte ${reader.at - 1} says ${info} for a length, which means nothing`);
      }
      return info;
  }
}

function readLength(reader: ByteReader, info: number): number {
  // A length beyond 2^53 is beyond any payload all the same.
  return Number(readArgument(reader, info));
}

function negative(argument: number | string): number | string {
  const value = -1 - Number(argument);
  return typeof argument === 'number' && Number.isSafeInteger(value) ? value : exactInteger(-1n - BigInt(argument));
}

/** Bytes or text of indefinite length: pieces of the same kind, of definite length (RFC 8949, 3.2.3). */
function readChunks(reader: ByteReader, major: 2 | 3): unknown {
  const begin = reader.at;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const head = reader.view.getUint8(reader.take(1));
    if (head === 0xff) {
      break;
    }
    if (head >> 5 !== major || (head & 0x1f) === 31) {
      throw new ByteError(`at byte ${begin} there is text in pieces of which one is something else`);
    }
    const chunk = reader.slice(readLength(reader, head & 0x1f));
    chunks.push(chunk);
    length += chunk.length;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return major === 2 ? bytes : new ByteReader(bytes).text(length);
}

function readArray(reader: ByteReader, length: number, levels: number): unknown[] {
  checkLevels(levels);
  if (length !== INDEFINITE) {
    reader.checkItems(length);
  }
  const array: unknown[] = [];
  for (let i = 0; i < length; i++) {
    const value = readPart(reader, levels - 1);
    if (value === BREAK) {
      checkBreak(length, reader);
      break;
    }
    array.push(value);
  }
  return array;
}

function readMap(reader: ByteReader, length: number, levels: number): Record<string, unknown> {
  checkLevels(levels);
  if (length !== INDEFINITE) {
    reader.checkItems(length * 2);
  }
  const map: Record<string, unknown> = {};
  const keys = new FreeKeys(map);
  let onlyText = true;
  for (let i = 0; i < length; i++) {
    const key = readKey(reader, levels - 1);
    if (key === BREAK) {
      checkBreak(length, reader);
      break;
    }
    onlyText &&= typeof key === 'string';
    const value = readPart(reader, levels - 1);
    checkNoBreak(value, reader);
    setOwn(map, onlyText ? (key as string) : keys.free(keyText(key)), value);
  }
  return map;
}

/** Most keys are short text. */
function readKey(reader: ByteReader, levels: number): unknown {
  const head = reader.bytes[reader.at];
  if (head < 0x60 || head >= 0x78) {
    return readPart(reader, levels);
  }
  reader.at++;
  return reader.key(head & 0x1f);
}

function checkBreak(length: number, reader: ByteReader): void {
  if (length !== INDEFINITE) {
    throw new ByteError(`at byte ${reader.at - 1} there is a break where an item should be`);
  }
}

function checkNoBreak(value: unknown, reader: ByteReader): void {
  if (value === BREAK) {
    throw new ByteError(`at byte ${reader.at - 1} there is a break where an item should be`);
  }
}

function readSimple(reader: ByteReader, info: number): unknown {
  const { view } = reader;
  switch (info) {
    case 20:
      return false;
    case 21:
      return true;
    case 22:
    case 23:
      return null;
    case 24:
      return `simple(${view.getUint8(reader.take(1))})`;
    case 25:
      return halfFloat(view.getUint16(reader.take(2)));
    case 26:
      return view.getFloat32(reader.take(4));
    case 27:
      return view.getFloat64(reader.take(8));
    case 31:
      return BREAK;
    default:
      if (info > 27) {
        throw new ByteError(`byte ${reader.at - 1} begins nothing`);
      }
      return `simple(${info})`;
  }
}
