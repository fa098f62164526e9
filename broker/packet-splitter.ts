/** MQTT 3.1.1 control packets, by their number (table 2.1). */
const PACKET_NAMES = [
  'reserved',
  'connect',
  'connack',
  'publish',
  'puback',
  'pubrec',
  'pubrel',
  'pubcomp',
  'subscribe',
  'suback',
  'unsubscribe',
  'unsuback',
  'pingreq',
  'pingresp',
  'disconnect',
  'auth',
] as const;

export type PacketName = (typeof PACKET_NAMES)[number];

/** A packet that announces more than this is not waited for, in bytes: the broker's own limit has to see its header. */
const MAX_BYTES = 16 << 20;

/** Cuts a byte stream into whole control packets. Bytes that cannot be a packet come out as they are, as `reserved`. */
export class PacketSplitter {
  #rest: Buffer = Buffer.alloc(0);

  /** Takes the next bytes; returns the packets that they complete. */
  take(chunk: Buffer): Array<{ name: PacketName; bytes: Buffer }> {
    this.#rest = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    const packets: Array<{ name: PacketName; bytes: Buffer }> = [];
    for (;;) {
      const length = packetLength(this.#rest);
      if (length === undefined || length > this.#rest.length) {
        return packets;
      }
      const name = length < 0 ? 'reserved' : PACKET_NAMES[this.#rest[0] >> 4];
      const end = length < 0 ? this.#rest.length : length;
      packets.push({ name, bytes: this.#rest.subarray(0, end) });
      this.#rest = this.#rest.subarray(end);
    }
  }
}

/**
 * Bytes of the packet at the start, fixed header included; undefined while that is not known, -1 when it is none
 * that could be waited for.
 */
function packetLength(bytes: Buffer): number | undefined {
  let length = 0;
  for (let at = 1; at < bytes.length; at += 1) {
    length += (bytes[at] & 0x7f) * 128 ** (at - 1);
    if ((bytes[at] & 0x80) === 0) {
      return at + 1 + length > MAX_BYTES ? -1 : at + 1 + length;
    }
    if (at === 4) {
      return -1;
    }
  }
  return undefined;
}

/** The client id in a CONNECT packet; empty when there is none to be found. */
export function clientIdOf(connect: Buffer): string {
  // Fixed header, protocol name, level, flags, keep alive
  let at = 1;
  while (at < connect.length && (connect[at] & 0x80) !== 0) {
    at += 1;
  }
  at += 1;
  if (at + 2 > connect.length) {
    return '';
  }
  at += 2 + connect.readUInt16BE(at) + 4;
  if (at + 2 > connect.length) {
    return '';
  }
  return connect.toString('utf8', at + 2, at + 2 + connect.readUInt16BE(at));
}
