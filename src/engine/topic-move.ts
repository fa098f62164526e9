import type { Session } from './session-set';

/** How far two sessions of one client may be apart with the same message, in milliseconds. */
export const MAX_SKEW_MS = 1_000;

/** If it takes long to find out which messages are the same, a smaller skew has to do: from, and skew, in milliseconds. */
const SKEWS = [
  [60_000, 0],
  [30_000, 10],
  [20_000, 30],
  [10_000, 100],
  [5_000, 300],
] as const;

/** Messages of either session that are compared. */
const MAX_COMPARED = 1_024;

/** How often they are compared, in milliseconds. */
const COMPARE_MS = 20;

interface Seen {
  readonly hash: number;
  readonly at: number;
}

/** The newest messages of one session, numbered from 0. */
class Sequence {
  readonly #seen: Seen[] = [];
  /** The number of the first that is compared. */
  first = 0;

  /** The number of the next. */
  get end(): number {
    return this.first + this.#seen.length;
  }

  add(hash: number, at: number): void {
    this.#seen.push({ hash, at });
    if (this.#seen.length > MAX_COMPARED) {
      this.#seen.shift();
      this.first++;
    }
  }

  get(number: number): Seen | undefined {
    return this.#seen[number - this.first];
  }
}

/**
 * The messages of one topic are to be taken from another session, which brings the same messages, earlier or later. The
 * session before is left when it is certain where the other one is: after a quiet time, or when the payloads of both
 * fit together in one way only.
 */
export class TopicMove {
  readonly #from = new Sequence();
  readonly #to = new Sequence();
  readonly #began: number;
  #last: number;
  #compared = -Infinity;
  /** The difference between the number of a message of `to` and of the same one of `from`, once it is known. */
  #offset: number | undefined;

  /** @param began when both sessions were subscribed and watched; all times are those of `performance.now()`. */
  constructor(
    readonly to: Session,
    began: number
  ) {
    this.#began = began;
    this.#last = began;
  }

  /** Whether neither session has anything on its way: the next message is new in both. */
  isQuiet(now: number): boolean {
    const skew = this.#skew(now);
    return now - this.#last >= skew && now - this.#began >= skew;
  }

  add(session: 'from' | 'to', hash: number, now: number): void {
    (session === 'from' ? this.#from : this.#to).add(hash, now);
    this.#last = now;
  }

  /** How many messages `to` is ahead, negative if it is behind; `undefined` if that is not certain. */
  lead(now: number): number | undefined {
    if (this.#offset === undefined && now - this.#compared >= COMPARE_MS) {
      this.#compared = now;
      this.#offset = this.#findOffset(now);
    }
    return this.#offset === undefined ? undefined : this.#to.end + this.#offset - this.#from.end;
  }

  #skew(now: number): number {
    return SKEWS.find(([after]) => now - this.#began >= after)?.[1] ?? MAX_SKEW_MS;
  }

  #findOffset(now: number): number | undefined {
    const [from, to, skew] = [this.#from, this.#to, this.#skew(now)];
    let found: number | undefined;
    // The outermost have no message in common. If the sessions can be that far apart, nothing is certain yet.
    for (let offset = from.first - to.end; offset <= from.end - to.first; offset++) {
      if (this.#fits(offset, now, skew)) {
        const isOutermost = offset === from.first - to.end || offset === from.end - to.first;
        if (found !== undefined || isOutermost) {
          return undefined;
        }
        found = offset;
      }
    }
    return found;
  }

  /** Whether message `n` of `to` can be message `n + offset` of `from`, for all of both. */
  #fits(offset: number, now: number, skew: number): boolean {
    const [from, to] = [this.#from, this.#to];
    for (let n = to.first; n < to.end; n++) {
      const other = from.get(n + offset);
      if (
        other === undefined ? !this.#mayLack(to.get(n)!, n + offset, from, now, skew) : other.hash !== to.get(n)!.hash
      ) {
        return false;
      }
    }
    for (let n = from.first; n < from.end; n++) {
      const other = n - offset;
      if (to.get(other) === undefined && !this.#mayLack(from.get(n)!, other, to, now, skew)) {
        return false;
      }
    }
    return true;
  }

  /** Whether a message that one session brought may be missing as number `n` of the other: not there yet, or before all. */
  #mayLack({ at }: Seen, n: number, other: Sequence, now: number, skew: number): boolean {
    return n >= other.end ? now - at < skew : n >= 0 || at <= this.#began + skew;
  }
}
