import { ByteReader, UnsupportedError } from './byte-reader';
import { SharedValues } from './shared-values';
import { exactInteger, FreeKeys, setOwn } from './values';

/*
 * Extensions of MessagePack that msgpackr writes by default, or with an option (msgpackr 2.1.4, unpack.js). All of it
 * are extensions of application types, which another sender may use in its own way: they are read so only if all of
 * their bytes agree.
 */

const RECORD = 0x72;
const UNDEFINED = 0x00;
const BIG_INTEGER = 0x42;
const BUNDLED_STRINGS = 0x62;
const SET = 0x73;
const SHARED = 0x69;
const ERROR = 0x65;
const PATTERN = 0x78;
const SHARED_REF = 0x70;

/** Reads MessagePack, and the records of msgpackr whose keys have come before. */
export class MsgpackReader extends ByteReader {
  /** The keys of records, by their first byte and 256 times their second. */
  records: Map<number, readonly string[]> | undefined;
  /** First bytes of records that have a second byte. */
  readonly wide = new Set<number>();
  shared: SharedValues | undefined;
}

/**
 * @param read reads the next value.
 * @param levels of nesting that may still be entered.
 * @returns `undefined` for an extension that is not one of msgpackr.
 */
export function readMsgpackrExtension(
  reader: MsgpackReader,
  type: number,
  data: Uint8Array,
  read: () => unknown,
  levels: number
): unknown {
  const [first, second = 0] = data;
  switch (type) {
    case UNDEFINED:
      return data.length === 1 && first === 0 ? null : undefined;
    case RECORD:
      return data.length <= 2 && first >= 0x40 && first < 0x80 && isListAt(reader)
        ? defineRecord(reader, first, data.length === 2 ? second : undefined, read)
        : undefined;
    case SET:
      return data.length === 1 && first === 0 && isListAt(reader) ? read() : undefined;
    case ERROR:
    case PATTERN:
      return data.length === 1 && first === 0 && isListAt(reader) ? wordsOf(type, read()) : undefined;
    case BIG_INTEGER:
      return data.length >= 8 && data.length <= 256 ? exactInteger(bigIntegerOf(data)) : undefined;
    case BUNDLED_STRINGS:
      if (data.length === 4) {
        throw new UnsupportedError(
          'its texts are bundled, as msgpackr does it: set bundleStrings to false in the sender'
        );
      }
      return undefined;
    case SHARED:
      return data.length === 4 && isContainerAt(reader)
        ? (reader.shared ??= new SharedValues()).define(idOf(data), read)
        : undefined;
    case SHARED_REF:
      return data.length === 4 && reader.shared !== undefined ? reader.shared.refer(idOf(data), levels) : undefined;
    default:
      return undefined;
  }
}

/** The keys of the record that a byte begins; `undefined` for a byte that is a number. */
export function keysOfRecord(reader: MsgpackReader, first: number): readonly string[] | undefined {
  const { records, wide } = reader;
  if (!wide.has(first)) {
    return records?.get(first);
  }
  return records?.get(first + 256 * reader.view.getUint8(reader.take(1)));
}

export function readRecord(keys: readonly string[], read: () => unknown): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  const free = new FreeKeys(record);
  for (const key of keys) {
    setOwn(record, free.free(key), read());
  }
  return record;
}

function defineRecord(reader: MsgpackReader, first: number, second: number | undefined, read: () => unknown): unknown {
  const keys = read();
  if (!Array.isArray(keys) || !keys.every((key) => typeof key === 'string' || typeof key === 'number')) {
    throw new UnsupportedError('it has a record of msgpackr whose keys are not a list of texts');
  }
  const names = keys.map(String);
  reader.records ??= new Map();
  reader.records.set(first + 256 * (second ?? 0), names);
  if (second !== undefined) {
    reader.wide.add(first);
  }
  return readRecord(names, read);
}

/** An error, of which its name, its message and its cause are sent; or a regular expression, with its flags. */
function wordsOf(type: number, list: unknown): string {
  const [first = '', second = ''] = Array.isArray(list) ? list.map((each) => (each === null ? '' : String(each))) : [];
  return type === ERROR ? [first, second].filter(Boolean).join(': ') : `/${first}/${second}`;
}

function idOf(data: Uint8Array): number {
  return new DataView(data.buffer, data.byteOffset).getUint32(0);
}

/** Two's complement, the highest byte first. */
function bigIntegerOf(data: Uint8Array): bigint {
  let value = 0n;
  for (const byte of data) {
    value = (value << 8n) | BigInt(byte);
  }
  return BigInt.asIntN(8 * data.length, value);
}

function isListAt({ bytes, at }: MsgpackReader): boolean {
  return (bytes[at] >= 0x90 && bytes[at] < 0xa0) || bytes[at] === 0xdc || bytes[at] === 0xdd;
}

function isContainerAt(reader: MsgpackReader): boolean {
  const head = reader.bytes[reader.at];
  return isListAt(reader) || (head >= 0x80 && head < 0x90) || head === 0xde || head === 0xdf || head === 0xd4;
}
