import { Duplex } from 'node:stream';
import { PacketCap } from './packet-cap';

export type ListenerType = 'tcp' | 'tls' | 'ws' | 'wss';

/** What went over all connections of a broker since it started. */
export interface Traffic {
  bytesIn: number;
  bytesOut: number;
  publishesIn: number;
}

/** The connection under a {@link ClientStream}: a TCP socket or a WebSocket. */
export interface Wire {
  /** Hands bytes to the connection; `taken` is called when the kernel has them. Never called after `end` or `cut`. */
  send(bytes: Buffer, taken: () => void): void;
  /** Bytes handed over that the kernel has not taken yet. */
  backlog(): number;
  pause(): void;
  resume(): void;
  /** Closes in good order after what was sent is out; a WebSocket says `closeCode`. */
  end(closeCode: number): void;
  /** Closes at once and throws away what was not sent. */
  cut(): void;
  /** CONNECT was accepted. */
  connected?(): void;
}

export interface ClientStreamOptions {
  wire: Wire;
  listener: ListenerType;
  remoteAddress?: string;
  /** The user that the client's TLS certificate names; undefined without one. */
  certificateUser?: string;
  packetBytes: number;
  /** Until {@link ClientStream.connected}. Default: `packetBytes`. */
  connectBytes?: number;
  backlogBytes: number;
  /** Default: no limit. */
  publishesPerSecond?: number;
  traffic?: Traffic;
}

/** A subscriber that does not take what it subscribed to. */
export class SlowConsumerError extends Error {
  override readonly name = 'SlowConsumerError';
}

/** Bytes that are sent at once instead of waiting for the end of the event-loop turn. */
const FLUSH_BYTES = 64 * 1024;

/** What may wait while retained or queued messages are replayed: the next one is taken up below this. */
const REPLAY_BYTES = 256 * 1024;

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
  readonly listener: ListenerType;
  readonly remoteAddress: string | undefined;
  readonly certificateUser: string | undefined;
  readonly #wire: Wire;
  readonly #cap: PacketCap;
  readonly #packetBytes: number;
  readonly #backlogBytes: number;
  readonly #traffic: Traffic | undefined;
  readonly #rate: Rate | undefined;
  #resumeTimer: NodeJS.Timeout | undefined;
  /** Who waits for room; see {@link whenRoom}. */
  #roomWaiters: Array<() => void> = [];
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #flushScheduled = false;
  #ended = false;

  constructor(options: ClientStreamOptions) {
    const { wire, listener, packetBytes, publishesPerSecond } = options;
    // The high-water mark is out of reach because mqtt-packet corks the stream, and a corked stream above its mark
    // tells Aedes to wait for a drain.
    super({ allowHalfOpen: false, writableHighWaterMark: Number.MAX_SAFE_INTEGER });
    this.#wire = wire;
    this.#cap = new PacketCap(Math.min(packetBytes, options.connectBytes ?? packetBytes));
    this.#packetBytes = packetBytes;
    this.#backlogBytes = options.backlogBytes;
    this.#rate = publishesPerSecond === undefined ? undefined : new Rate(publishesPerSecond);
    this.#traffic = options.traffic;
    this.listener = listener;
    this.remoteAddress = options.remoteAddress;
    this.certificateUser = options.certificateUser;
  }

  /** CONNECT was accepted: packets of `packetBytes` may come from now on. */
  connected(): void {
    this.#cap.maxBytes = this.#packetBytes;
    this.#wire.connected?.();
  }

  /** Whether the kernel has taken everything that was written. */
  get drained(): boolean {
    return this.#waitingBytes === 0 && this.#wire.backlog() === 0;
  }

  /**
   * Calls back, at once or later, when little enough waits to be sent that more can be added without coming near
   * `backlogBytes`; also when the connection ends. For what the broker sends on its own account, retained messages and
   * a session's queue, which would otherwise drop the very subscriber that asked for them.
   */
  whenRoom(done: () => void): void {
    if (this.#hasRoom()) {
      done();
    } else {
      this.#roomWaiters.push(done);
    }
  }

  /** Takes bytes that came from the client. */
  receive(chunk: Buffer): void {
    if (this.destroyed || this.#ended) {
      return;
    }
    const fault = this.#cap.take(chunk);
    const publishes = this.#cap.takePublishes();
    if (this.#traffic) {
      this.#traffic.bytesIn += chunk.length;
      this.#traffic.publishesIn += publishes;
    }
    if (fault) {
      this.destroy(fault);
      return;
    }
    const wait = this.#rate?.take(publishes) ?? 0;
    if (wait > 0 && !this.#resumeTimer) {
      this.#resumeIn(wait);
    }
    if (!this.push(chunk) || wait > 0) {
      this.#wire.pause();
    }
  }

  /** Reads on when the client is within its rate again; more may have come meanwhile. */
  #resumeIn(milliseconds: number): void {
    this.#resumeTimer = setTimeout(() => {
      this.#resumeTimer = undefined;
      const wait = this.#rate?.take(0) ?? 0;
      if (wait > 0) {
        this.#resumeIn(wait);
      } else {
        this.#wire.resume();
      }
    }, milliseconds);
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

  /** Closes the connection at once, without a word to the client. */
  cut(): void {
    this.#wire.cut();
    this.destroy();
  }

  override _read(): void {
    if (!this.#resumeTimer) {
      this.#wire.resume();
    }
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
    clearTimeout(this.#resumeTimer);
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
    this.#letWaitersGo();
    done(error);
  }

  #hasRoom(): boolean {
    return this.destroyed || this.#waitingBytes + this.#wire.backlog() < Math.min(REPLAY_BYTES, this.#backlogBytes / 4);
  }

  #letWaitersGo(): void {
    if (this.#roomWaiters.length > 0 && this.#hasRoom()) {
      for (const done of this.#roomWaiters.splice(0)) {
        done();
      }
    }
  }

  readonly #taken = (): void => this.#letWaitersGo();

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
    if (this.#traffic) {
      this.#traffic.bytesOut += bytes.length;
    }
    this.#wire.send(bytes, this.#taken);
    const backlog = this.#wire.backlog();
    if (backlog > this.#backlogBytes && !this.destroyed) {
      this.destroy(
        new SlowConsumerError(`Subscriber left ${backlog} bytes waiting; the limit is ${this.#backlogBytes} bytes`)
      );
    }
  }
}

/** A token bucket that holds one second's worth. */
class Rate {
  readonly #perSecond: number;
  #tokens: number;
  #at = performance.now();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
  }

  /** Takes tokens, also more than there are. Returns the milliseconds until there are some again; 0 while there are. */
  take(count: number): number {
    const now = performance.now();
    this.#tokens = Math.min(this.#perSecond, this.#tokens + ((now - this.#at) / 1_000) * this.#perSecond) - count;
    this.#at = now;
    return this.#tokens < 0 ? Math.ceil((-this.#tokens / this.#perSecond) * 1_000) : 0;
  }
}
