import type { Limits } from '../limits';
import { PacketLimiter, type PacketLimit } from './packet-limiter';

/** Totals of all connections of a broker since it started. */
export interface Traffic {
  bytesIn: number;
  bytesOut: number;
  publishesIn: number;
}

export interface RateLimiterOptions extends Partial<
  Pick<Limits, 'publishesPerSecond' | 'subscribesPerSecond' | 'subscriptionsPerClient' | 'subscriptionBytesPerClient'>
> {
  packetBytes: number;
  /** Until {@link RateLimiter.connected}. Default: `packetBytes`. */
  connectBytes?: number;
  traffic?: Traffic;
}

/** The receiver of a client's bytes, and how to make the client wait. */
export interface RateLimiterTarget {
  /** Takes bytes, or null for the end. `taken`: they were read already; otherwise `drained` is called when they are. */
  push(bytes: Buffer | null): 'taken' | 'wants more' | 'full';
  pause(): void;
  resume(): void;
  fail(error: Error): void;
}

/** The work of one client in one turn of the event loop; {@link PacketLimiter} has the work of each packet. */
const WORK_PER_TURN = 1_024;

/**
 * Passes a client's bytes to Aedes: no packet is larger than the limit, no client gets more than its share of a turn of
 * the event loop, and none exceeds its rates per second. The rest is read later.
 *
 * Aedes handles everything that it gets before another client has a turn. 64 KB of a socket, and 4 MB of a WebSocket
 * frame, may be thousands of packets, which take seconds.
 */
export class RateLimiter {
  readonly #target: RateLimiterTarget;
  readonly #packetLimiter: PacketLimiter;
  readonly #packetLimit: PacketLimit;
  readonly #traffic: Traffic | undefined;
  readonly #publishes: TokenBucket;
  readonly #subscribes: TokenBucket;
  /** Received bytes that are not passed on yet, in order. The connection is paused meanwhile. */
  #pending: Buffer[] = [];
  /** The work that may still be passed on in this turn. */
  #budget = WORK_PER_TURN;
  /** Whether this waits for the next turn. */
  #scheduled = false;
  /** Whether bytes that were passed on were not read yet. */
  #unread = false;
  /** Runs while the client is over a rate. */
  #timer: NodeJS.Timeout | undefined;
  #isPaused = false;
  #ended = false;
  #stopped = false;

  constructor(target: RateLimiterTarget, options: RateLimiterOptions) {
    const { packetBytes, connectBytes = packetBytes, traffic } = options;
    this.#target = target;
    this.#packetLimit = { name: 'packetBytes', bytes: packetBytes };
    const connectLimit: PacketLimit = { name: 'connectBytes', bytes: connectBytes };
    this.#packetLimiter = new PacketLimiter(connectBytes < packetBytes ? connectLimit : this.#packetLimit, {
      name: 'subscriptionBytesPerClient',
      bytes: subscribeBytes(options),
    });
    this.#traffic = traffic;
    this.#publishes = new TokenBucket(options.publishesPerSecond ?? Infinity);
    this.#subscribes = new TokenBucket(options.subscribesPerSecond ?? Infinity);
  }

  /** CONNECT was accepted: packets of `packetBytes` may come from now on. */
  connected(): void {
    this.#packetLimiter.limit = this.#packetLimit;
  }

  /** Receives bytes. */
  receive(chunk: Buffer): void {
    if (this.#ended || this.#stopped) {
      return;
    }
    if (this.#traffic) {
      this.#traffic.bytesIn += chunk.length;
    }
    if (this.#pending.length > 0 || this.#timer || this.#budget <= 0) {
      this.#pending.push(chunk);
      this.#pause();
    } else {
      this.#forward(chunk);
    }
  }

  /** The reader wants more. */
  resume(): void {
    if (this.#pending.length === 0 && !this.#timer) {
      this.#resume();
    }
  }

  /** The reader has read everything that was passed on. */
  drained(): void {
    this.#unread = false;
    if (this.#pending.length > 0) {
      this.#continueNextTurn();
    }
  }

  /** The client has sent its last byte. The end is passed on after everything before. */
  finish(): void {
    if (!this.#ended) {
      this.#ended = true;
      this.#endWhenDone();
    }
  }

  /** Drops the bytes that were not passed on. */
  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#pending = [];
  }

  #forward(chunk: Buffer): void {
    const { taken, work, fault } = this.#packetLimiter.take(chunk, this.#budget);
    this.#budget -= work;
    this.#continueNextTurn();
    const { publishes, subscribes } = this.#packetLimiter.takeCounts();
    if (this.#traffic) {
      this.#traffic.publishesIn += publishes;
    }
    if (fault) {
      this.#target.fail(fault);
      return;
    }
    if (taken < chunk.length) {
      this.#pending.unshift(chunk.subarray(taken));
    }
    const wait = Math.max(this.#publishes.take(publishes), this.#subscribes.take(subscribes));
    if (wait > 0) {
      this.#pauseFor(wait);
    }
    this.#unread = true;
    const result = this.#target.push(taken < chunk.length ? chunk.subarray(0, taken) : chunk);
    if (result === 'taken') {
      this.#unread = false;
    }
    if (result === 'full' || wait > 0 || this.#pending.length > 0) {
      this.#pause();
    } else if (result === 'taken' && this.#isPaused) {
      this.#resume();
    }
    this.#endWhenDone();
  }

  /** So that other clients get their turn. */
  #continueNextTurn(): void {
    if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => {
        this.#scheduled = false;
        this.#budget = WORK_PER_TURN;
        const next = this.#timer || this.#unread ? undefined : this.#pending.shift();
        if (next) {
          this.#forward(next);
        }
      });
    }
  }

  /** Continues when the client is within its rates again. */
  #pauseFor(milliseconds: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const wait = Math.max(this.#publishes.take(0), this.#subscribes.take(0));
      if (wait > 0) {
        this.#pauseFor(wait);
      } else if (this.#pending.length > 0) {
        this.#continueNextTurn();
      } else {
        this.#resume();
      }
    }, milliseconds);
  }

  #pause(): void {
    this.#isPaused = true;
    this.#target.pause();
  }

  #resume(): void {
    this.#isPaused = false;
    this.#target.resume();
  }

  #endWhenDone(): void {
    if (this.#ended && !this.#stopped && this.#pending.length === 0) {
      this.#target.push(null);
    }
  }
}

/** A SUBSCRIBE may always have as many bytes as this. */
const SUBSCRIBE_BYTES = 64 << 10;

/** The largest SUBSCRIBE whose filters could all be granted: a topic has a length and a QoS, and the packet a header. */
function subscribeBytes({ subscriptionsPerClient, subscriptionBytesPerClient }: RateLimiterOptions): number {
  return subscriptionsPerClient === undefined || subscriptionBytesPerClient === undefined
    ? Infinity
    : Math.max(SUBSCRIBE_BYTES, subscriptionBytesPerClient + 3 * subscriptionsPerClient + 7);
}

/** A token bucket that holds the tokens of one second. */
class TokenBucket {
  readonly #perSecond: number;
  #tokens: number;
  #at = performance.now();

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
  }

  /** Takes tokens, even if there are too few. Returns the milliseconds until there are some again; 0 if there are some. */
  take(count: number): number {
    if (this.#perSecond === Infinity) {
      return 0;
    }
    const now = performance.now();
    this.#tokens = Math.min(this.#perSecond, this.#tokens + ((now - this.#at) / 1_000) * this.#perSecond) - count;
    this.#at = now;
    return this.#tokens < 0 ? Math.ceil((-this.#tokens / this.#perSecond) * 1_000) : 0;
  }
}
