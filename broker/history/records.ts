import { decode, encode } from '@msgpack/msgpack';
import type { Series, UserProperties } from './series';

/** Version of the format; increased whenever an older broker could not read it. */
export const HISTORY_VERSION = 1;

/** Maximum rows of a record, and the bytes after which it ends. */
const CHUNK_ROWS = 1_000;
const CHUNK_BYTES = 256 << 10;

/** Hexadecimal digits of a number: 14 hold every safe integer. */
const HEX_DIGITS = 14;

/** Keys, in the order of the database: `n` and the id of a series for its topic; `r`, the id and the first row for its rows. */
export const keys = {
  version: '0',
  topic: (id: number): string => `n${hex(id)}`,
  chunk: (id: number, first: number): string => `r${hex(id)}${hex(first)}`,
};

/** Parses a key. */
export function parseKey(key: string): { kind: 'version' | 'topic' | 'chunk'; id: number; first: number } {
  return {
    kind: key === keys.version ? 'version' : key.startsWith('n') ? 'topic' : 'chunk',
    id: Number.parseInt(key.slice(1, 1 + HEX_DIGITS), 16),
    first: Number.parseInt(key.slice(1 + HEX_DIGITS) || '0', 16),
  };
}

/** Encodes the rows of a series from a row number on: as many as one record holds, but at least one. */
export function encodeChunk(series: Series, first: number): { rows: number; value: Uint8Array } {
  const times: number[] = [];
  const payloads: Buffer[] = [];
  const flags: number[] = [];
  const properties: Array<UserProperties | null> = [];
  let bytes = 0;
  for (let row = first; row < series.next && times.length < CHUNK_ROWS && bytes < CHUNK_BYTES; row += 1) {
    const payload = Buffer.from(series.payloadOf(row), 'latin1');
    times.push(series.timeOf(row));
    payloads.push(payload);
    flags.push(series.packedFlagsOf(row));
    properties.push(series.propertiesOf(row) ?? null);
    bytes += payload.length;
  }
  // A broker that does not know flags and properties reads the first two
  const record: unknown[] = [times, payloads];
  if (properties.some((each) => each !== null)) {
    record.push(Uint8Array.from(flags), properties);
  } else if (flags.some((each) => each !== 0)) {
    record.push(Uint8Array.from(flags));
  }
  return { rows: times.length, value: encode(record) };
}

/**
 * Adds the rows of a record to its series.
 *
 * @throws Error when the bytes are not a record
 */
export function decodeChunk(value: Uint8Array, series: Series): void {
  const [times, payloads, flags, properties] = decode(value) as [
    number[],
    Uint8Array[],
    Uint8Array?,
    Array<UserProperties | null>?,
  ];
  for (const [index, time] of times.entries()) {
    const { buffer, byteOffset, byteLength } = payloads[index];
    const payload = Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
    series.push(time, payload, flags?.[index], properties?.[index] ?? undefined);
  }
}

function hex(value: number): string {
  return value.toString(16).padStart(HEX_DIGITS, '0');
}
