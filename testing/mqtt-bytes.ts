/** MQTT 3.1.1 packets as bytes, for tests and benchmarks that must not depend on a library. */
import { type FixedHeader, readFixedHeader } from '../src/utils/fixed-header';

const encoder = new TextEncoder();

/** CONNACK: accepted, no session [MQTT-3.2.2]. */
export const CONNACK = Uint8Array.of(0x20, 0x02, 0x00, 0x00);

export const DISCONNECT = Uint8Array.of(0xe0, 0x00);

/** CONNECT: clean session, keepalive off. */
export function connectPacket(clientId: string): Uint8Array<ArrayBuffer> {
  return packet(0x10, [text('MQTT'), [0x04, 0x02, 0x00, 0x00], text(clientId)]);
}

/** SUBSCRIBE with QoS 0. */
export function subscribePacket(filter: string): Uint8Array<ArrayBuffer> {
  return packet(0x82, [[0x00, 0x01], text(filter), [0x00]]);
}

/** The SUBACK to a SUBSCRIBE of one filter. */
export function subackFor(subscribe: Uint8Array): Uint8Array<ArrayBuffer> {
  const { body } = headerAt(subscribe, 0);
  return Uint8Array.of(0x90, 0x03, subscribe[body], subscribe[body + 1], 0x00);
}

/** PUBLISH with QoS 0. */
export function publishPacket(topic: string, payload: string): Uint8Array<ArrayBuffer> {
  return packet(0x30, [text(topic), encoder.encode(payload)]);
}

/** Splits bytes into whole packets. */
export function* packets(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const { end } = headerAt(bytes, at);
    yield bytes.subarray(at, end);
    at = end;
  }
}

/** The fixed header of the packet that begins at `at`. @throws {RangeError} if the packet is not complete. */
function headerAt(bytes: Uint8Array, at: number): FixedHeader {
  const header = { body: 0, end: 0 };
  if (readFixedHeader(bytes, at, header) !== 'complete' || header.end > bytes.length) {
    throw new RangeError(`No complete MQTT packet at byte ${at} of ${bytes.length}`);
  }
  return header;
}

/** A control packet: its first byte, the Remaining Length of its parts [MQTT-2.2.3], and the parts. */
export function packet(header: number, parts: ReadonlyArray<ArrayLike<number>>): Uint8Array<ArrayBuffer> {
  const length: number[] = [];
  const size = parts.reduce((bytes, part) => bytes + part.length, 0);
  let left = size;
  do {
    length.push((left & 0x7f) | (left > 0x7f ? 0x80 : 0));
    left >>>= 7;
  } while (left > 0);
  const bytes = new Uint8Array(1 + length.length + size);
  bytes.set([header, ...length]);
  let at = 1 + length.length;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** A string with its length in front [MQTT-1.5.3]; bytes stay as they are, also those that are not UTF-8. */
export function text(value: string | Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = typeof value === 'string' ? encoder.encode(value) : value;
  return Uint8Array.from([bytes.length >> 8, bytes.length & 0xff, ...bytes]);
}
