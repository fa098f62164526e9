import { DecodeFailure } from '../decoded';
import { count } from '../../utils/format-number';
import { isObject } from '../../utils/is-object';
import { Rows } from '../rows/rows';
import { readCbor } from './cbor';
import { readMsgpack } from './msgpack';
import { isSenmlCbor } from './senml-cbor';

const ANY = -1;

/** How files of well-known kinds begin (each is binary: its bytes are no UTF-8, or are followed by such). */
const MAGIC: ReadonlyArray<readonly [bytes: readonly number[], what: string]> = [
  [[0xff, 0xd8, 0xff], 'a JPEG picture'],
  [[0x89, 0x50, 0x4e, 0x47], 'a PNG picture'],
  [[0x47, 0x49, 0x46, 0x38], 'a GIF picture'],
  [[0x52, 0x49, 0x46, 0x46], 'a RIFF file (WebP, WAV)'],
  [[0x28, 0xb5, 0x2f, 0xfd], 'compressed with Zstandard'],
  [[0x42, 0x5a, 0x68], 'compressed with bzip2'],
  [[0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], 'compressed with xz'],
  [[0x4f, 0x62, 0x6a, 0x01], 'an Avro file'],
  [[0x41, 0x52, 0x52, 0x4f, 0x57, 0x31], 'an Arrow file'],
  // The length of its schema is between.
  [[0xff, 0xff, 0xff, 0xff, ANY, ANY, 0, 0, 0x10, 0, 0, 0], 'an Arrow stream'],
  [[0x50, 0x41, 0x52, 0x31], 'a Parquet file'],
  [[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], 'an array of NumPy (.npy)'],
  [[0x50, 0x4b, 0x03, 0x04], 'a ZIP file'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF'],
];

/** What is unpacked gets here only if it is too short for that, or was packed twice. */
const UNPACKED: ReadonlyArray<readonly [head: readonly number[], what: string]> = [
  [[0x1f, 0x8b], 'gzip'],
  ...[0x01, 0x5e, 0x9c, 0xda].map((level): [readonly number[], string] => [[0x78, level], 'zlib']),
];

/** Longer payloads are not tried with other formats: they cost time with each message. */
const MAX_TRIED = 4_096;

/** How often payloads of one topic are tried, and the topics of which that is remembered. */
const MAX_TRIES = 20;
const MAX_TOPICS = 2_000;

interface Tried {
  length: number;
  tries: number;
  format: string | undefined;
}

/**
 * Why payloads that are no text cannot be read as they are, and what they may be. Trying a payload takes as long as
 * reading it several times, and a camera sends thousands: what was found holds for all of that topic and length, and
 * after some tries for all of the topic.
 */
export class BinaryReasons {
  readonly #tried = new Map<string, Tried>();

  /** In words, for a message. */
  of(bytes: Uint8Array, topic: string): DecodeFailure {
    const size = count(bytes.length, 'byte');
    return new DecodeFailure(`The payload is binary (${size}, no UTF-8 text).${this.#hint(bytes, topic)}`);
  }

  #hint(bytes: Uint8Array, topic: string): string {
    const begins = ([head]: readonly [readonly number[], string]): boolean =>
      head.every((byte, i) => byte === ANY || bytes[i] === byte);
    const packed = UNPACKED.find(begins);
    if (packed !== undefined) {
      return ` It looks like it is compressed with ${packed[1]}, and either cut off or compressed twice.`;
    }
    const magic = MAGIC.find(begins);
    if (magic !== undefined) {
      return ` It looks like it is ${magic[1]}, which has no values to show.`;
    }
    if (/(?:^|\/)spBv1\.0\//.test(topic)) {
      return ' By its topic it is Sparkplug B: choose the format "sparkplug".';
    }
    const format = bytes.length > MAX_TRIED ? undefined : this.#format(bytes, topic);
    if (format === 'Protobuf') {
      return ' It can be read as Protobuf, which says little without its schema; of Protobuf, Sparkplug B is known here.';
    }
    if (format !== undefined) {
      return ` It can be read as ${format}: choose that format.`;
    }
    return [1, 2, 4, 8].includes(bytes.length)
      ? ' It may be a number: choose one of the formats int8 to float64, or hex to see the bytes.'
      : ' Choose the format that the sensor sends, or hex to see the bytes.';
  }

  #format(bytes: Uint8Array, topic: string): string | undefined {
    const { length } = bytes;
    let tried = this.#tried.get(topic);
    if (tried === undefined) {
      if (this.#tried.size >= MAX_TOPICS) {
        this.#tried.clear();
      }
      tried = { length: -1, tries: 0, format: undefined };
      this.#tried.set(topic, tried);
    }
    if (tried.length !== length && tried.tries < MAX_TRIES) {
      tried.length = length;
      tried.tries++;
      tried.format = guess(bytes) ?? (isProtobuf(bytes) ? 'Protobuf' : undefined);
    }
    return tried.format;
  }
}

/** Objects and lists are unlikely by chance where all bytes are used up; single values are not. */
function guess(bytes: Uint8Array): 'CBOR' | 'MessagePack' | 'SenML' | undefined {
  const isWhole = (value: unknown): boolean =>
    isObject(value) && !(value instanceof DecodeFailure) && !(value instanceof Rows);
  if (isWhole(readMsgpack(bytes))) {
    return 'MessagePack';
  }
  const value = readCbor(bytes);
  return isWhole(value) ? (isSenmlCbor(value) ? 'SenML' : 'CBOR') : undefined;
}

/** Whether the bytes are fields of Protobuf from the first to the last. */
function isProtobuf(bytes: Uint8Array): boolean {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; at < bytes.length && shift < 70; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        return value;
      }
    }
    return NaN;
  };
  while (at < bytes.length) {
    const tag = varint();
    if (!(tag >= 8 && tag < 2 ** 32)) {
      return false;
    }
    const type = tag % 8;
    if (type === 0) {
      if (Number.isNaN(varint())) {
        return false;
      }
    } else if (type === 1 || type === 5) {
      at += type === 1 ? 8 : 4;
    } else if (type === 2) {
      const length = varint();
      at += length;
    } else {
      return false;
    }
  }
  return at === bytes.length;
}
