import { concat } from '../../utils/concat';
import { messageOf } from '../../utils/errors';
import { count } from '../../utils/format-number';
import { DecodeFailure } from '../decoded';
import type { Compression } from '.';

/** Bytes of an unpacked payload. A few kilobytes of zeros can be unpacked to gigabytes. */
export const MAX_UNPACKED = 10_000_000;

const NAMES: Readonly<Record<Compression, string>> = { gzip: 'gzip', deflate: 'zlib', 'deflate-raw': 'deflate' };

/** Unpacks a payload; or says in words why that cannot be done. Never rejects. */
export async function inflate(bytes: Uint8Array, compression: Compression): Promise<Uint8Array | DecodeFailure> {
  try {
    return await readAll(bytes, compression);
  } catch (error) {
    // Chromium ends its reason with a full stop, other browsers do not.
    const reason = messageOf(error).replace(/\.$/, '');
    return new DecodeFailure(`The payload cannot be unpacked as ${NAMES[compression]}: ${reason}.`);
  }
}

async function readAll(bytes: Uint8Array, compression: Compression): Promise<Uint8Array> {
  const stream = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream(compression));
  const reader = stream.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    chunks.push(part.value);
    length += part.value.length;
    if (length > MAX_UNPACKED) {
      await reader.cancel();
      throw new Error(`it has more than ${count(MAX_UNPACKED, 'byte')}`);
    }
  }
  return concat(chunks);
}
