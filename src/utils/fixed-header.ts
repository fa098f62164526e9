/** Remaining Length has at most four bytes [MQTT-2.2.3]. */
const MAX_LENGTH_BYTES = 4;

/** The offsets of the parts of a packet in the bytes that contain it. */
export interface FixedHeader {
  /** Index of the first byte behind the fixed header. */
  body: number;
  /** Index behind the last byte of the packet, which may not have come yet. */
  end: number;
}

/**
 * Reads the Remaining Length of a packet: seven bits a byte, the lowest first [MQTT-2.2.3].
 *
 * @param at index of the packet's first byte.
 * @param header is filled in where the length is `complete`: one object for all packets, which come by the thousand.
 * @returns `incomplete` where more bytes of the length have to come; `malformed` where it has more than four.
 */
export function readFixedHeader(
  bytes: Uint8Array,
  at: number,
  header: FixedHeader
): 'complete' | 'incomplete' | 'malformed' {
  let length = 0;
  let body = at + 1;
  for (let shift = 0; shift < 7 * MAX_LENGTH_BYTES; shift += 7) {
    if (body >= bytes.length) {
      return 'incomplete';
    }
    const byte = bytes[body++];
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      header.body = body;
      header.end = body + length;
      return 'complete';
    }
  }
  return 'malformed';
}
