import { type Decoded, MAX_NESTING } from '../decoded';
import { PAYLOAD_LIMITS } from '../limits';
import { ByteError, checkLevels, failureOf, UnsupportedError } from './byte-reader';
import { toBase64 } from './bytes';
import { MapEntries } from './map-entries';
import { keysOfRecord, MsgpackReader, readMsgpackrExtension, readRecord } from './msgpackr';
import { readAll } from './value-sequence';
import { exactInt64, isoTime } from './values';

/** The extension type of times (MessagePack specification, "Timestamp extension type"). */
const TIMESTAMP = -1;

/**
 * The format `msgpack`. Integers beyond 2^53 are text, bytes are base64, times are ISO 8601 text, and a key that is
 * no text is its text.
 *
 * Read here and not by `@msgpack/msgpack`: that makes room for as many items as a payload says that it has, so that
 * 200 bytes take gigabytes, and it refuses `__proto__` as a key. The tests hold the two against each other.
 */
export function readMsgpack(bytes: Uint8Array, maxRows = PAYLOAD_LIMITS.rows): Decoded {
  const reader = new MsgpackReader(bytes);
  try {
    refuseRecord(bytes);
    return readAll(reader, maxRows, () => read(reader, MAX_NESTING));
  } catch (error) {
    return failureOf(error, 'MessagePack');
  }
}

/** The numbers that msgpackr has for records. A number alone is one. */
function refuseRecord({ 0: first, length }: Uint8Array): void {
  if (length > 1 && first >= 0x40 && first < 0x80) {
    throw new UnsupportedError(
      'it begins like a record of msgpackr whose keys were in an earlier payload: set useRecords to false in the sender'
    );
  }
}

function read(reader: MsgpackReader, levels: number): unknown {
  const { view } = reader;
  const head = view.getUint8(reader.take(1));
  if (head < 0x80) {
    return reader.records === undefined ? head : readRecordOr(head, reader, levels);
  }
  if (head >= 0xe0) {
    return head - 0x100;
  }
  if (head < 0x90) {
    return readMap(reader, head & 0x0f, levels);
  }
  if (head < 0xa0) {
    return readArray(reader, head & 0x0f, levels);
  }
  if (head < 0xc0) {
    return reader.text(head & 0x1f);
  }
  switch (head) {
    case 0xc0:
      return null;
    case 0xc2:
      return false;
    case 0xc3:
      return true;
    case 0xc4:
    case 0xc5:
    case 0xc6:
      return toBase64(reader.slice(reader.uint(head - 0xc4)));
    case 0xc7:
    case 0xc8:
    case 0xc9:
      return readExtension(reader, reader.uint(head - 0xc7), levels);
    case 0xca:
      return view.getFloat32(reader.take(4));
    case 0xcb:
      return view.getFloat64(reader.take(8));
    case 0xcc:
    case 0xcd:
    case 0xce:
      return reader.uint(head - 0xcc);
    case 0xcf:
      return reader.uint64();
    case 0xd0:
      return view.getInt8(reader.take(1));
    case 0xd1:
      return view.getInt16(reader.take(2));
    case 0xd2:
      return view.getInt32(reader.take(4));
    case 0xd3: {
      const at = reader.take(8);
      return exactInt64(view.getUint32(at), view.getUint32(at + 4));
    }
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
      return readExtension(reader, 1 << (head - 0xd4), levels);
    case 0xd9:
    case 0xda:
    case 0xdb:
      return reader.text(reader.uint(head - 0xd9));
    case 0xdc:
    case 0xdd:
      return readArray(reader, reader.uint(head - 0xdc + 1), levels);
    case 0xde:
    case 0xdf:
      return readMap(reader, reader.uint(head - 0xde + 1), levels);
    default:
      throw new ByteError(`byte ${reader.at - 1} is 0x${head.toString(16)}, which begins no value`);
  }
}

function readArray(reader: MsgpackReader, length: number, levels: number): unknown[] {
  checkLevels(levels);
  reader.checkItems(length);
  const array: unknown[] = [];
  for (let i = 0; i < length; i++) {
    array.push(read(reader, levels - 1));
  }
  return array;
}

function readMap(reader: MsgpackReader, length: number, levels: number): Record<string, unknown> {
  checkLevels(levels);
  reader.checkItems(length * 2);
  const entries = new MapEntries();
  for (let i = 0; i < length; i++) {
    const key = readKey(reader, levels - 1);
    entries.add(key, read(reader, levels - 1));
  }
  return entries.object;
}

/** Most keys are short text. */
function readKey(reader: MsgpackReader, levels: number): unknown {
  const head = reader.bytes[reader.at];
  if (head < 0xa0 || head >= 0xc0) {
    return read(reader, levels);
  }
  reader.at++;
  return reader.key(head & 0x1f);
}

function readExtension(reader: MsgpackReader, length: number, levels: number): unknown {
  const type = reader.view.getInt8(reader.take(1));
  const at = reader.at;
  const data = reader.slice(length);
  if (type === TIMESTAMP) {
    const time = readTimestamp(reader.view, at, length);
    if (time !== undefined) {
      return time;
    }
  }
  const next = (): unknown => {
    checkLevels(levels);
    return read(reader, levels - 1);
  };
  const extension = readMsgpackrExtension(reader, type, data, next, levels);
  return extension === undefined ? { type, data: toBase64(data) } : extension;
}

/** A number; or what msgpackr has in its place, a record whose keys have come before. */
function readRecordOr(head: number, reader: MsgpackReader, levels: number): unknown {
  const keys = keysOfRecord(reader, head);
  if (keys === undefined) {
    return head;
  }
  checkLevels(levels);
  return readRecord(keys, () => read(reader, levels - 1));
}

function readTimestamp(view: DataView, at: number, length: number): string | undefined {
  switch (length) {
    case 4:
      return isoTime(view.getUint32(at), 0);
    case 8: {
      const high = view.getUint32(at);
      return isoTime((high & 3) * 0x1_0000_0000 + view.getUint32(at + 4), high >>> 2);
    }
    case 12:
      return isoTime(view.getInt32(at + 4) * 0x1_0000_0000 + view.getUint32(at + 8), view.getUint32(at));
    default:
      return undefined;
  }
}
