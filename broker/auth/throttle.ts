/** Failures that cost nothing, then the wait doubles from here, in milliseconds. */
const FREE_FAILURES = 3;
const FIRST_WAIT = 250;
/** One failure is forgotten in this time, in milliseconds. */
const FORGET_ONE = 30_000;
const MAX_KEYS = 10_000;
/** Logins from one address that wait at a time; more are refused at once. */
const MAX_WAITING = 100;

interface Failures {
  count: number;
  /** When `count` was right. */
  at: number;
}

export interface ThrottleOptions {
  /** Milliseconds, monotonic. */
  now?: () => number;
  sleep?: (ms: number) => Promise<void>;
}

/** Longest wait for each, in milliseconds. Many clients share an address, behind a proxy or a router: less for that. */
const LONGEST = { user: 5_000, address: 1_000 } as const;

/**
 * Slows down logins after failures, per address and per user: guessing takes seconds for each try, and anyone who knows the
 * password still gets in. Memory is bounded; the longest untouched is forgotten first.
 */
export class LoginThrottle {
  readonly #failures = new Map<string, Failures>();
  readonly #waiting = new Map<string, number>();
  readonly #now: () => number;
  readonly #sleep: (ms: number) => Promise<void>;

  constructor({ now = () => performance.now(), sleep = pause }: ThrottleOptions = {}) {
    this.#now = now;
    this.#sleep = sleep;
  }

  /** How long the next login has to wait, in milliseconds. */
  delay(address: string, user: string): number {
    return Math.max(this.#delayOf('address', address), this.#delayOf('user', user));
  }

  /**
   * Waits as long as the failures so far demand.
   *
   * @returns false when too many from this address wait already
   */
  async wait(address: string, user: string): Promise<boolean> {
    const delay = this.delay(address, user);
    if (delay === 0) {
      return true;
    }
    const waiting = this.#waiting.get(address) ?? 0;
    if (waiting >= MAX_WAITING) {
      return false;
    }
    this.#waiting.set(address, waiting + 1);
    try {
      await this.#sleep(delay);
    } finally {
      const left = (this.#waiting.get(address) ?? 1) - 1;
      if (left > 0) {
        this.#waiting.set(address, left);
      } else {
        this.#waiting.delete(address);
      }
    }
    return true;
  }

  /** @param user empty when it is not known, as with a token that is not valid */
  failed(address: string, user: string): void {
    for (const key of [`address ${address}`, ...(user === '' ? [] : [`user ${user}`])]) {
      const count = Math.min(this.#count(key) + 1, 30);
      this.#failures.delete(key);
      this.#failures.set(key, { count, at: this.#now() });
    }
    while (this.#failures.size > MAX_KEYS) {
      const [oldest] = this.#failures.keys();
      this.#failures.delete(oldest);
    }
  }

  #delayOf(kind: keyof typeof LONGEST, name: string): number {
    const beyond = this.#count(`${kind} ${name}`) - FREE_FAILURES;
    return beyond < 0 ? 0 : Math.min(LONGEST[kind], FIRST_WAIT * 2 ** beyond);
  }

  #count(key: string): number {
    const failures = this.#failures.get(key);
    return failures ? Math.max(0, failures.count - Math.floor((this.#now() - failures.at) / FORGET_ONE)) : 0;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });
}
