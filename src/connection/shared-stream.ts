import type { Nearest, StreamRefusal, StreamSpec, StreamStats } from '../engine';
import type { PayloadSample, StreamBatch } from '../engine/protocol';
import { CircularFrame, type Gap } from '../frames';
import { ListenerSet } from './listener-set';

/** One series of a stream and the rows that this tab keeps of it. */
export interface StreamSeries {
  readonly topic: string;
  /** What in its messages tells it apart from others of its topic. */
  readonly labels: Readonly<Record<string, string>>;
  readonly frame: CircularFrame;
  /** When it was last put into a response, in milliseconds of the page's own clock. */
  lastRead: number;
}

const NO_STATS: StreamStats = {
  messages: 0,
  failed: 0,
  partial: 0,
  refusedTopics: 0,
  refusedValues: 0,
  longKeys: 0,
  deepValues: 0,
  longLists: 0,
  cutLabels: 0,
  mistypedValues: 0,
  inexactValues: 0,
  siblingValues: 0,
  otherUnitValues: 0,
  untimedRows: 0,
  droppedRows: 0,
};

/** Gaps that are remembered; a line that breaks more often has other worries. */
const MAX_GAPS = 100;

const NO_LABELS: StreamSeries['labels'] = {};

/**
 * The page's end of a stream: what has come is kept in a circular frame per series, for all who read it and for a
 * while after the last has left, because a dashboard unsubscribes and asks again at every refresh and edit.
 */
export class SharedStream {
  readonly series: StreamSeries[] = [];
  /** Series that keep fewer rows than asked for, because memory is short. */
  readonly memoryLimited = new Set<StreamSeries>();
  readonly #changes = new ListenerSet();
  #neededMs = 0;
  /** When the connection was away, and what came meanwhile is lost; oldest first. */
  readonly gaps: Gap[] = [];
  stats: StreamStats = NO_STATS;
  /** A payload of the first topic. */
  sample: PayloadSample | undefined;
  /** The broker has answered for every filter and refused none. */
  granted = false;
  refused: readonly StreamRefusal[] = [];
  /** When the broker granted the subscription, in milliseconds; for saying how long nothing has come. */
  grantedAt: number | undefined;
  /** What exists near those of its filters that matched nothing, once it was looked for. */
  nearest: readonly Nearest[] = [];
  /** When it was last looked for, in milliseconds. */
  nearestSearchedAt = -Infinity;
  /** What keeps it: readers, and the linger after them. */
  readers = 0;
  linger: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly id: number,
    readonly key: string,
    readonly spec: StreamSpec
  ) {}

  /** Calls back whenever rows, counters or the broker's answer have changed. @returns unsubscribes. */
  readonly onChange = this.#changes.subscribe;

  /** Somebody shows a time range of so many milliseconds: where that takes more rows, they are kept. */
  requireRange(rangeMs: number): void {
    this.#neededMs = Math.max(this.#neededMs, rangeMs);
  }

  /** What its rows take in memory. */
  get bytes(): number {
    return this.series.reduce((sum, { frame }) => sum + frame.bytes, 0);
  }

  /** Rows that came too late: older than all that their series had room for. */
  get late(): number {
    return this.series.reduce((sum, { frame }) => sum + frame.late, 0);
  }

  /** The connection was away, and the broker kept nothing of what came meanwhile. */
  addGap(gap: Gap): void {
    this.gaps.push(gap);
    if (this.gaps.length > MAX_GAPS) {
      this.gaps.shift();
    }
  }

  changed(): void {
    this.#changes.notify();
  }

  append(batch: StreamBatch): void {
    this.stats = batch.stats;
    this.sample = batch.sample ?? this.sample;
    for (const chunk of batch.chunks) {
      let series = this.series[chunk.series];
      if (series === undefined) {
        const { topic = '', labels = NO_LABELS } = chunk;
        series = { topic, labels, frame: new CircularFrame(this.spec.pendingRows), lastRead: -Infinity };
        this.series[chunk.series] = series;
      }
      this.#makeRoom(series, chunk.rows);
      series.frame.append(chunk);
      const newest = series.frame.newestTime;
      if (this.spec.maxAgeMs !== undefined && newest !== undefined) {
        // One time that lies in the future must not make all others old.
        series.frame.expire(Math.min(newest, Date.now()) - this.spec.maxAgeMs);
      }
    }
    this.changed();
  }

  /** A full series grows rather than lose what a time range still needs, unless memory has been short for it. */
  #makeRoom(series: StreamSeries, rows: number): void {
    const { frame } = series;
    const { maxRows = 0 } = this.spec;
    const { capacity, length, newestTime } = frame;
    if (
      length + rows > capacity &&
      capacity < maxRows &&
      newestTime !== undefined &&
      newestTime - frame.time(0) < this.#neededMs &&
      !this.memoryLimited.has(series)
    ) {
      frame.grow(Math.min(maxRows, Math.max(2 * capacity, length + rows)));
    }
  }
}
