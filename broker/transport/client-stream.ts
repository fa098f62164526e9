import { Duplex } from 'node:stream';
import type { FramePacer } from './frame-pacer';
import { OutputBuffer } from './output-buffer';
import { CLOSE_NORMAL, CLOSE_PROTOCOL_ERROR, PUBACK, PUBLISH } from './codes';
import type { PublishBytes } from './publish-packet';
import { RateLimiter, type RateLimiterOptions, type Traffic } from './rate-limiter';

export type ListenerType = 'tcp' | 'tls' | 'ws' | 'wss';

/** The connection under a {@link ClientStream}: a TCP socket or a WebSocket. */
export interface Wire {
  /** Passes bytes to the connection; `taken` is called when the kernel has taken them. Never called after `end` or `cut`. */
  send(bytes: Buffer, taken: () => void): void;
  /** Bytes passed to the connection that the kernel has not taken yet. */
  backlog(): number;
  pause(): void;
  resume(): void;
  /** Closes after the bytes that were sent are out; a WebSocket closes with `closeCode`. */
  end(closeCode: number): void;
  /** Closes at once, and drops the bytes that were not sent. */
  cut(): void;
  /** CONNECT was accepted. */
  connected?(): void;
}

export interface ClientStreamOptions extends RateLimiterOptions {
  wire: Wire;
  listener: ListenerType;
  remoteAddress?: string;
  /** The user that the client's TLS certificate names; undefined without one. */
  certificateUser?: string;
  backlogBytes: number;
  /** Where each piece that is sent has a cost for the client. Default: nothing waits for the turn after its own. */
  pacer?: FramePacer;
}

/** A subscriber that reads its messages too slowly. */
export class SlowConsumerError extends Error {
  override readonly name = 'SlowConsumerError';
}

/** Bytes that are sent at once instead of waiting for the end of the event-loop turn. */
const FLUSH_BYTES = 64 * 1024;

/** Bytes that may wait while retained or queued messages are replayed: below this, the next message follows. */
const REPLAY_BYTES = 256 * 1024;

/**
 * The connection that Aedes gets. It differs from the socket itself in three things:
 *
 * - Everything written within one turn of the event loop goes out as one piece. mqtt-packet writes a PUBLISH in five
 *   small parts; `createWebSocketStream` makes five WebSocket frames of them, which costs a browser most of its time.
 *   To a WebSocket, PUBLISH packets that come fast wait for further ones; see {@link FramePacer}. Other packets do not,
 *   because the client waits for them, unless they were written in one turn with a PUBLISH and after it.
 * - `write` never asks the broker to wait. Aedes holds a slot of its emitter until a subscriber has drained, so one
 *   that stops reading stalls everybody once the 100 slots are gone (moscajs/aedes PR #1060 only bounds the stall).
 *   Instead, the bytes that wait for a subscriber are counted, and beyond `backlogBytes` the subscriber is dropped.
 * - Bytes from the client pass a {@link RateLimiter}: no packet is larger than `packetBytes`, and no client gets more
 *   than its share of a turn of the event loop.
 */
export class ClientStream extends Duplex {
  readonly listener: ListenerType;
  readonly remoteAddress: string | undefined;
  readonly certificateUser: string | undefined;
  readonly #wire: Wire;
  readonly #rateLimiter: RateLimiter;
  readonly #backlogBytes: number;
  readonly #traffic: Traffic | undefined;
  readonly #pacer: FramePacer | undefined;
  /** Callbacks that wait for room; see {@link whenRoom}. */
  #roomWaiters: Array<() => void> = [];
  readonly #output = new OutputBuffer();
  /** Gets what is written, in place of the client; see {@link interceptOutput}. */
  #interceptor: ((bytes: Buffer) => void) | undefined;
  /** See {@link readDirectly}. */
  #take: ((bytes: Buffer) => boolean) | undefined;
  /** How often the stream is corked: mqtt-packet corks it before each packet, and writes the packet in several pieces. */
  #corked = 0;
  #isPacketStart = true;
  /** Whether the packet that is being written may wait for others. */
  #mayWait = false;
  #isFlushDue = false;
  #flushTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ClientStreamOptions) {
    const { wire, listener } = options;
    // The high-water mark is out of reach because mqtt-packet corks the stream, and a corked stream above its mark
    // tells Aedes to wait for a drain.
    super({ allowHalfOpen: false, writableHighWaterMark: Number.MAX_SAFE_INTEGER });
    this.#wire = wire;
    this.#rateLimiter = new RateLimiter(
      {
        push: (bytes) => {
          if (bytes !== null && this.readableLength === 0 && this.#take?.(bytes) === true) {
            return 'taken';
          }
          return this.push(bytes) ? 'wants more' : 'full';
        },
        pause: () => wire.pause(),
        resume: () => wire.resume(),
        fail: (error) => this.destroy(error),
      },
      options
    );
    this.#backlogBytes = options.backlogBytes;
    this.#traffic = options.traffic;
    this.#pacer = options.pacer;
    this.listener = listener;
    this.remoteAddress = options.remoteAddress;
    this.certificateUser = options.certificateUser;
  }

  /** CONNECT was accepted: packets of `packetBytes` may come from now on. */
  connected(): void {
    this.#rateLimiter.connected();
    this.#wire.connected?.();
  }

  /** Whether the kernel has taken everything that was written. */
  get drained(): boolean {
    return this.#output.length === 0 && this.#wire.backlog() === 0;
  }

  /**
   * Calls back, at once or later, when so few bytes wait that more can be added without coming near `backlogBytes`; also
   * when the connection ends. The broker sends retained messages and a session's queue in this way; without waiting, they
   * would get the subscriber dropped that requested them.
   */
  whenRoom(done: () => void): void {
    if (this.#hasRoom()) {
      done();
    } else {
      this.#roomWaiters.push(done);
    }
  }

  /** Receives bytes from the client. */
  receive(chunk: Buffer): void {
    this.#rateLimiter.receive(chunk);
  }

  /**
   * The client has sent its last byte. The stream ends after Aedes has read everything before: `mosquitto_pub` sends
   * everything and closes at once, and destroying the stream here would lose its message.
   */
  finish(): void {
    if (!this.destroyed) {
      this.#rateLimiter.finish();
    }
  }

  /** The connection failed, or the client sent something that is not acceptable. */
  fail(error: Error): void {
    if (!this.destroyed) {
      this.destroy(error);
    }
  }

  /** Closes the connection at once, and sends nothing to the client. */
  cut(): void {
    this.#wire.cut();
    this.destroy();
  }

  override read(size?: number): unknown {
    const bytes: unknown = super.read(size);
    if (this.readableLength === 0) {
      this.#rateLimiter.drained();
    }
    return bytes;
  }

  override _read(): void {
    this.#rateLimiter.resume();
  }

  /** Offers what comes to a reader, which may take it at once; what the reader refuses is to be read as from any stream. */
  readDirectly(take: (bytes: Buffer) => boolean): void {
    this.#take = take;
  }

  /** Gives what is written to a test's fault injector, which calls {@link send} with what may pass. */
  interceptOutput(interceptor: (bytes: Buffer) => void): void {
    this.#interceptor = interceptor;
  }

  override cork(): void {
    this.#corked += 1;
    this.#isPacketStart = true;
  }

  override uncork(): void {
    this.#corked = Math.max(0, this.#corked - 1);
  }

  /**
   * Adds bytes to what is sent at the end of the turn. A stream's own `write` keeps each piece until all are written, which
   * costs more than all else that a small packet costs, and nothing here is written later than at once.
   */
  override write(chunk: Buffer | string, encoding?: unknown, done?: unknown): boolean {
    if (!this.destroyed && !this.writableEnded) {
      const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk;
      if (this.#interceptor) {
        this.#interceptor(bytes);
      } else {
        this.#add(bytes, this.#isPacketStart || this.#corked === 0);
        this.#isPacketStart = false;
      }
    }
    const callback = typeof encoding === 'function' ? encoding : done;
    if (typeof callback === 'function') {
      setImmediate(callback as () => void);
    }
    return true;
  }

  /** Sends whole packets. */
  send(packets: Buffer): void {
    if (!this.destroyed) {
      this.#add(packets, true);
    }
  }

  /** Sends a PUBLISH. @param messageId for QoS 1 and 2 */
  sendPublish({ bytes, idAt, payload }: PublishBytes, messageId: number): void {
    if (this.destroyed) {
      return;
    }
    if (this.#interceptor) {
      const packet = payload ? Buffer.concat([bytes, payload]) : Buffer.from(bytes);
      if (idAt > 0) {
        packet.writeUInt16BE(messageId, idAt);
      }
      this.#interceptor(packet);
      return;
    }
    const output = this.#output;
    const at = output.reserve(bytes.length);
    output.bytes.set(bytes, at);
    if (idAt > 0) {
      output.bytes[at + idAt] = messageId >> 8;
      output.bytes[at + idAt + 1] = messageId & 0xff;
    }
    if (payload) {
      output.add(payload);
    }
    this.#mayWait = this.#pacer !== undefined;
    this.#scheduleFlush();
  }

  /** Acknowledges a PUBLISH of QoS 1. */
  sendPuback(messageId: number): void {
    if (this.destroyed) {
      return;
    }
    if (this.#interceptor) {
      this.#interceptor(Buffer.from([PUBACK << 4, 2, messageId >> 8, messageId & 0xff]));
      return;
    }
    const at = this.#output.reserve(4);
    const { bytes } = this.#output;
    bytes[at] = PUBACK << 4;
    bytes[at + 1] = 2;
    bytes[at + 2] = messageId >> 8;
    bytes[at + 3] = messageId & 0xff;
    this.#mayWait = false;
    this.#scheduleFlush();
  }

  override _destroy(error: (Error & { closeCode?: number }) | null, done: (error?: Error | null) => void): void {
    this.#rateLimiter.stop();
    clearTimeout(this.#flushTimer);
    if (error instanceof SlowConsumerError) {
      this.#output.clear();
      this.#wire.cut();
    } else {
      // Also after an error: a refused CONNECT is answered with CONNACK before Aedes destroys the connection
      // [MQTT-3.2.2-5].
      this.#flush();
      this.#wire.end(error?.closeCode ?? (error ? CLOSE_PROTOCOL_ERROR : CLOSE_NORMAL));
    }
    this.#letWaitersGo();
    done(error);
  }

  #hasRoom(): boolean {
    return (
      this.destroyed || this.#output.length + this.#wire.backlog() < Math.min(REPLAY_BYTES, this.#backlogBytes / 4)
    );
  }

  #letWaitersGo(): void {
    if (this.#roomWaiters.length > 0 && this.#hasRoom()) {
      for (const done of this.#roomWaiters.splice(0)) {
        done();
      }
    }
  }

  readonly #taken = (): void => this.#letWaitersGo();

  #add(bytes: Buffer, isPacketStart: boolean): void {
    if (bytes.length === 0) {
      return;
    }
    if (isPacketStart) {
      this.#mayWait = this.#pacer !== undefined && bytes[0] >> 4 === PUBLISH;
    }
    this.#output.add(bytes);
    this.#scheduleFlush();
  }

  #scheduleFlush(): void {
    if (this.#output.length >= FLUSH_BYTES) {
      this.#flush();
      return;
    }
    if (this.#isFlushDue || (this.#mayWait && this.#flushTimer !== undefined)) {
      return;
    }
    const waitMs = this.#mayWait ? (this.#pacer?.waitMs(performance.now()) ?? 0) : 0;
    if (waitMs > 0) {
      this.#flushTimer = setTimeout(this.#flushNow, waitMs);
    } else {
      this.#isFlushDue = true;
      setImmediate(this.#flushNow);
    }
  }

  readonly #flushNow = (): void => {
    this.#isFlushDue = false;
    if (!this.destroyed) {
      this.#flush();
    }
  };

  #flush(): void {
    clearTimeout(this.#flushTimer);
    this.#flushTimer = undefined;
    if (this.#output.length === 0) {
      return;
    }
    this.#pacer?.sent(performance.now());
    const bytes = this.#output.take();
    if (this.#traffic) {
      this.#traffic.bytesOut += bytes.length;
    }
    this.#wire.send(bytes, this.#taken);
    const backlog = this.#wire.backlog();
    if (backlog > this.#backlogBytes && !this.destroyed) {
      this.destroy(
        new SlowConsumerError(`Subscriber has ${backlog} unsent bytes; the limit is ${this.#backlogBytes} bytes`)
      );
    }
  }
}
