import { Duplex } from 'node:stream';
import { PacketCap } from './packet-cap';

/** The connection under a {@link ClientStream}: a TCP socket or a WebSocket. */
export interface Wire {
  /** Hands bytes to the connection. Never called after `end` or `cut`. */
  send(bytes: Buffer): void;
  /** Bytes handed over that the kernel has not taken yet. */
  backlog(): number;
  pause(): void;
  resume(): void;
  /** Closes in good order after what was sent is out; a WebSocket says `closeCode`. */
  end(closeCode: number): void;
  /** Closes at once and throws away what was not sent. */
  cut(): void;
}

export interface ClientStreamOptions {
  wire: Wire;
  listener: 'tcp' | 'ws';
  remoteAddress?: string;
  packetBytes: number;
  backlogBytes: number;
}

/** A subscriber that does not take what it subscribed to. */
export class SlowConsumerError extends Error {
  override readonly name = 'SlowConsumerError';
}

/** Bytes that are sent at once instead of waiting for the end of the event-loop turn. */
const FLUSH_BYTES = 64 * 1024;

const CLOSE_NORMAL = 1000;
const CLOSE_PROTOCOL_ERROR = 1002;

/**
 * What Aedes is handed as a connection. Three things differ from the socket itself:
 *
 * - Everything written within one turn of the event loop goes out as one piece. mqtt-packet writes a PUBLISH in five
 *   small parts; `createWebSocketStream` makes five WebSocket frames of them, which costs a browser most of its time.
 * - `write` never asks the broker to wait. Aedes holds a slot of its emitter until a subscriber has drained, so one
 *   that stops reading stalls everybody once the 100 slots are gone (moscajs/aedes PR #1060 only bounds the stall).
 *   Instead, what waits for a subscriber is counted, and the subscriber is dropped when that passes `backlogBytes`.
 * - No packet over `packetBytes` is read, from the first byte on.
 */
export class ClientStream extends Duplex {
  readonly listener: 'tcp' | 'ws';
  readonly remoteAddress: string | undefined;
  readonly #wire: Wire;
  readonly #cap: PacketCap;
  readonly #backlogBytes: number;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #flushScheduled = false;
  #ended = false;

  constructor({ wire, listener, remoteAddress, packetBytes, backlogBytes }: ClientStreamOptions) {
    // The high-water mark is out of reach because mqtt-packet corks the stream, and a corked stream above its mark
    // tells Aedes to wait for a drain.
    super({ allowHalfOpen: false, writableHighWaterMark: Number.MAX_SAFE_INTEGER });
    this.#wire = wire;
    this.#cap = new PacketCap(packetBytes);
    this.#backlogBytes = backlogBytes;
    this.listener = listener;
    this.remoteAddress = remoteAddress;
  }

  /** Takes bytes that came from the client. */
  receive(chunk: Buffer): void {
    if (this.destroyed || this.#ended) {
      return;
    }
    const fault = this.#cap.take(chunk);
    if (fault) {
      this.destroy(fault);
    } else if (!this.push(chunk)) {
      this.#wire.pause();
    }
  }

  /**
   * Nothing more will come from the client. The stream ends once Aedes has read what came before: `mosquitto_pub` sends
   * everything and closes at once, and destroying the stream here would lose its message.
   */
  finish(): void {
    if (!this.destroyed && !this.#ended) {
      this.#ended = true;
      this.push(null);
    }
  }

  /** The connection failed, or what came over it is not acceptable. */
  fail(error: Error): void {
    if (!this.destroyed) {
      this.destroy(error);
    }
  }

  override _read(): void {
    this.#wire.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#add(chunk);
    done();
  }

  override _writev(chunks: Array<{ chunk: Buffer }>, done: (error?: Error | null) => void): void {
    for (const { chunk } of chunks) {
      this.#add(chunk);
    }
    done();
  }

  override _destroy(error: (Error & { closeCode?: number }) | null, done: (error?: Error | null) => void): void {
    if (error instanceof SlowConsumerError) {
      this.#waiting = [];
      this.#waitingBytes = 0;
      this.#wire.cut();
    } else {
      // Also after an error: a refused CONNECT is answered with CONNACK before Aedes destroys the connection
      // [MQTT-3.2.2-5].
      this.#flush();
      this.#wire.end(error?.closeCode ?? (error ? CLOSE_PROTOCOL_ERROR : CLOSE_NORMAL));
    }
    done(error);
  }

  #add(chunk: Buffer): void {
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes >= FLUSH_BYTES) {
      this.#flush();
    } else if (!this.#flushScheduled) {
      this.#flushScheduled = true;
      setImmediate(() => {
        this.#flushScheduled = false;
        if (!this.destroyed) {
          this.#flush();
        }
      });
    }
  }

  #flush(): void {
    if (this.#waitingBytes === 0) {
      return;
    }
    const bytes = this.#waiting.length === 1 ? this.#waiting[0] : Buffer.concat(this.#waiting, this.#waitingBytes);
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#wire.send(bytes);
    const backlog = this.#wire.backlog();
    if (backlog > this.#backlogBytes && !this.destroyed) {
      this.destroy(
        new SlowConsumerError(`Subscriber left ${backlog} bytes waiting; the limit is ${this.#backlogBytes} bytes`)
      );
    }
  }
}
