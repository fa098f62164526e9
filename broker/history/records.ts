import { decode, encode } from '@msgpack/msgpack';
import type { Series } from './series';

/** Version of what is written; raised whenever an older broker could not read it. */
export const HISTORY_VERSION = 1;

/** Rows and bytes of one record. */
const CHUNK_ROWS = 1_000;
const CHUNK_BYTES = 256 << 10;

/** 14 digits hold every safe integer. */
const HEX_DIGITS = 14;

/** `n` and the number of a series: its topic. `r`, the series and its first row: times and payloads. In this order. */
export const keys = {
  version: '0',
  topic: (id: number): string => `n${hex(id)}`,
  chunk: (id: number, first: number): string => `r${hex(id)}${hex(first)}`,
};

/** A key taken apart. */
export function parseKey(key: string): { kind: 'version' | 'topic' | 'chunk'; id: number; first: number } {
  return {
    kind: key === keys.version ? 'version' : key.startsWith('n') ? 'topic' : 'chunk',
    id: Number.parseInt(key.slice(1, 1 + HEX_DIGITS), 16),
    first: Number.parseInt(key.slice(1 + HEX_DIGITS) || '0', 16),
  };
}

/** A record of the rows of a series from one on, as many as go into it, one at least. */
export function encodeChunk(series: Series, first: number): { rows: number; value: Uint8Array } {
  const times: number[] = [];
  const payloads: Buffer[] = [];
  let bytes = 0;
  for (let row = first; row < series.next && times.length < CHUNK_ROWS && bytes < CHUNK_BYTES; row += 1) {
    const payload = Buffer.from(series.payloadOf(row), 'latin1');
    times.push(series.timeOf(row));
    payloads.push(payload);
    bytes += payload.length;
  }
  return { rows: times.length, value: encode([times, payloads]) };
}

/**
 * Adds the rows of a record to its series.
 *
 * @throws Error when the bytes are none
 */
export function decodeChunk(value: Uint8Array, series: Series): void {
  const [times, payloads] = decode(value) as [number[], Uint8Array[]];
  for (const [index, time] of times.entries()) {
    const { buffer, byteOffset, byteLength } = payloads[index];
    series.push(time, Buffer.from(buffer, byteOffset, byteLength).toString('latin1'));
  }
}

function hex(value: number): string {
  return value.toString(16).padStart(HEX_DIGITS, '0');
}
