/** A packet over the limit, or bytes that cannot be one. `closeCode` is the WebSocket close code that says so. */
export class PacketError extends Error {
  override readonly name = 'PacketError';
  readonly closeCode: number;

  constructor(message: string, closeCode: number) {
    super(message);
    this.closeCode = closeCode;
  }
}

/** Control packet type, MQTT 3.1.1 table 2.1. */
const PUBLISH = 3;

/**
 * Follows the fixed headers of a byte stream and refuses the packet whose header announces more than the cap, before
 * its body is read. Aedes 1.2.0 has no such cap: it buffers whatever a header announces, up to 256 MiB, for clients
 * that have not even said CONNECT (moscajs/aedes #831).
 */
export class PacketCap {
  #maxBytes: number;
  /** PUBLISH packets that have begun since the last {@link takePublishes}. */
  #publishes = 0;
  /** Bytes of the current packet's body still to come; 0 means that the next byte starts a fixed header. */
  #body = 0;
  /** Bytes of the current fixed header seen so far; 0 means that its first byte is still to come. */
  #header = 0;
  #length = 0;

  /** @param maxBytes largest packet, fixed header included */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Another cap, for the packets whose headers come from now on. */
  set maxBytes(bytes: number) {
    this.#maxBytes = bytes;
  }

  /** How many PUBLISH packets have begun since the last call. */
  takePublishes(): number {
    const count = this.#publishes;
    this.#publishes = 0;
    return count;
  }

  /** Takes the next bytes of the stream. Returns the fault that ends the connection, or undefined when all is well. */
  take(chunk: Uint8Array): PacketError | undefined {
    let at = 0;
    while (at < chunk.length) {
      if (this.#body > 0) {
        const step = Math.min(this.#body, chunk.length - at);
        this.#body -= step;
        at += step;
        continue;
      }
      const fault = this.#takeHeaderByte(chunk[at]);
      if (fault) {
        return fault;
      }
      at += 1;
    }
    return undefined;
  }

  #takeHeaderByte(byte: number): PacketError | undefined {
    this.#header += 1;
    if (this.#header === 1) {
      this.#length = 0;
      if (byte >> 4 === PUBLISH) {
        this.#publishes += 1;
      }
      return undefined;
    }
    // Remaining length: seven bits a byte, least significant first, at most four bytes [MQTT-2.2.3]
    this.#length += (byte & 0x7f) * 128 ** (this.#header - 2);
    if ((byte & 0x80) !== 0) {
      return this.#header < 5 ? undefined : new PacketError('Malformed remaining length', 1002);
    }
    const total = this.#header + this.#length;
    this.#header = 0;
    this.#body = this.#length;
    return total > this.#maxBytes
      ? new PacketError(`Packet of ${total} bytes is over the limit of ${this.#maxBytes} bytes`, 1009)
      : undefined;
  }
}
