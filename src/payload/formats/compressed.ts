import { getOrSet } from '../../utils/get-or-set';
import { DecodeFailure, type Decoded, type Decoder } from '../decoded';
import { PartPending } from '../part';
import type { Compression } from '.';
import { lazyFormats } from './parts';

/** A header of zlib, the smallest block and a checksum (RFC 1950). Gzip begins with more that is seldom by chance. */
const MIN_ZLIB = 8;

type Unpacked = Uint8Array | DecodeFailure;

/**
 * Unpacked payloads, by the compressed bytes and the compression, or the wait for it: the message that waits is decoded
 * again with the same bytes, and by each stream that has it.
 */
const unpacked = new WeakMap<Uint8Array, Map<Compression, Unpacked | Promise<void>>>();

/** The compression that a payload begins like; `undefined` for others. */
export function compressionOf(bytes: Uint8Array): Compression | undefined {
  const [first, second, third] = bytes;
  if (first === 0x1f && second === 0x8b && third === 8) {
    return 'gzip';
  }
  const isZlib = first === 0x78 && [0x01, 0x5e, 0x9c, 0xda].includes(second);
  return isZlib && bytes.length >= MIN_ZLIB ? 'deflate' : undefined;
}

/**
 * The bytes that a payload was before it was compressed; or why it cannot be unpacked, in words.
 *
 * @throws {PartPending} while it is unpacked, which browsers do not do at once.
 */
export function unpack(bytes: Uint8Array, compression: Compression): Unpacked {
  const results = getOrSet(unpacked, bytes, () => new Map<Compression, Unpacked | Promise<void>>());
  const known = getOrSet(results, compression, async () => {
    results.set(compression, await inflate(bytes, compression));
  });
  if (known instanceof Promise) {
    throw new PartPending(known);
  }
  return known;
}

/** Gives a decoder what payloads were before they were compressed. */
export function decompressed(decode: Decoder, compression: Compression): Decoder {
  return (bytes, topic, retained): Decoded => {
    if (bytes.length === 0) {
      return decode(bytes, topic, retained);
    }
    const inner = unpack(bytes, compression);
    return inner instanceof DecodeFailure ? inner : decode(inner, topic, retained);
  };
}

/** Never rejects. */
async function inflate(bytes: Uint8Array, compression: Compression): Promise<Unpacked> {
  await lazyFormats.load();
  const code = lazyFormats.get();
  return code instanceof DecodeFailure ? code : code.inflate(bytes, compression);
}
