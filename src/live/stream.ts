import type { StreamRefusal, StreamSpec, StreamStats } from '../engine';
import type { StreamBatch } from '../engine/protocol';
import { CircularFrame } from '../frames';

/** One topic of a stream and the rows that this tab keeps of it. */
export interface LiveSeries {
  readonly topic: string;
  readonly frame: CircularFrame;
  /** When it was last put into a packet, in milliseconds of the page's own clock. */
  lastRead: number;
}

const NO_STATS: StreamStats = { messages: 0, failed: 0, refusedTopics: 0, refusedValues: 0, droppedRows: 0 };

/**
 * The page's end of a stream: what has come is kept in a circular frame per topic, for all who read it and for a
 * while after the last has left, because a dashboard unsubscribes and asks again at every refresh and edit.
 */
export class LiveStream {
  readonly series: LiveSeries[] = [];
  /** Topics whose series keep fewer rows than asked for, because memory is short. */
  readonly shortened = new Set<string>();
  readonly #listeners = new Set<() => void>();
  stats: StreamStats = NO_STATS;
  /** The broker has answered for every filter and refused none. */
  granted = false;
  refused: readonly StreamRefusal[] = [];
  /** When the broker granted the subscription, in milliseconds; for saying how long nothing has come. */
  grantedAt: number | undefined;
  /** What keeps it: readers, and the linger after them. */
  readers = 0;
  linger: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly id: number,
    readonly key: string,
    readonly spec: StreamSpec
  ) {}

  /** Calls back whenever something has changed. @returns what ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What its rows take in memory. */
  get bytes(): number {
    return this.series.reduce((sum, { frame }) => sum + frame.bytes, 0);
  }

  changed(): void {
    for (const listener of this.#listeners) {
      listener();
    }
  }

  append(batch: StreamBatch): void {
    this.stats = batch.stats;
    for (const chunk of batch.chunks) {
      let series = this.series[chunk.series];
      if (series === undefined) {
        series = { topic: chunk.topic ?? '', frame: new CircularFrame(this.spec.maxRows), lastRead: -Infinity };
        this.series[chunk.series] = series;
      }
      series.frame.append(chunk);
      const newest = series.frame.newestTime;
      if (this.spec.maxAgeMs !== undefined && newest !== undefined) {
        series.frame.expire(newest - this.spec.maxAgeMs);
      }
    }
    this.changed();
  }
}
