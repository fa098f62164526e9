import { equalBytes } from '../../utils/equal-bytes';
import { getOrSet } from '../../utils/get-or-set';
import { align, alignGaps } from './align';
import type { HistoryMessage, HistoryPart } from './history-response';
import type { KnownHistory } from './known-history';
import type { StoredMessage } from './message-segment';
import type { Span } from './spans';

/** Messages of live connections that a response may have as well. */
export interface OwnMessages {
  /** By topic, in the order of arrival, without those that the broker had retained. */
  readonly live: ReadonlyMap<string, readonly StoredMessage[]>;
  /** By topic, those that the broker had retained. */
  readonly retained: ReadonlyMap<string, readonly StoredMessage[]>;
  /** When the mark came, in milliseconds since 1970, and over which connection. */
  readonly marked?: { readonly at: number; readonly epoch: number };
  /** Those of the broker's retained messages that had come before: the broker sends them for each subscription. */
  readonly repeated: readonly StoredMessage[];
}

/** How long a message may take from the broker to here, in milliseconds; with a mark, the order says more. */
const DELAY_MS = 250;
const MARKED_DELAY_MS = 2_000;

/**
 * A historian that is a client of the broker may receive a message so much later than this one, in milliseconds; with a
 * mark, the order says more.
 */
const EARLY_MS = 250;
const MARKED_EARLY_MS = 2_000;

/** If the order leaves one place only: a tab may have been frozen for so long, in milliseconds. */
const MAX_DELAY_MS = 10 * 60_000;

/**
 * Joins one response with the messages that came live: each message once, without a gap and without a repetition.
 *
 * Messages of both are aligned by their order and payloads, from the end: the mark says where the response ends among
 * the live messages, so that equal payloads in quick succession find their partners. Times only rule out what cannot
 * be. Without a mark (version 1), times count for more.
 *
 * A message that both have stays as it came, with its time of arrival. What the broker had retained is old: where the
 * historian has the message itself, with its time, that one stays.
 */
export class HistoryJoin {
  readonly #span: Span;
  readonly #findOwn: (isMarked: boolean, epoch: number) => OwnMessages;
  readonly #known: KnownHistory;
  #own: OwnMessages | undefined;
  /** The part of the response that has come, until it goes back beyond all live messages; then `undefined`. */
  #waiting: Array<readonly HistoryMessage[]> | undefined = [];
  #isMarked = false;
  #uncertaintyMs = 0;
  /** When the oldest message of a topic is by now that was given another time than its own. */
  readonly #moved = new Map<string, number>();
  /** By topic, how many of the last live messages the response has not: a session may be ahead of the mark. */
  readonly newer = new Map<string, number>();
  /** Messages that the broker had retained, and that are in the response. */
  readonly replaced = new Set<string>();
  /** Of the response, those for which they were {@link replaced}. */
  readonly replacing = new Set<StoredMessage>();

  /**
   * @param span of the request.
   * @param findOwn the live messages in the span, up to the mark if there is one; called once, with the epoch of the
   * historian's messages.
   * @param known what earlier responses had.
   */
  constructor(span: Span, findOwn: (isMarked: boolean, epoch: number) => OwnMessages, known: KnownHistory) {
    this.#span = span;
    this.#findOwn = findOwn;
    this.#known = known;
  }

  /**
   * @param isMarked whether the mark of the response has come.
   * @returns the messages that are new, in the order of time; all are older than those that were returned before.
   */
  add(part: HistoryPart, isMarked: boolean, isLast: boolean): StoredMessage[] {
    const epoch = this.#known.epochOf(part.run);
    for (const message of part.messages) {
      message.epoch = epoch;
    }
    if (this.#own === undefined) {
      this.#own = this.#findOwn(isMarked, epoch);
      for (const { topic, payload } of this.#own.repeated) {
        this.replaced.add(keyOf(topic, payload));
      }
      this.#isMarked = isMarked;
      this.#uncertaintyMs = part.clock.uncertaintyMs;
    }
    if (this.#waiting === undefined) {
      return this.#beforeMoved(this.#takeUnknown(part.messages));
    }
    this.#waiting.unshift(part.messages);
    const oldest = part.messages.at(0)?.time ?? Infinity;
    return isLast || oldest < this.#oldestLive - this.#maxDelayMs ? this.#flush() : [];
  }

  /** Whether the response has been joined with the live messages; messages that wait for that are in no row. */
  get isJoined(): boolean {
    return this.#waiting === undefined;
  }

  /** How long a message may take from the broker to here, in milliseconds. */
  get #maxDelayMs(): number {
    return this.#uncertaintyMs + (this.#isMarked ? MARKED_DELAY_MS : DELAY_MS);
  }

  /** Whether a message of the broker's retained ones is in the response. */
  isReplaced({ topic, payload, retain }: StoredMessage): boolean {
    return retain && this.replaced.size > 0 && this.replaced.has(keyOf(topic, payload));
  }

  get #oldestLive(): number {
    let oldest = Infinity;
    for (const messages of this.#own!.live.values()) {
      oldest = Math.min(oldest, messages[0].time);
    }
    return oldest;
  }

  #flush(): StoredMessage[] {
    const messages = this.#takeUnknown((this.#waiting ?? []).flat());
    this.#waiting = undefined;
    const times = messages.map(({ time }) => time);
    const known = this.#alsoLive(messages);
    const markedAt = this.#own!.marked?.at ?? Infinity;
    for (const [at, message] of messages.entries()) {
      message.time = Math.min(message.time, markedAt);
      if (message.time < times[at]) {
        this.#moved.set(message.topic, Math.min(message.time, this.#moved.get(message.topic) ?? Infinity));
      }
    }
    return messages.filter((message) => !known.has(message)).toSorted((a, b) => a.time - b.time);
  }

  /** Older messages stay before those that were given an earlier time. */
  #beforeMoved(messages: HistoryMessage[]): HistoryMessage[] {
    for (const message of messages) {
      message.time = Math.min(message.time, (this.#moved.get(message.topic) ?? Infinity) - 1);
    }
    return messages;
  }

  /** The messages that no response has had, which are known from now on: not before, because a response may end early. */
  #takeUnknown(messages: readonly HistoryMessage[]): HistoryMessage[] {
    const unknown = messages.filter((message) => !this.#known.has(message));
    this.#known.add(messages);
    for (const message of unknown) {
      const { topic, payload } = message;
      if (this.#own!.retained.get(topic)?.some((own) => equalBytes(own.payload, payload)) === true) {
        this.#replaceBy(message);
      }
    }
    return unknown;
  }

  #replaceBy(message: StoredMessage): void {
    const key = keyOf(message.topic, message.payload);
    if (!this.replaced.has(key)) {
      this.replaced.add(key);
      this.replacing.add(message);
    }
  }

  #alsoLive(messages: readonly HistoryMessage[]): Set<HistoryMessage> {
    const known = new Set<HistoryMessage>();
    const byTopic = new Map<string, HistoryMessage[]>();
    for (const message of messages) {
      getOrSet(byTopic, message.topic, () => []).push(message);
    }
    for (const [topic, live] of this.#own!.live) {
      // The historian may have given a message a later time than its own: times of a topic never decrease
      const from = Math.max(this.#span.from, live[0].time - MAX_DELAY_MS);
      const past = (byTopic.get(topic) ?? []).filter(({ time }) => time >= from);
      const partners = this.#partners(past, live);
      this.newer.set(topic, partners.length - 1 - partners.findLastIndex((at) => at >= 0));
      for (const at of partners) {
        if (at >= 0) {
          known.add(past[at]);
        }
      }
      keepOrder(past, live, partners);
    }
    return known;
  }

  /**
   * Of equal messages without a pause, each can take the place of the one before. So the times must fit as well as they
   * can: messages that the response has not may not take the place of those that were missed. They fit badly where a
   * message of a connection that stood has no partner on either side.
   */
  #partners(past: readonly HistoryMessage[], live: readonly StoredMessage[]): Int32Array {
    const certainFrom = this.#span.from + DELAY_MS + this.#uncertaintyMs;
    // With a mark, all have a partner, if none of them may have a time before the span by the historian's clock
    const longest = (this.#isMarked && live[0].time >= certainFrom ? MARKED_EARLY_MS : EARLY_MS) + this.#uncertaintyMs;
    if (!this.#isMarked) {
      return this.#aligned(past, live, longest);
    }
    let best: Int32Array | undefined;
    let fewest = Infinity;
    let least = Infinity;
    // Of rules that leave as many live messages alone, the one that finds less that the connection would have missed; of
    // these the first, if delays that differ less do not speak for another one
    for (const early of [this.#leastEarlyMs(past, live), EARLY_MS + this.#uncertaintyMs, longest]) {
      const partners = this.#aligned(past, live, early);
      const lacking = partners.filter((at, index) => at < 0 && live[index].time >= certainFrom).length;
      const wrong = lacking + missedMeanwhile(live, partners) / (past.length + 1);
      const spread = spreadOf(past, live, partners);
      if (wrong < fewest || (wrong === fewest && spread < least - EARLY_MS)) {
        best = partners;
        fewest = wrong;
        least = spread;
      }
      if (fewest === 0 && least <= EARLY_MS) {
        break;
      }
    }
    return best!;
  }

  /**
   * How much earlier than the historian's time a message may have come, in milliseconds, by the messages between the
   * last loss of the connection and the mark: all of them are the last ones of the response.
   */
  #leastEarlyMs(past: readonly HistoryMessage[], live: readonly StoredMessage[]): number {
    let early = -Infinity;
    for (let back = 1; back <= Math.min(past.length, live.length); back++) {
      const [message, own] = [past.at(-back)!, live.at(-back)!];
      if (own.epoch !== this.#own!.marked?.epoch || !equalBytes(message.payload, own.payload)) {
        break;
      }
      early = Math.max(early, message.time - own.time);
    }
    return early === -Infinity ? this.#uncertaintyMs : Math.max(0, early);
  }

  /** @param early how much earlier than the historian's time a message may have come, in milliseconds. */
  #aligned(past: readonly HistoryMessage[], live: readonly StoredMessage[], early: number): Int32Array {
    const maxDelay = this.#maxDelayMs;
    const isPair =
      (earliest: number, longest: number) =>
      (a: number, b: number): boolean => {
        const delay = live[b].time - past[a].time;
        return delay >= -earliest && delay <= longest && equalBytes(past[a].payload, live[b].payload);
      };
    // Only those that may have a partner: what is long before makes the runs unequal
    const first = past.findIndex(({ time }) => time >= live[0].time - maxDelay);
    const begin = first < 0 ? past.length : first;
    const isNear = isPair(early, maxDelay);
    const partners = align(past.length - begin, live.length, (a, b) => isNear(a + begin, b)).map((at) =>
      at < 0 ? -1 : at + begin
    );
    if (this.#isMarked) {
      alignGaps(partners, begin, past.length, isPair(Math.max(early, EARLY_MS + this.#uncertaintyMs), maxDelay));
      alignGaps(partners, undefined, past.length, isPair(early, MAX_DELAY_MS));
    } else {
      // Behind the last pair there may be messages that one of the two does not have
      const last = partners.findLastIndex((at) => at >= 0);
      alignGaps(partners.subarray(0, last + 1), undefined, partners[last] + 1, isPair(early, MARKED_DELAY_MS));
    }
    return partners;
  }
}

/** How much the delays of messages and their partners differ, in milliseconds. */
function spreadOf(past: readonly HistoryMessage[], live: readonly StoredMessage[], partners: Int32Array): number {
  let [shortest, longest] = [Infinity, -Infinity];
  for (const [index, at] of partners.entries()) {
    if (at >= 0) {
      const delay = live[index].time - past[at].time;
      shortest = Math.min(shortest, delay);
      longest = Math.max(longest, delay);
    }
  }
  return Math.max(0, longest - shortest);
}

/**
 * How many messages of a response have no partner although they came while the connection stood, between messages of one
 * epoch: nothing is missed then, as a rule.
 */
function missedMeanwhile(live: readonly StoredMessage[], partners: Int32Array): number {
  let missed = 0;
  let before = -1;
  for (const [index, at] of partners.entries()) {
    if (at >= 0) {
      missed += before >= 0 && live[index].epoch === live[before].epoch ? at - partners[before] - 1 : 0;
      before = index;
    }
  }
  return missed;
}

/**
 * Two clocks agree to some milliseconds only: messages before one that came live too are given a time before its own, and
 * those behind it a time that is not before.
 */
function keepOrder(past: readonly HistoryMessage[], live: readonly StoredMessage[], partners: Int32Array): void {
  const times = new Map<number, number>();
  partners.forEach((at, index) => times.set(at, live[index].time));
  let earliest = -Infinity;
  for (const [at, message] of past.entries()) {
    earliest = times.get(at) ?? earliest;
    message.time = Math.max(message.time, earliest);
  }
  let latest = Infinity;
  for (let at = past.length - 1; at >= 0; at--) {
    latest = times.has(at) ? times.get(at)! - 1 : latest;
    past[at].time = Math.min(past[at].time, latest);
  }
}

function keyOf(topic: string, payload: Uint8Array): string {
  return `${topic}\n${String.fromCharCode(...payload.subarray(0, 1_024))}\n${payload.length}`;
}
