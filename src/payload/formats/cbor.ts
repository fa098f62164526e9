import { concat } from '../../utils/concat';
import { type Decoded, MAX_NESTING } from '../decoded';
import { PAYLOAD_LIMITS } from '../limits';
import { ByteError, ByteReader, checkLevels, failureOf, UnsupportedError } from './byte-reader';
import { toBase64 } from './bytes';
import { CborReferences, isReferenceTag, recordKeys, SharedStrings, TAGS } from './cbor-references';
import { tagged } from './cbor-tags';
import { MapEntries } from './map-entries';
import { readAll } from './value-sequence';
import { exactInteger, FreeKeys, halfFloat, setOwn } from './values';

/** The end of arrays, maps and texts of unknown length; a value that equals no other. */
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
export function readCbor(bytes: Uint8Array, maxRows = PAYLOAD_LIMITS.rows): Decoded {
  const reader = new CborReader(bytes);
  try {
    return readAll(reader, maxRows, () => {
      const value = readItem(reader, MAX_NESTING);
      if (value === BREAK) {
        throw new ByteError('it begins with a break');
      }
      return value instanceof Uint8Array ? toBase64(value) : value;
    });
  } catch (error) {
    return failureOf(error, 'CBOR');
  }
}

/** One data item; bytes are given as bytes, since tags say what they are. */
function readItem(reader: CborReader, levels: number): unknown {
  const head = reader.view.getUint8(reader.take(1));
  const info = head & 0x1f;
  switch (head >> 5) {
    case 0:
      return readArgument(reader, info);
    case 1:
      return negative(readArgument(reader, info));
    case 2:
    case 3:
      return readString(reader, (head >> 5) as 2 | 3, info);
    case 4:
      return readArray(reader, info === 31 ? INDEFINITE : readLength(reader, info), levels);
    case 5:
      return readMap(reader, info === 31 ? INDEFINITE : readLength(reader, info), levels);
    case 6: {
      checkLevels(levels);
      const tag = readArgument(reader, info);
      if (isReferenceTag(tag)) {
        return readReference(reader, tag, levels - 1);
      }
      const content = readItem(reader, levels - 1);
      checkNoBreak(content, reader);
      return tagged(tag, content, (bytes) => embedded(bytes, levels - 1));
    }
    default:
      return readSimple(reader, info);
  }
}

/** Reads a payload, and what later parts of it refer to; few payloads do so. */
class CborReader extends ByteReader {
  references: CborReferences | undefined;
}

function readString(reader: CborReader, major: 2 | 3, info: number): unknown {
  if (info === 31) {
    return readChunks(reader, major);
  }
  const length = readLength(reader, info);
  const value = major === 2 ? reader.slice(length) : reader.text(length);
  reader.references?.strings?.note(value, length);
  return value;
}

/** The value behind a tag of {@link isReferenceTag}. */
function readReference(reader: CborReader, tag: number, levels: number): unknown {
  const references = (reader.references ??= new CborReferences());
  const content = (): unknown => {
    const value = readItem(reader, levels);
    checkNoBreak(value, reader);
    return value;
  };
  switch (tag) {
    case TAGS.shared:
      return references.shared.define(references.shared.count, content);
    case TAGS.sharedRef:
      return references.shared.refer(content(), levels);
    case TAGS.stringNamespace: {
      const outer = references.strings;
      references.strings = new SharedStrings();
      const value = content();
      references.strings = outer;
      return value;
    }
    case TAGS.stringRef: {
      const index = content();
      if (references.strings === undefined) {
        throw new ByteError('it refers to a text outside of any namespace (tag 256)');
      }
      return references.strings.refer(index);
    }
    case TAGS.packed:
      throw new UnsupportedError('it is packed (tag 51): with cbor-x, set pack to false in the sender');
    case TAGS.bundledStrings:
      throw new UnsupportedError('its texts are bundled, as cbor-x does it: set bundleStrings to false in the sender');
    case TAGS.recordDefinition:
      return readRecord(reader, levels);
    default:
      return recordOf(references.records.get(tag), content());
  }
}

/** A record of cbor-x with its keys: a list of its tag, its keys and its values. */
function readRecord(reader: CborReader, levels: number): unknown {
  checkLevels(levels);
  const head = reader.view.getUint8(reader.take(1));
  const length = head >> 5 === 4 && (head & 0x1f) < 28 ? readLength(reader, head & 0x1f) : 0;
  reader.checkItems(length);
  if (length < 2) {
    throw new ByteError('it has a record without a tag and keys');
  }
  const tag = readPart(reader, levels - 1);
  const keys = recordKeys(readPart(reader, levels - 1));
  // The values may be records with the same keys.
  reader.references!.records.set(Number(tag), keys);
  const values = Array.from({ length: length - 2 }, () => readPart(reader, levels - 1));
  checkNoBreak(values.includes(BREAK) ? BREAK : undefined, reader);
  return recordOf(keys, values);
}

function recordOf(keys: readonly string[] | undefined, values: unknown): unknown {
  if (!Array.isArray(values)) {
    return values;
  }
  if (keys === undefined) {
    throw new UnsupportedError('it has records of cbor-x without their keys: set useRecords to false in the sender');
  }
  const record: Record<string, unknown> = {};
  const free = new FreeKeys(record);
  values.forEach((value, i) => setOwn(record, free.free(keys[i] ?? String(i + 1)), value));
  return record;
}

/** An item that is part of another one: as it will be seen. */
function readPart(reader: CborReader, levels: number): unknown {
  const value = readItem(reader, levels);
  return value instanceof Uint8Array ? toBase64(value) : value;
}

/** CBOR that is in bytes of CBOR (tag 24); the bytes where it is none. */
function embedded(bytes: Uint8Array, levels: number): unknown {
  const reader = new CborReader(bytes);
  try {
    const value = readItem(reader, levels);
    return reader.left === 0 && value !== BREAK ? value : bytes;
  } catch {
    return bytes;
  }
}

function readArgument(reader: CborReader, info: number): number | string {
  switch (info) {
    case 24:
    case 25:
    case 26:
      return reader.uint(info - 24);
    case 27:
      return reader.uint64();
    default:
      if (info > 27) {
        throw new ByteError(`byte ${reader.at - 1} has the length code ${info}, which CBOR does not define`);
      }
      return info;
  }
}

function readLength(reader: CborReader, info: number): number {
  // A length beyond 2^53 is beyond any payload all the same.
  return Number(readArgument(reader, info));
}

function negative(argument: number | string): number | string {
  const value = -1 - Number(argument);
  return typeof argument === 'number' && Number.isSafeInteger(value) ? value : exactInteger(-1n - BigInt(argument));
}

/** Bytes or text of indefinite length: pieces of the same kind, of definite length (RFC 8949, 3.2.3). */
function readChunks(reader: CborReader, major: 2 | 3): unknown {
  const begin = reader.at;
  const chunks: Uint8Array[] = [];
  for (;;) {
    const head = reader.view.getUint8(reader.take(1));
    if (head === 0xff) {
      break;
    }
    if (head >> 5 !== major || (head & 0x1f) === 31) {
      throw new ByteError(`at byte ${begin} a piece of a text is not a text`);
    }
    chunks.push(reader.slice(readLength(reader, head & 0x1f)));
  }
  const bytes = concat(chunks);
  return major === 2 ? bytes : new ByteReader(bytes).text(bytes.length);
}

function readArray(reader: CborReader, length: number, levels: number): unknown[] {
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

function readMap(reader: CborReader, length: number, levels: number): Record<string, unknown> {
  checkLevels(levels);
  if (length !== INDEFINITE) {
    reader.checkItems(length * 2);
  }
  const entries = new MapEntries();
  for (let i = 0; i < length; i++) {
    const key = readKey(reader, levels - 1);
    if (key === BREAK) {
      checkBreak(length, reader);
      break;
    }
    const value = readPart(reader, levels - 1);
    checkNoBreak(value, reader);
    entries.add(key, value);
  }
  return entries.object;
}

/** Most keys are short text. */
function readKey(reader: CborReader, levels: number): unknown {
  const head = reader.bytes[reader.at];
  if (head < 0x60 || head >= 0x78 || reader.references?.strings !== undefined) {
    return readPart(reader, levels);
  }
  reader.at++;
  return reader.key(head & 0x1f);
}

function checkBreak(length: number, reader: CborReader): void {
  if (length !== INDEFINITE) {
    throw new ByteError(`at byte ${reader.at - 1} there is a break in place of an item`);
  }
}

function checkNoBreak(value: unknown, reader: CborReader): void {
  if (value === BREAK) {
    throw new ByteError(`at byte ${reader.at - 1} there is a break in place of an item`);
  }
}

function readSimple(reader: CborReader, info: number): unknown {
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
        throw new ByteError(`byte ${reader.at - 1} begins no value`);
      }
      return `simple(${info})`;
  }
}
