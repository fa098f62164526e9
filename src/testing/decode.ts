import { createDecoder } from '../payload/decode';
import { DecodeFailure } from '../payload/decoded';
import type { PayloadFormat, FormatOptions } from '../payload/formats';
import { fromHex } from '../payload/formats/bytes';
import './parts';

/** Runs of a property: few in each test run, many with `npm run fuzz`. */
export const RUNS = Number(process.env['FUZZ_RUNS'] ?? 300);

const encoder = new TextEncoder();

/** Decodes text with one format. */
export function decodeText(format: PayloadFormat, text: string, options?: FormatOptions, topic = 'a/topic'): unknown {
  return createDecoder(format, options)(encoder.encode(text), topic);
}

/** Decodes bytes in hex (blanks between them do not count) with one format. */
export function decodeHex(format: PayloadFormat, hex: string, options?: FormatOptions, topic = 'a/topic'): unknown {
  return createDecoder(format, options)(fromHex(hex)!, topic);
}

/** The reason why a payload was not decoded. @throws {TypeError} if it was. */
export function reasonOf(decoded: unknown): string {
  if (decoded instanceof DecodeFailure) {
    return decoded.reason;
  }
  throw new TypeError(`decoded: ${JSON.stringify(decoded)}`);
}
