import { CLOSE_PROTOCOL_ERROR, CLOSE_TOO_BIG, PUBLISH, SUBSCRIBE, UNSUBSCRIBE } from './codes';

/** A packet over the limit, or bytes that are not a packet. `closeCode` is the WebSocket close code for the client. */
export class PacketError extends Error {
  override readonly name = 'PacketError';
  readonly closeCode: number;

  constructor(message: string, closeCode: number) {
    super(message);
    this.closeCode = closeCode;
  }
}

/** The size that packets may have, and the limit that says so. */
export interface PacketLimit {
  /** The fixed header included. */
  readonly bytes: number;
  readonly name: 'packetBytes' | 'connectBytes' | 'subscriptionBytesPerClient';
}

/** A SUBSCRIBE takes this many times the work of a PUBLISH (measured: 5 times the time, and 4 µs a filter). */
const SUBSCRIBE_WORK = 8;

/** Each 64 bytes of a SUBSCRIBE, which is mostly filters, count as one SUBSCRIBE. */
const SUBSCRIBE_BYTES = 64;

/**
 * Follows the fixed headers of a byte stream and refuses the packet whose header announces more than the limit, before
 * its body is read. Aedes 1.2.0 has no such limit: it buffers whatever a header announces, up to 256 MiB, for clients
 * that have not even sent CONNECT (moscajs/aedes #831).
 *
 * The Remaining Length is read here a byte at a time, and not by `readFixedHeader`: that needs the whole header in one
 * array, and this class holds no bytes of a header that the chunks divide. A test compares the two.
 */
export class PacketLimiter {
  #limit: PacketLimit;
  readonly #subscribeLimit: PacketLimit;
  #counts = { publishes: 0, subscribes: 0 };
  /** Work of the packets that have begun since {@link take} was called. */
  #work = 0;
  #type = 0;
  /** Bytes of the current packet's body still to come; 0 means that the next byte starts a fixed header. */
  #body = 0;
  /** Bytes of the current fixed header that have come; 0 means that its first byte is still to come. */
  #header = 0;
  #length = 0;

  /** @param subscribeLimit for SUBSCRIBE and UNSUBSCRIBE, which are handled as a whole. Default: `limit` */
  constructor(limit: PacketLimit, subscribeLimit = limit) {
    this.#limit = limit;
    this.#subscribeLimit = subscribeLimit;
  }

  /** Sets another limit, for the packets whose headers come from now on. */
  set limit(limit: PacketLimit) {
    this.#limit = limit;
  }

  /**
   * Counts the packets that began after the last call: PUBLISH packets; and SUBSCRIBE and UNSUBSCRIBE packets, of which
   * each 64 bytes count as one.
   */
  takeCounts(): { publishes: number; subscribes: number } {
    const counts = this.#counts;
    this.#counts = { publishes: 0, subscribes: 0 };
    return counts;
  }

  /**
   * Takes the next bytes of the stream.
   *
   * @param work stops at the end of a packet when this much work has begun: 1 for a packet, 8 for each SUBSCRIBE or UNSUBSCRIBE
   *   of 64 bytes. Default: no limit
   * @returns the number of bytes taken, the work that began with them, and the error that ends the connection, if any
   */
  take(chunk: Uint8Array, work = Infinity): { taken: number; work: number; fault: PacketError | undefined } {
    let at = 0;
    this.#work = 0;
    while (at < chunk.length) {
      if (this.#body > 0) {
        const step = Math.min(this.#body, chunk.length - at);
        this.#body -= step;
        at += step;
        continue;
      }
      if (this.#header === 0 && this.#work >= work) {
        break;
      }
      const fault = this.#takeHeaderByte(chunk[at]);
      at += 1;
      if (fault) {
        return { taken: at, work: this.#work, fault };
      }
    }
    return { taken: at, work: this.#work, fault: undefined };
  }

  #takeHeaderByte(byte: number): PacketError | undefined {
    this.#header += 1;
    if (this.#header === 1) {
      this.#length = 0;
      this.#type = byte >> 4;
      return undefined;
    }
    // Remaining length: seven bits a byte, least significant first, at most four bytes [MQTT-2.2.3]
    this.#length += (byte & 0x7f) * 128 ** (this.#header - 2);
    if ((byte & 0x80) !== 0) {
      return this.#header < 5 ? undefined : new PacketError('Malformed remaining length', CLOSE_PROTOCOL_ERROR);
    }
    const total = this.#header + this.#length;
    this.#header = 0;
    this.#body = this.#length;
    const isSubscribe = this.#type === SUBSCRIBE || this.#type === UNSUBSCRIBE;
    this.#count(total, isSubscribe);
    const limit = isSubscribe && this.#subscribeLimit.bytes < this.#limit.bytes ? this.#subscribeLimit : this.#limit;
    return total > limit.bytes
      ? new PacketError(
          `Packet of ${total} bytes is over the limit of ${limit.bytes} bytes (limits.${limit.name})`,
          CLOSE_TOO_BIG
        )
      : undefined;
  }

  #count(bytes: number, isSubscribe: boolean): void {
    let work = 1;
    if (this.#type === PUBLISH) {
      this.#counts.publishes += 1;
    } else if (isSubscribe) {
      const subscribes = Math.ceil(bytes / SUBSCRIBE_BYTES);
      this.#counts.subscribes += subscribes;
      work = subscribes * SUBSCRIBE_WORK;
    }
    this.#work += work;
  }
}
