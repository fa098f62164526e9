import type { SeriesBuilder } from '../payload';
import { SAMPLE_BYTES, type PayloadSample, type StreamFailure, type StreamStats } from './protocol';

/** How often the payload of a stream is shown, in milliseconds. */
const SAMPLE_MS = 1_000;

/** Clocks that are further off than this are worth a word, in milliseconds. */
const SKEW_MS = 30 * 60_000;

/** What of a series the stream's numbers are made of. */
export interface Counted {
  readonly builder: SeriesBuilder;
  /** How far the newest time of its last message lay from the arrival, in milliseconds; 0 for times of arrival. */
  readonly offset: number;
}

/** Counts what becomes of a stream's messages, and keeps a few of them to be looked at. */
export class StreamCounts {
  messages = 0;
  failed = 0;
  partial = 0;
  droppedRows = 0;
  /** Series with a label that is cut. */
  cutLabels = 0;
  #first: StreamFailure | undefined;
  #last: StreamFailure | undefined;
  #problem: StreamStats['lastProblem'];
  #sample: PayloadSample | undefined;
  #sampledAt = -Infinity;
  #sampledTopic: string | undefined;

  fail(topic: string, payload: Uint8Array, reason: string): void {
    this.failed++;
    this.#last = { ...sampleOf(topic, payload), reason };
    this.#first ??= this.#last;
  }

  problem(topic: string, payload: Uint8Array, reason: string): void {
    this.partial++;
    this.#problem = { ...sampleOf(topic, payload), reason };
  }

  /** Keeps the payload where it is of the first topic and none was kept for a second. */
  sample(time: number, topic: string, payload: Uint8Array): void {
    if (time - this.#sampledAt >= SAMPLE_MS && topic === (this.#sampledTopic ??= topic)) {
      this.#sampledAt = time;
      this.#sample = sampleOf(topic, payload);
    }
  }

  /** The sample that was not given out yet. */
  takeSample(): PayloadSample | undefined {
    const sample = this.#sample;
    this.#sample = undefined;
    return sample;
  }

  stats(series: Iterable<Counted>, refusedTopics: number, untimedRows: number): StreamStats {
    let [refusedValues, mistypedValues, inexactValues, siblingValues] = [0, 0, 0, 0];
    let [longKeys, deepValues, longLists, otherUnitValues] = [0, 0, 0, 0];
    let [skewed, offsetMs] = [0, 0];
    let topic = '';
    for (const { builder, offset } of series) {
      refusedValues += builder.refusedValues;
      longKeys += builder.longKeys;
      deepValues += builder.deepValues;
      longLists += builder.longLists;
      mistypedValues += builder.mistypedValues;
      inexactValues += builder.inexactValues;
      siblingValues += builder.siblingValues;
      otherUnitValues += builder.otherUnitValues;
      if (Math.abs(offset) > SKEW_MS) {
        skewed++;
        if (Math.abs(offset) > Math.abs(offsetMs)) {
          [offsetMs, topic] = [offset, builder.topic];
        }
      }
    }
    return {
      messages: this.messages,
      failed: this.failed,
      ...(this.#first === undefined ? undefined : { firstFailure: this.#first, lastFailure: this.#last }),
      partial: this.partial,
      ...(this.#problem === undefined ? undefined : { lastProblem: this.#problem }),
      refusedTopics,
      refusedValues,
      longKeys,
      deepValues,
      longLists,
      cutLabels: this.cutLabels,
      mistypedValues,
      inexactValues,
      siblingValues,
      otherUnitValues,
      untimedRows,
      droppedRows: this.droppedRows,
      ...(skewed === 0 ? undefined : { skew: { series: skewed, topic, offsetMs } }),
    };
  }
}

/** A copy of the beginning: the payload lies in the memory of a whole chunk of the socket. */
function sampleOf(topic: string, payload: Uint8Array): PayloadSample {
  return { topic, bytes: payload.slice(0, SAMPLE_BYTES), length: payload.length };
}
