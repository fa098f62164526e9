import { EvictionQueue } from './eviction';
import { MAX_PAYLOAD_BYTES, type HistoryLimits } from './options';
import { Series } from './series';
import { TopicIndex } from './topic-index';

/** What is told about every change, to write it down. */
export interface SeriesListener {
  /** A row was added or thrown away. */
  changed(series: Series): void;
  /** It was thrown away as a whole. */
  removed(series: Series): void;
}

export interface HistoryCounts {
  messages: number;
  bytes: number;
  topics: number;
  /** Messages that were not kept for being larger than {@link MAX_PAYLOAD_BYTES}. */
  oversized: number;
}

/** The messages that are kept, in memory, topic by topic. */
export class HistoryStore {
  readonly counts: HistoryCounts = { messages: 0, bytes: 0, topics: 0, oversized: 0 };
  /** Time of the newest message of the topics that were thrown away as a whole; -Infinity while none was. */
  evictedUntil = -Infinity;
  /** Writes it down. */
  listener: SeriesListener | undefined;
  readonly limits: Readonly<HistoryLimits>;
  readonly #index = new TopicIndex<Series>();
  readonly #oldest = new EvictionQueue<Series>();
  readonly #now: () => number;

  /** @param now milliseconds since 1970 */
  constructor(limits: HistoryLimits, now: () => number = Date.now) {
    this.limits = limits;
    this.#now = now;
  }

  /**
   * Adds a message with the time of now, or that of the last message of its topic where the clock is behind that.
   *
   * A device that connects again says once more what it had said last, retained. Where that is the first message of its
   * topic since the broker started, it is no news, and not kept.
   */
  append(topic: string, payload: Buffer, retain: boolean): void {
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
    const series = known ?? this.#begin(topic);
    const before = series.bytes;
    series.push(now, text);
    this.counts.messages += 1;
    this.counts.bytes += series.bytes - before;
    if (known) {
      this.#index.touch(series);
    } else {
      this.#oldest.add(series);
    }
    this.listener?.changed(series);
    if (series.length > this.limits.messages) {
      this.#shift(series);
    }
    this.#trim(now);
  }

  /** Takes up what was kept before; the series in the order in which they were last written. */
  restore(series: Series): void {
    series.restored = true;
    this.#index.add(series);
    this.#oldest.add(series);
    this.counts.topics += 1;
    this.counts.messages += series.length;
    this.counts.bytes += series.bytes + series.ownBytes;
    if (this.counts.topics > this.limits.topics) {
      this.#endLeastRecent();
    }
    while (series.length > this.limits.messages) {
      this.#shift(series);
    }
    this.#trim(this.#now());
  }

  /** The topics that match a filter. What comes and goes while they are read does no harm. */
  matching(filter: string): Iterable<Series> {
    return this.#index.matching(filter);
  }

  /** Throws away what is too old, of topics that are silent too. */
  expire(): void {
    this.#trim(this.#now());
  }

  #begin(topic: string): Series {
    if (this.counts.topics >= this.limits.topics) {
      this.#endLeastRecent();
    }
    const series = new Series(topic);
    this.#index.add(series);
    this.counts.topics += 1;
    this.counts.bytes += series.ownBytes;
    return series;
  }

  /** Throws the oldest of all away, for as long as it is too old or there is too much. */
  #trim(now: number): void {
    const oldest = now - this.limits.age * 1_000;
    for (let series = this.#oldest.oldest(); series; series = this.#oldest.oldest()) {
      if (this.counts.bytes <= this.limits.bytes && series.timeOf(series.first) >= oldest) {
        return;
      }
      this.#shift(series);
    }
  }

  #shift(series: Series): void {
    this.counts.bytes -= series.shift();
    this.counts.messages -= 1;
    if (series.length === 0) {
      this.#end(series);
    } else {
      this.listener?.changed(series);
    }
  }

  #endLeastRecent(): void {
    const series = this.#index.oldest;
    if (series) {
      this.#end(series);
    }
  }

  #end(series: Series): void {
    this.evictedUntil = Math.max(this.evictedUntil, series.lastTime);
    series.removed = true;
    this.#index.delete(series);
    this.counts.topics -= 1;
    this.counts.messages -= series.length;
    this.counts.bytes -= series.bytes + series.ownBytes;
    this.listener?.removed(series);
  }
}
