import { hashBytes } from '../payload';
import type { Session } from './session-set';

/** How far two sessions of one client are apart with the same message, in milliseconds, unless the payloads say otherwise. */
export const MAX_SKEW_MS = 1_000;

/**
 * How long a session may be silent before it is not waited for, in milliseconds. RabbitMQ sends ten messages of QoS 1
 * and waits for their acknowledgements, so under load such a session is ten seconds behind one of QoS 0.
 */
export const MAX_SILENCE_MS = 20_000;

/** How long a session is waited for that may have been subscribed before a message that it has not brought, in milliseconds. */
const UNSURE_MS = 5_000;

/** So many messages in a row, with so many different payloads, are not the same in two sessions by chance. */
const CERTAIN_MESSAGES = 16;
const CERTAIN_PAYLOADS = 8;

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

/** Bytes of a payload that are compared, besides its length. */
const HASHED_BYTES = 4_096;

/** A message that a session brought. */
export interface Seen {
  readonly hash: number;
  /** By `performance.now()`. */
  readonly at: number;
}

export function seen(payload: Uint8Array, at: number): Seen {
  return { hash: hashBytes(payload.subarray(0, HASHED_BYTES), payload.length), at };
}

interface Watched {
  /** When the later of both sessions was subscribed, by `performance.now()`. */
  readonly since: number;
  /** The newest message that each session has brought, since it is connected. */
  readonly from: Seen | undefined;
  readonly to: Seen | undefined;
}

/** The newest messages of one session, numbered from 0. */
class Sequence {
  readonly #seen: Seen[] = [];
  /** The number of the first that is compared. */
  first = 0;

  get length(): number {
    return this.#seen.length;
  }

  /** The number of the next. */
  get end(): number {
    return this.first + this.#seen.length;
  }

  add(message: Seen): void {
    this.#seen.push(message);
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
 * session before is left when it is certain where the other one is: after a quiet time in which both have brought the
 * same, or when the payloads of both fit together in one way only.
 */
export class TopicMove {
  readonly #from = new Sequence();
  readonly #to = new Sequence();
  readonly #since: number;
  readonly #began: number;
  #last: number;
  #compared = -Infinity;
  /** The difference between the number of a message of `to` and of the same one of `from`, once it is known. */
  #offset: number | undefined;

  /** @param now by `performance.now()`, as all times. */
  constructor(
    readonly to: Session,
    now: number,
    { since, from, to: other }: Watched
  ) {
    this.#since = since;
    this.#began = Math.max(now, since);
    this.#last = this.#began;
    for (const [sequence, message] of [
      [this.#from, from],
      [this.#to, other],
    ] as const) {
      if (message !== undefined) {
        sequence.add(message);
      }
    }
  }

  /** Whether neither session has anything on its way: the next message is new in both. */
  isQuiet(now: number): boolean {
    const skew = this.#skew(now);
    const quiet = Math.min(now - this.#last, now - this.#began);
    return quiet >= MAX_SILENCE_MS || (quiet >= skew && this.#endsAlike(quiet));
  }

  add(session: 'from' | 'to', message: Seen): void {
    (session === 'from' ? this.#from : this.#to).add(message);
    this.#last = message.at;
  }

  /** How many messages `to` is ahead, negative if it is behind; `undefined` if that is not certain. */
  lead(now: number): number | undefined {
    if (this.#offset === undefined && now - this.#compared >= COMPARE_MS) {
      this.#compared = now;
      this.#offset = this.#findOffset(now);
    }
    const lead = this.#offset === undefined ? undefined : this.#to.end + this.#offset - this.#from.end;
    if (lead !== undefined && lead <= 0 && !this.#agree(this.#offset!)) {
      // One of the sessions has lost a message since.
      this.#offset = undefined;
      return undefined;
    }
    return lead;
  }

  #skew(now: number): number {
    return SKEWS.find(([after]) => now - this.#began >= after)?.[1] ?? MAX_SKEW_MS;
  }

  /** Whether the newest message of both is the same, as far as can be seen, and so are those before it. */
  #endsAlike(quiet: number): boolean {
    const [from, to] = [this.#from, this.#to];
    const offset = from.end - to.end;
    if (!this.#agree(offset)) {
      return false;
    }
    const common = Math.min(from.length, to.length);
    const longer = from.length > to.length ? from : to;
    const first = longer.get(longer.end - common - 1);
    // Messages that only one has are from before the other was subscribed, or watched.
    if (common === 0) {
      const isBefore = first === undefined || first.at <= this.#since;
      return isBefore || (first.at <= this.#since + MAX_SKEW_MS && quiet >= UNSURE_MS);
    }
    return first === undefined || first.at <= this.#began + MAX_SKEW_MS || this.#isCertain(offset);
  }

  /** Whether all messages that both have are the same if message `n` of `to` is message `n + offset` of `from`. */
  #agree(offset: number): boolean {
    const [from, to] = [this.#from, this.#to];
    const end = Math.min(to.end, from.end - offset);
    for (let n = Math.max(to.first, from.first - offset); n < end; n++) {
      if (to.get(n)!.hash !== from.get(n + offset)!.hash) {
        return false;
      }
    }
    return true;
  }

  /** Whether so many messages agree with an offset that it is not by chance. */
  #isCertain(offset: number): boolean {
    const [from, to] = [this.#from, this.#to];
    const [first, end] = [Math.max(to.first, from.first - offset), Math.min(to.end, from.end - offset)];
    if (end - first < CERTAIN_MESSAGES) {
      return false;
    }
    const payloads = new Set<number>();
    for (let n = first; n < end && payloads.size < CERTAIN_PAYLOADS; n++) {
      payloads.add(to.get(n)!.hash);
    }
    return payloads.size >= CERTAIN_PAYLOADS;
  }

  #findOffset(now: number): number | undefined {
    return this.#offsetByTime(now) ?? this.#offsetByPayload();
  }

  /** However late one of the sessions is. */
  #offsetByPayload(): number | undefined {
    const [from, to] = [this.#from, this.#to];
    let found: number | undefined;
    for (
      let offset = from.first - to.end + CERTAIN_MESSAGES;
      offset <= from.end - to.first - CERTAIN_MESSAGES;
      offset++
    ) {
      if (this.#agree(offset) && this.#isCertain(offset)) {
        if (found !== undefined) {
          return undefined;
        }
        found = offset;
      }
    }
    return found;
  }

  #offsetByTime(now: number): number | undefined {
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
