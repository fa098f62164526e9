import { createDecoder, DecodeFailure, type Decoder, SeriesBuilder } from '../payload';
import type { StreamBatch, StreamSpec, StreamStats } from './protocol';

interface Series {
  readonly builder: SeriesBuilder;
  /** The connection over which its last message came. */
  epoch: number;
  dirty: boolean;
}

/** Topics beyond `maxSeries` that are remembered so as to count each once. */
const MAX_REFUSED = 10_000;

/** What one stream subscribes to, decoded into series of rows that wait to be taken. */
export class Stream {
  readonly #decode: Decoder;
  readonly #series = new Map<string, Series>();
  readonly #dirty: Series[] = [];
  readonly #refused = new Set<string>();
  #messages = 0;
  #failed = 0;
  #dropped = 0;
  #lastFailure: StreamStats['lastFailure'];
  #statsDue = false;

  constructor(
    readonly id: number,
    readonly spec: StreamSpec
  ) {
    this.#decode = createDecoder(spec.format);
  }

  /**
   * @param retained whether the broker sent it because of a new subscription [MQTT-3.3.1-8]. Another stream's
   * subscribing makes the broker send it again to all; a series that has a newer message skips it.
   */
  add(time: number, topic: string, payload: Uint8Array, retained: boolean, epoch: number): void {
    const series = this.#series.get(topic) ?? this.#open(topic);
    this.#statsDue = true;
    if (series === undefined || (retained && series.epoch === epoch)) {
      return;
    }
    this.#messages++;
    series.epoch = epoch;
    try {
      const value = this.#decode(payload);
      if (value instanceof DecodeFailure) {
        this.#fail(topic, value.reason);
      } else {
        series.builder.add(time, value);
      }
    } catch (error) {
      // Decoders do not throw. If one does all the same, it must not take the rest of the socket's bytes with it.
      this.#fail(topic, `This plugin failed on the payload: ${error instanceof Error ? error.message : String(error)}`);
    }
    if (!series.dirty) {
      series.dirty = true;
      this.#dirty.push(series);
    }
  }

  /** What has come since the last call; `undefined` if nothing has. */
  take(): StreamBatch | undefined {
    if (this.#dirty.length === 0 && !this.#statsDue) {
      return undefined;
    }
    const chunks = [];
    let refusedValues = 0;
    for (const series of this.#dirty) {
      series.dirty = false;
      const chunk = series.builder.take();
      if (chunk !== undefined) {
        this.#dropped += chunk.dropped;
        chunks.push(chunk);
      }
    }
    for (const { builder } of this.#series.values()) {
      refusedValues += builder.overflow;
    }
    this.#dirty.length = 0;
    this.#statsDue = false;
    return { stream: this.id, chunks, stats: this.#stats(refusedValues) };
  }

  #stats(refusedValues: number): StreamStats {
    return {
      messages: this.#messages,
      failed: this.#failed,
      ...(this.#lastFailure === undefined ? undefined : { lastFailure: this.#lastFailure }),
      refusedTopics: this.#refused.size,
      refusedValues,
      droppedRows: this.#dropped,
    };
  }

  #fail(topic: string, reason: string): void {
    this.#failed++;
    this.#lastFailure = { topic, reason };
  }

  #open(topic: string): Series | undefined {
    if (this.#series.size >= this.spec.maxSeries) {
      if (this.#refused.size < MAX_REFUSED) {
        this.#refused.add(topic);
      }
      return undefined;
    }
    const builder = new SeriesBuilder(this.#series.size, topic, this.spec.maxRows);
    const series: Series = { builder, epoch: -1, dirty: false };
    this.#series.set(topic, series);
    return series;
  }
}
