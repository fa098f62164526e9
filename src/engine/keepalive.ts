/** How often the clock is read, for a ping that is due or a PINGRESP that is overdue, in milliseconds; and no less than 8 times per keepalive. */
const LONGEST_TICK_MS = 5_000;

/** With keepalive off, a clock that jumps by this much means that the machine slept, in milliseconds. */
const SLEPT_MS = 60_000;

/** The time that a timer may be early by, in milliseconds. */
const TIMER_MS = 5;

export interface KeepaliveOptions {
  /** Seconds; 0 for no pings but those of {@link Keepalive.check}. */
  readonly keepalive: number;
  /** Seconds that the broker has to answer a ping of {@link Keepalive.check}. */
  readonly timeout: number;
  /** The wall clock, in milliseconds. */
  readonly now: () => number;
  ping(): void;
  /** The broker does not answer. Called once. */
  onKeepaliveTimeout(): void;
}

/**
 * Finds out in bounded time that a connection is dead: within one and a half times the keepalive, and after the
 * machine slept, at once. mqtt.js's own takes only a PINGRESP for a sign of life, and gives up a connection
 * over which messages arrive in such a flood that the PINGRESP is stuck behind them.
 */
export class Keepalive {
  readonly #options: KeepaliveOptions;
  readonly #tickMs: number;
  readonly #timer: ReturnType<typeof setInterval>;
  #deadline: ReturnType<typeof setTimeout> | undefined;
  #lastTick: { readonly monotonic: number; readonly wall: number };
  #lastPing: number;
  /** When the ping went out that nothing has come since, and when that is too long ago; by the monotonic clock. */
  #awaited: { readonly overdue: number } | undefined;

  constructor(options: KeepaliveOptions) {
    this.#options = options;
    const { keepalive } = options;
    this.#tickMs = keepalive > 0 ? Math.min(LONGEST_TICK_MS, (keepalive * 1_000) / 8) : LONGEST_TICK_MS;
    this.#lastPing = performance.now();
    this.#lastTick = { monotonic: this.#lastPing, wall: options.now() };
    this.#timer = setInterval(() => this.#tick(), this.#tickMs);
  }

  /** Something came from the broker. */
  received(): void {
    this.#awaited = undefined;
  }

  /** Makes sure that the broker is still there, without waiting for the next ping. */
  check(): void {
    const { keepalive, timeout: timeoutS } = this.#options;
    const most = keepalive > 0 ? Math.min(timeoutS, keepalive / 2) : timeoutS;
    this.#ping(most * 1_000);
  }

  stop(): void {
    clearInterval(this.#timer);
    clearTimeout(this.#deadline);
  }

  #tick(): void {
    const { keepalive, now } = this.#options;
    const monotonic = performance.now();
    const wall = now();
    const elapsed = Math.max(monotonic - this.#lastTick.monotonic, wall - this.#lastTick.wall);
    this.#lastTick = { monotonic, wall };
    if (elapsed > Math.max(keepalive > 0 ? keepalive * 1_000 : SLEPT_MS, 2 * this.#tickMs)) {
      // The machine slept, or the page was frozen: what was awaited may have come and wait to be read.
      this.#awaited = undefined;
      this.check();
    } else if (this.#awaited !== undefined && monotonic >= this.#awaited.overdue) {
      this.stop();
      this.#options.onKeepaliveTimeout();
    } else if (keepalive > 0 && monotonic - this.#lastPing + this.#tickMs > keepalive * 1_000) {
      this.#ping((keepalive * 1_000) / 2 - this.#tickMs);
    }
  }

  #ping(timeoutMs: number): void {
    this.#lastPing = performance.now();
    const overdue = this.#lastPing + timeoutMs;
    if (this.#awaited === undefined || overdue < this.#awaited.overdue) {
      this.#awaited = { overdue };
      clearTimeout(this.#deadline);
      this.#deadline = setTimeout(() => this.#tick(), Math.ceil(timeoutMs) + TIMER_MS);
    }
    this.#options.ping();
  }
}
