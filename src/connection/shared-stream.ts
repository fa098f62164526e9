import type { Nearest, PastStatus, StreamRefusal, StreamSpec, StreamStats } from '../engine';
import { emptyStats } from '../engine/protocol';
import { TICK_MS } from '../engine/tick';
import type { LostMessages, PayloadSample, StreamBatch, SubscribeResult } from '../engine/protocol';
import { CircularFrame, type Gap, RowThinner } from '../frames';
import { ListenerSet } from './listener-set';

/** One series of a stream, with the rows that this tab stores. */
export interface StreamSeries {
  readonly topic: string;
  /** The labels from its messages, which distinguish it from other series of the topic. */
  readonly labels: Readonly<Record<string, string>>;
  readonly frame: CircularFrame;
  /** Defined once the frame was full. */
  thinner?: RowThinner;
  /** When it was last put into a response, in milliseconds of the page's own clock. */
  lastRead: number;
}

/** The number of gaps that are remembered, the newest. */
const MAX_GAPS = 100;

const NO_LABELS: StreamSeries['labels'] = {};

/**
 * The page's end of a stream: stores the rows of each series in a circular frame, for all its readers and for the
 * linger after the last one, because a dashboard unsubscribes and queries again at every refresh and edit.
 */
export class SharedStream {
  series: StreamSeries[] = [];
  /** The series of a stream that begins again, until they have all of the past. */
  #next: StreamSeries[] | undefined;
  /** The range of earlier messages that were no longer stored when it opened. */
  lost: LostMessages | undefined;
  /** The state of the request to a historian for what came before. */
  past: PastStatus = { state: 'done' };
  /** Whether a request was once complete: its rows stay while further ones are requested. */
  hasPast = false;
  #pastAfterReplay: PastStatus | undefined;
  /**
   * The spans that panels requested before there was an engine, in milliseconds since 1970; `to` is Infinity where one
   * follows the clock.
   */
  readonly spans: Gap[] = [];
  /** Series that store fewer rows than requested, because of the memory limit. */
  readonly memoryLimited = new Set<StreamSeries>();
  readonly #changes = new ListenerSet();
  #neededMs = 0;
  #mayThin = true;
  /** How often readers show it while much comes, in milliseconds. */
  readonly #ticks = new Map<object, number>();
  /** As the engine has it. */
  #tickMs = TICK_MS;
  readonly #sendTick: (ms: number) => void;
  /** When the connection was away and messages were lost, oldest first. */
  readonly gaps: Gap[] = [];
  stats: StreamStats = emptyStats();
  /** Messages that arrived while the stream was open, and when the last of them did, in milliseconds since the epoch. */
  liveMessages = 0;
  lastMessageAt: number | undefined;
  /** A payload of the first topic. */
  sample: PayloadSample | undefined;
  /** The broker has granted every filter. */
  granted = false;
  refused: readonly StreamRefusal[] = [];
  /** The lowest QoS that the broker has granted, if it is lower than requested. */
  grantedQos: 0 | 1 | 2 | undefined;
  /** When the broker granted the subscription, in milliseconds since the epoch. */
  grantedAt: number | undefined;
  /** Topics near the filters that matched none, after `findNearestTopics` has searched. */
  nearest: readonly Nearest[] = [];
  /** When they were last searched for, in milliseconds since the epoch. */
  nearestSearchedAt = -Infinity;
  #readers = 0;
  linger: ReturnType<typeof setTimeout> | undefined;

  /** @param sendTick tells the engine how often the stream is shown, in milliseconds, when that changes. */
  constructor(
    readonly id: number,
    readonly key: string,
    readonly spec: StreamSpec,
    sendTick: (ms: number) => void = () => undefined
  ) {
    this.#sendTick = sendTick;
  }

  /** Readers that have joined and not left; after the last one, the stream closes when {@link linger} ends. */
  get readers(): number {
    return this.#readers;
  }

  addReader(): void {
    this.#readers++;
    this.#updateTick();
  }

  removeReader(): void {
    this.#readers--;
    this.#updateTick();
  }

  /** Calls back whenever rows, counters or subscriptions have changed. @returns unsubscribes. */
  readonly onChange = this.#changes.subscribe;

  /**
   * A panel shows a time range of so many milliseconds: the series store enough rows for it, within their limits.
   *
   * @param isEnvelope of many rows, it shows only the smallest and largest values: those are enough.
   */
  requireRange(rangeMs: number, isEnvelope = true): void {
    this.#neededMs = Math.max(this.#neededMs, rangeMs);
    this.#mayThin &&= isEnvelope;
  }

  /**
   * Says how often a reader shows the stream while much comes, so that the engine need not send batches more often: each
   * costs both threads a tenth of a millisecond. Until all readers have said, it is as often as anything is shown.
   *
   * @param reader a key of its own for each reader.
   * @param ms milliseconds, at least `TICK_MS`; undefined before the reader leaves.
   */
  setTick(reader: object, ms: number | undefined): void {
    if (ms === undefined) {
      this.#ticks.delete(reader);
    } else {
      this.#ticks.set(reader, ms);
    }
    this.#updateTick();
  }

  #updateTick(): void {
    const ms = this.#readers > 0 && this.#ticks.size === this.#readers ? Math.min(...this.#ticks.values()) : TICK_MS;
    if (ms !== this.#tickMs) {
      this.#tickMs = ms;
      this.#sendTick(ms);
    }
  }

  /** The memory that the rows take, in bytes. */
  get bytes(): number {
    return this.series.reduce((sum, { frame }) => sum + frame.bytes, 0);
  }

  /** Rows that were dropped because they were older than every row that their series had room for. */
  get late(): number {
    return this.series.reduce((sum, { frame }) => sum + frame.late, 0);
  }

  /** The connection was away, and the broker did not store what was published meanwhile. */
  addGap(gap: Gap): void {
    // Sessions that are lost together have the same gap
    if (!this.gaps.some(({ from, to }) => from === gap.from && to === gap.to)) {
      this.gaps.push(gap);
    }
    if (this.gaps.length > MAX_GAPS) {
      this.gaps.shift();
    }
  }

  /** @param isReplaying the status holds when all of the past has come. */
  setPast(status: PastStatus, isReplaying: boolean): void {
    this.#pastAfterReplay = isReplaying && status.state !== 'requesting' ? status : undefined;
    this.past = isReplaying && status.state !== 'requesting' ? { state: 'requesting' } : status;
    this.hasPast ||= this.past.state !== 'requesting';
    this.changed();
  }

  /** A historian has given what came in a gap. */
  removeGap({ from, to }: Gap): void {
    const at = this.gaps.findIndex((gap) => gap.from === from && gap.to === to);
    if (at >= 0) {
      this.gaps.splice(at, 1);
    }
  }

  /** The SUBACKs have come.  now milliseconds since the epoch. */
  subscribed({ granted, refused, qos }: SubscribeResult, now: number): void {
    this.granted = granted;
    this.refused = refused;
    this.grantedQos = qos;
    this.grantedAt = granted ? now : undefined;
    this.changed();
  }

  changed(): void {
    this.#changes.notify();
  }

  append(batch: StreamBatch): void {
    if (batch.restarted === true) {
      this.#next = [];
      this.sample = undefined;
    }
    const all = this.#next ?? this.series;
    const more = batch.stats.messages - this.stats.messages;
    // Messages that are read again are not new.
    if (this.#next === undefined && batch.hasPast !== true && more > 0) {
      this.liveMessages += more;
      this.lastMessageAt = Date.now();
    }
    this.stats = batch.stats;
    this.lost = batch.lost ?? this.lost;
    this.sample = batch.sample ?? this.sample;
    for (const chunk of batch.chunks) {
      let series = all[chunk.series];
      if (series === undefined) {
        const { topic = '', labels = NO_LABELS } = chunk;
        series = { topic, labels, frame: new CircularFrame(this.spec.pendingRows), lastRead: -Infinity };
        all[chunk.series] = series;
      }
      this.#makeRoom(series, chunk.rows);
      series.frame.append(chunk, batch.hasPast === true);
      const newest = series.frame.newestTime;
      if (this.spec.maxAgeMs !== undefined && newest !== undefined) {
        // A single time in the future must not expire every other row.
        series.frame.expire(Math.min(newest, Date.now()) - this.spec.maxAgeMs);
      }
    }
    if (batch.replayed === true && this.#next !== undefined) {
      this.series = this.#next;
      this.#next = undefined;
      this.memoryLimited.clear();
    }
    if (batch.replayed === true && this.#pastAfterReplay !== undefined) {
      this.past = this.#pastAfterReplay;
      this.hasPast = true;
      this.#pastAfterReplay = undefined;
    }
    this.changed();
  }

  /**
   * A full series grows instead of losing rows that a time range needs, unless the memory limit has shortened it. At its
   * limit, older rows are thinned out. A query that names a number of rows gets the newest.
   */
  #makeRoom(series: StreamSeries, rows: number): void {
    const { frame } = series;
    const { maxRows } = this.spec;
    const { capacity, length, newestTime } = frame;
    if (length + rows <= capacity || maxRows === undefined || newestTime === undefined) {
      return;
    }
    const isShown = newestTime - frame.time(0) < this.#neededMs;
    if (capacity < maxRows && isShown && !this.memoryLimited.has(series)) {
      frame.grow(Math.min(maxRows, Math.max(2 * capacity, length + rows)));
    }
    if (this.#mayThin && this.#neededMs > 0) {
      // A single time in the future must not give up every other row.
      const now = Math.min(newestTime, Date.now());
      (series.thinner ??= new RowThinner(frame)).makeRoom(rows, now - this.#neededMs);
    }
  }
}
