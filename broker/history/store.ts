import { EvictionQueue } from './eviction';
import { MAX_PAYLOAD_BYTES, type HistoryLimits } from './options';
import { flagsOf, Series, type MessageFlags, type UserProperties } from './series';
import { TopicIndex } from './topic-index';

/** Receives every change of a store, to persist it. */
export interface SeriesListener {
  /** A message was added or evicted. */
  changed(series: Series): void;
  /** The topic was evicted. */
  removed(series: Series): void;
}

export interface HistoryCounts {
  messages: number;
  bytes: number;
  topics: number;
  /** Messages that were larger than {@link MAX_PAYLOAD_BYTES}. */
  oversized: number;
}

/** Recorded messages in memory, by topic. */
export class HistoryStore {
  readonly counts: HistoryCounts = { messages: 0, bytes: 0, topics: 0, oversized: 0 };
  /** Time of the newest message of all evicted topics, in milliseconds since 1970; -Infinity when none was evicted. */
  evictedUntil = -Infinity;
  /** Persists the changes. */
  listener: SeriesListener | undefined;
  readonly limits: Readonly<HistoryLimits>;
  /** The number of the first message of a new topic: a topic that comes again after its eviction counts on. */
  #firstRow = 0;
  readonly #index = new TopicIndex<Series>();
  readonly #evictionQueue = new EvictionQueue<Series>();
  readonly #now: () => number;

  /** @param now milliseconds since 1970 */
  constructor(limits: HistoryLimits, now: () => number = Date.now) {
    this.limits = limits;
    this.#now = now;
  }

  /**
   * Adds a message with the current time, or with the time of the topic's newest message where the clock went back.
   *
   * Devices publish their retained messages again when they reconnect. A retained message that is the first one of its
   * topic after a restart, and equal to the newest recorded one, is skipped.
   */
  append(
    topic: string,
    payload: Buffer,
    retain: boolean,
    qos: MessageFlags['qos'] = 0,
    properties?: UserProperties
  ): void {
    if (payload.length > MAX_PAYLOAD_BYTES) {
      this.counts.oversized += 1;
      return;
    }
    const text = payload.toString('latin1');
    const known = this.#index.get(topic);
    if (known?.restored) {
      known.restored = false;
      if (retain && known.payloadOf(known.next - 1) === text) {
        return;
      }
    }
    const now = this.#now();
    this.#add(known, topic, now, text, now, flagsOf({ qos, retain }), properties);
  }

  /**
   * Adds a message of the past.
   *
   * @param time milliseconds since 1970, not after now
   * @returns false if the message was not added: it is too old or too large, or its topic has a newer message
   */
  import(topic: string, payload: Buffer, time: number): boolean {
    const now = this.#now();
    const known = this.#index.get(topic);
    if (time < now - this.limits.age * 1_000 || time < (known?.lastTime ?? -Infinity)) {
      return false;
    }
    if (payload.length > MAX_PAYLOAD_BYTES) {
      this.counts.oversized += 1;
      return false;
    }
    this.#add(known, topic, time, payload.toString('latin1'), now, 0);
    return true;
  }

  #add(
    known: Series | undefined,
    topic: string,
    time: number,
    text: string,
    now: number,
    flags: number,
    properties?: UserProperties
  ): void {
    const series = known ?? this.#addSeries(topic);
    const before = series.bytes;
    series.push(time, text, flags, properties);
    this.counts.messages += 1;
    this.counts.bytes += series.bytes - before;
    if (known) {
      this.#index.touch(series);
      if (series.isBirth && series.length === 2) {
        this.#evictionQueue.addAgain(series);
      }
    } else {
      this.#evictionQueue.add(series);
    }
    this.listener?.changed(series);
    if (series.length > this.limits.messages) {
      this.#evictOldest(series);
    }
    this.#evict(now);
  }

  /** Adds a topic of an earlier run. Call it in the order in which the topics were last written. */
  restore(series: Series): void {
    series.restored = true;
    this.#index.add(series);
    this.#evictionQueue.add(series);
    this.counts.topics += 1;
    this.counts.messages += series.length;
    this.counts.bytes += series.bytes + series.ownBytes;
    if (this.counts.topics > this.limits.topics) {
      this.#evictLeastRecentTopic();
    }
    while (series.length > this.limits.messages) {
      this.#evictOldest(series);
    }
    this.#evict(this.#now());
  }

  /** The topics that match a filter. Topics may be added and evicted during the iteration. */
  matching(filter: string): Iterable<Series> {
    return this.#index.matching(filter);
  }

  /** Evicts expired messages, also of topics without new messages. */
  expire(): void {
    this.#evict(this.#now());
  }

  #addSeries(topic: string): Series {
    if (this.counts.topics >= this.limits.topics) {
      this.#evictLeastRecentTopic();
    }
    const series = new Series(topic, this.#firstRow);
    this.#index.add(series);
    this.counts.topics += 1;
    this.counts.bytes += series.ownBytes;
    return series;
  }

  /** Evicts the message of all topics that is due first while it is expired or the history is too large. */
  #evict(now: number): void {
    const oldest = now - this.limits.age * 1_000;
    for (let series = this.#evictionQueue.oldest(); series; series = this.#evictionQueue.oldest()) {
      if (this.counts.bytes <= this.limits.bytes && series.dueTime >= oldest) {
        return;
      }
      this.#evictOldest(series);
    }
  }

  #evictOldest(series: Series): void {
    this.counts.bytes -= series.shift();
    this.counts.messages -= 1;
    if (series.length === 0) {
      this.#remove(series);
    } else {
      this.listener?.changed(series);
    }
  }

  #evictLeastRecentTopic(): void {
    const series = this.#index.oldest;
    if (series) {
      this.#remove(series);
    }
  }

  #remove(series: Series): void {
    this.evictedUntil = Math.max(this.evictedUntil, series.lastTime);
    series.removed = true;
    this.#firstRow = Math.max(this.#firstRow, series.next);
    this.#index.delete(series);
    this.counts.topics -= 1;
    this.counts.messages -= series.length;
    this.counts.bytes -= series.bytes + series.ownBytes;
    this.listener?.removed(series);
  }
}
