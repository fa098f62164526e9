import type { SeriesBuilder } from '../payload';
import type { IncomingMessage } from './incoming-message';
import type { SenderClock } from './sender-clock';
import { emptyStats, SAMPLE_BYTES, type PayloadSample, type StreamFailure, type StreamStats } from './protocol';

/** How often the payload of a stream is shown, in milliseconds. */
const SAMPLE_MS = 1_000;

/** Clocks that are further off than this are worth a word, in milliseconds. */
const SKEW_MS = 30 * 60_000;

/** Counters of each series; the stream's statistics have the sums by the same names. */
const SERIES_COUNTERS = [
  'refusedValues',
  'longKeys',
  'deepValues',
  'longLists',
  'mistypedValues',
  'inexactValues',
  'siblingValues',
  'otherUnitValues',
] as const satisfies ReadonlyArray<keyof SeriesBuilder & keyof StreamStats>;

/** The properties of a message that a sample has. */
type SampledMessage = Pick<IncomingMessage, 'payload' | 'retain'>;

/** The part of a series that the statistics of a stream use. */
export interface Counted {
  readonly builder: SeriesBuilder;
  readonly clock: SenderClock;
}

/** Counts what becomes of a stream's messages, and keeps a few of them to be looked at. */
export class StreamCounts {
  messages = 0;
  /** Retained messages that the query ignores. They are no part of {@link messages}. */
  ignoredMessages = 0;
  failed = 0;
  partial = 0;
  droppedRows = 0;
  /** Messages that cannot be told from some that the broker has sent again. */
  unsureRepeats = 0;
  /** Series with a label that is cut. */
  cutLabels = 0;
  #first: StreamFailure | undefined;
  #last: StreamFailure | undefined;
  #problem: StreamStats['lastProblem'];
  #sample: PayloadSample | undefined;
  #sampledAt = -Infinity;
  #sampledTopic: string | undefined;

  receive({ mayRepeat }: IncomingMessage): void {
    this.messages++;
    if (mayRepeat === true) {
      this.unsureRepeats++;
    }
  }

  fail(topic: string, message: SampledMessage, reason: string): void {
    this.failed++;
    this.#last = { ...sampleOf(topic, message), reason };
    this.#first ??= this.#last;
  }

  problem(topic: string, message: SampledMessage, reason: string): void {
    this.partial++;
    this.#problem = { ...sampleOf(topic, message), reason };
  }

  /** Keeps the payload where it is of the first topic and none was kept for a second. */
  sample(time: number, topic: string, message: SampledMessage): void {
    if (time - this.#sampledAt >= SAMPLE_MS && topic === (this.#sampledTopic ??= topic)) {
      this.#sampledAt = time;
      this.#sample = sampleOf(topic, message);
    }
  }

  /** The sample that was not given out yet. */
  takeSample(): PayloadSample | undefined {
    const sample = this.#sample;
    this.#sample = undefined;
    return sample;
  }

  /** The counters of the stream and of its series, and what else a page shows of the stream. */
  stats(series: Iterable<Counted>, refusedTopics: number, { untimedRows, untimedText }: Untimed): StreamStats {
    const { messages, ignoredMessages, failed, partial, droppedRows, unsureRepeats, cutLabels } = this;
    const stats: { -readonly [K in keyof StreamStats]: StreamStats[K] } = {
      ...emptyStats(),
      messages,
      ignoredMessages,
      failed,
      partial,
      droppedRows,
      unsureRepeats,
      cutLabels,
      refusedTopics,
      untimedRows,
      untimedText,
    };
    let [skewed, offsetMs] = [0, 0];
    let topic = '';
    for (const { builder, clock } of series) {
      const offset = clock.offset(SKEW_MS);
      for (const counter of SERIES_COUNTERS) {
        stats[counter] += builder[counter];
      }
      if (Math.abs(offset) > SKEW_MS) {
        skewed++;
        if (Math.abs(offset) > Math.abs(offsetMs)) {
          [offsetMs, topic] = [offset, builder.topic];
        }
      }
    }
    return {
      ...stats,
      ...(this.#first === undefined ? undefined : { firstFailure: this.#first, lastFailure: this.#last }),
      ...(this.#problem === undefined ? undefined : { lastProblem: this.#problem }),
      ...(skewed === 0 ? undefined : { skew: { series: skewed, topic, offsetMs } }),
    };
  }
}

/** The rows that had no readable time. */
type Untimed = Pick<StreamStats, 'untimedRows' | 'untimedText'>;

/** A copy of the beginning: the payload lies in the memory of a whole chunk of the socket. */
function sampleOf(topic: string, { payload, retain }: SampledMessage): PayloadSample {
  const bytes = payload.slice(0, SAMPLE_BYTES);
  return { topic, bytes, length: payload.length, ...(retain ? { retained: true } : undefined) };
}
