import {
  compileRowMapping,
  DecodeFailure,
  type Decoder,
  NumberBuffer,
  CLEARED,
  PAYLOAD_LIMITS,
  type PayloadLimits,
  PartPending,
  hasOwnTimes,
  isPlain,
  type RowMapping,
  Rows,
  SeriesBuilder,
  type ExtractedRow,
  RowExtractor,
} from '../payload';
import { messageOf } from '../utils/errors';
import { HeldMessages } from './held-messages';
import { DEFINITION_EPOCH } from './history/message-segment';
import type { IncomingMessage } from './incoming-message';
import { MissingPaths } from './missing-paths';
import type { LostMessages, StreamBatch, StreamSpec } from './protocol';
import type { RebirthRequester } from './rebirth-requester';
import { SenderClock } from './sender-clock';
import { TICK_MS } from './tick';
import { createStreamDecoder, waitForNestedJson } from './stream-decoder';
import { StreamCounts } from './stream-stats';
import {
  type Received,
  repeatsRetained,
  type Series,
  type StreamMessage,
  StreamTopics,
  type Topic,
} from './stream-topic';

/** The messages of one stream, decoded into series of rows that wait for the next batch. */
export class Stream {
  readonly #limits: PayloadLimits;
  readonly #decode: Decoder;
  readonly #mapping: RowMapping;
  readonly #extractor: RowExtractor<StreamMessage>;
  readonly #missingPaths: MissingPaths;
  /** A payload that is one value is one row of its topic's series, as it is. */
  readonly #isPlain: boolean;
  /** Objects of JSON become rows as they are, so that those like the last need not be decoded. */
  readonly #isJson: boolean;
  /** Rows of a series that wait to be taken when it is time that they are. */
  readonly #highWaterMark: number;
  readonly #topics: StreamTopics;
  readonly #series: Series[] = [];
  readonly #dirty: Series[] = [];
  readonly #counts = new StreamCounts();
  /** What of the past was no longer stored when it began to read the record. */
  lost: LostMessages | undefined;
  /** Panels show what has come since, in milliseconds since 1970; 0 for all. */
  shownFrom = 0;
  /** How often the page shows it while much comes, in milliseconds. */
  tickMs = TICK_MS;
  /** A live message has come with QoS 0. No broker stores such messages for a session that is away. */
  receivesQos0 = false;
  /** Rows are to be sent now: half of those that a series may have, which the page would keep, or the last of the past. */
  aboveHighWaterMark = false;
  #statsDue = false;
  #replayed: Pick<StreamBatch, 'replayed' | 'lost'> | undefined;
  #hasPast = false;
  /** Rows were ahead of their arrival: which forecast replaces which is known in the order of arrival only. */
  #hasForecasts = false;
  /** Messages that wait for the code of their decoder. */
  readonly #held = new HeldMessages<Received>(({ topic, message, time }) => this.#receive(topic, message, time));
  /** Called when held messages have been decoded: the stream has something for the page. */
  onReleased: () => void = () => undefined;

  /** The next batch begins the stream again; see `StreamBatch`. */
  #isRestarted: boolean;

  /** @param restarted takes the place of a stream with the same id, with more of the past. */
  constructor(
    readonly id: number,
    readonly spec: StreamSpec,
    rebirths?: RebirthRequester,
    restarted = false
  ) {
    this.#isRestarted = restarted;
    this.#highWaterMark = spec.maxRows === undefined ? Infinity : spec.pendingRows / 2;
    this.#limits = spec.limits ?? PAYLOAD_LIMITS;
    this.#topics = new StreamTopics(spec);
    this.#mapping = compileRowMapping(spec);
    this.#missingPaths = new MissingPaths(spec);
    this.#decode = createStreamDecoder(spec, this.#limits, this.#mapping.isDefault, rebirths);
    const { format, formatOptions } = spec;
    this.#isPlain = this.#mapping.isDefault && spec.pivot === undefined;
    this.#isJson = this.#isPlain && (format === 'auto' || format === 'json') && formatOptions?.unwrap === undefined;
    this.#extractor = new RowExtractor(
      this.#mapping,
      (row, message: StreamMessage) => this.#addRow(row, message),
      this.#limits.rows
    );
  }

  /**
   * A retained message is skipped where its topic has a newer one: the broker sends it again to all of a session when
   * another stream subscribes.
   *
   * @param time of arrival, in milliseconds since the epoch; never less than that of the message before.
   * @param epoch counts the connections, to tell what came over this one from what came before; see also
   * {@link DEFINITION_EPOCH}.
   */
  add(message: IncomingMessage, time: number, epoch: number): void {
    if (epoch === DEFINITION_EPOCH) {
      this.#receive(undefined, message, time);
      return;
    }
    const { qos, retain } = message;
    this.receivesQos0 ||= qos === 0 && !retain;
    if (retain && this.spec.retained === 'ignore') {
      this.#counts.ignoredMessages++;
      this.#statsDue = true;
      return;
    }
    const topic = this.#topics.get(message.topic);
    this.#statsDue = true;
    if (topic === undefined || topic.refused || (retain && topic.epoch === epoch)) {
      return;
    }
    topic.epoch = epoch;
    if (repeatsRetained(topic, message, time, this.shownFrom)) {
      return;
    }
    this.#counts.receive(message);
    this.#counts.sample(time, topic.name, message);
    this.#receive(topic, message, time);
  }

  /** Whether older messages can be added behind newer ones: not where a message is read by what came before it. */
  get takesPast(): boolean {
    const { format, fill = 'none' } = this.spec;
    return this.isRecorded && format !== 'sparkplug' && fill === 'none';
  }

  /**
   * Adds a message that is older than those that it has; see {@link takesPast}.
   *
   * @returns false if the stream must begin again to read it in its place.
   */
  addPast(message: IncomingMessage, time: number): boolean {
    // Earlier values of the topic are cleared only for earlier rows, and a Sparkplug birth explains those that follow.
    if (message.payload.length === 0 || message.topic.startsWith('spBv1.0/')) {
      return false;
    }
    const topic = this.#topics.get(message.topic);
    this.#statsDue = true;
    this.#hasPast = true;
    if (topic !== undefined && !topic.refused) {
      this.#counts.messages++;
      this.#receive(topic, message, time);
    }
    return !this.#hasForecasts;
  }

  /** Whether messages wait until the code that decodes them is loaded. */
  get isWaiting(): boolean {
    return this.#held.isWaiting;
  }

  #receive(topic: Topic | undefined, message: IncomingMessage, time: number): void {
    if (!this.#held.isWaiting) {
      this.#decodeAndAdd(topic, message, time);
    } else if (!this.#held.add({ topic, message, time }, message.payload.length)) {
      this.#fail(topic, message, HeldMessages.FULL);
    }
  }

  #decodeAndAdd(topic: Topic | undefined, message: IncomingMessage, time: number): void {
    const { payload, retain } = message;
    const isMarked = retain && this.spec.retained === 'mark';
    try {
      if (this.#isJson && !isMarked && topic?.plain?.builder.addSimilarJson(time, payload) === true) {
        this.#mark(topic.plain);
        return;
      }
      // As a retained one, a birth is no neighbour of what follows
      const value = this.#decode(payload, message.topic, retain || topic === undefined);
      if (topic === undefined) {
        return;
      }
      if (this.#isPlain && isPlain(value)) {
        const series = topic.plain ?? this.#open(topic, '', undefined);
        if (series !== undefined) {
          this.#mark(series);
          series.builder.add(time, value, isMarked);
        }
      } else if (value instanceof DecodeFailure) {
        this.#fail(topic, message, value.reason);
      } else if (value === CLEARED) {
        this.#clear(topic, time, isMarked);
      } else {
        const { userProperties } = message;
        this.#extract(value, message, { topic, arrival: time, retain, userProperties, field: topic.pivot?.field });
      }
    } catch (error) {
      if (error instanceof PartPending) {
        void this.#held.wait(error.loaded, () => this.onReleased());
        this.#receive(topic, message, time);
        return;
      }
      // Decoders do not throw. If one does all the same, it must not take the rest of the socket's bytes with it.
      const words = messageOf(error);
      this.#fail(topic, message, `This plugin failed on the payload: ${words}`);
    }
  }

  /** All of the past has been added that a restarted stream begins with. */
  endReplay(): void {
    this.#replayed = { replayed: true, ...(this.lost === undefined ? undefined : { lost: this.lost }) };
    this.#statsDue = true;
    this.aboveHighWaterMark ||= this.#dirty.length > 0;
  }

  /** Whether its messages are worth storing: not those that only say which topics or devices there are. */
  get isRecorded(): boolean {
    return this.spec.format !== 'discovery' && this.spec.format !== 'topics';
  }

  /** How many numbers {@link take} adds to the buffer. */
  get numbers(): number {
    return this.#dirty.reduce((sum, { builder }) => sum + builder.numbers, 0);
  }

  /**
   * The rows since the last call; `undefined` if there are none.
   *
   * @param buffer where its numbers go, behind those of other streams.
   */
  take(buffer = new NumberBuffer(this.numbers)): StreamBatch | undefined {
    if (this.#dirty.length === 0 && !this.#statsDue) {
      return undefined;
    }
    const chunks = [];
    for (const series of this.#dirty) {
      series.dirty = false;
      const chunk = series.builder.take(buffer);
      if (chunk !== undefined) {
        // Whether the page would have kept rows that were given up: it keeps as many as the query names, and those are the
        // newest; where the query names none, it keeps what its time range needs.
        const isLoss = this.spec.maxRows !== undefined || hasOwnTimes(chunk);
        this.#counts.droppedRows += isLoss ? chunk.dropped : 0;
        chunks.push(chunk);
      }
    }
    this.#dirty.length = 0;
    this.#statsDue = false;
    this.aboveHighWaterMark = false;
    const sample = this.#counts.takeSample();
    const missing = this.#missingPaths.missing(performance.now());
    const batch: StreamBatch = {
      stream: this.id,
      ...(this.#isRestarted ? { restarted: true } : undefined),
      ...this.#replayed,
      ...(this.#hasPast ? { hasPast: true } : undefined),
      chunks,
      stats: {
        ...this.#counts.stats(this.#series, this.#topics.refused, this.#extractor),
        ...(missing.length === 0 ? undefined : { missing }),
      },
      ...(sample === undefined ? undefined : { sample }),
    };
    this.#isRestarted = false;
    this.#replayed = undefined;
    this.#hasPast = false;
    return batch;
  }

  #extract(value: unknown, message: IncomingMessage, context: StreamMessage): void {
    this.#missingPaths.check(value, context.userProperties, context.field);
    waitForNestedJson(value);
    const { failure, problem } = this.#extractor.extract(value, context);
    const problems = value instanceof Rows ? value.problems : [];
    if (failure !== undefined) {
      this.#fail(context.topic, message, failure);
    } else if (problem !== undefined || problems.length > 0) {
      this.#counts.problem(context.topic.name, message, [...problems, problem ?? []].flat().join(' '));
    }
  }

  #addRow(row: ExtractedRow, message: StreamMessage): void {
    const topic = row.topic === undefined ? (message.topic.pivot?.topic ?? message.topic) : this.#topics.get(row.topic);
    if (topic === undefined) {
      return;
    }
    this.#hasForecasts ||= row.isAhead;
    const { key } = row;
    const known = key === '' ? topic.plain : topic.labelled.get(key);
    // A series that never was cannot be cleared.
    const series = known ?? (row.value === CLEARED ? undefined : this.#open(topic, key, row.labels()));
    if (series === undefined) {
      return;
    }
    if (known === undefined && row.isCut) {
      this.#counts.cutLabels++;
    }
    this.#mark(series);
    series.builder.addRow(row, message.retain && this.spec.retained === 'mark');
    // A retained message is old by its nature, and says nothing of the sender's clock.
    if (row.timed && !row.historical && !row.isAbout && !message.retain) {
      series.clock.add(row.time, message.arrival, this.#counts.messages);
    }
  }

  /** A payload of no bytes: clears all values of the topic. */
  #clear(sender: Topic, time: number, isMarked: boolean): void {
    const { topic, field } = sender.pivot ?? { topic: sender, field: undefined };
    const alone = topic.labelled.size === 0 && this.#mapping.labels.length === 0;
    const plain = topic.plain ?? (alone ? this.#open(topic, '', undefined) : undefined);
    for (const series of [...(plain === undefined ? [] : [plain]), ...topic.labelled.values()]) {
      this.#mark(series);
      if (field === undefined) {
        series.builder.add(time, CLEARED, isMarked);
      } else {
        series.builder.clearField(time, field, isMarked);
      }
    }
  }

  #fail(sender: Topic | undefined, message: IncomingMessage, reason: string): void {
    this.#counts.fail(message.topic, message, reason);
    const topic = sender?.pivot?.topic ?? sender;
    // A topic is known from its first message, even where that does not decode.
    const series = topic?.plain ?? (topic?.labelled.size === 0 ? this.#open(topic, '', undefined) : undefined);
    if (series !== undefined) {
      this.#mark(series);
    }
  }

  #mark(series: Series): void {
    if (!series.dirty) {
      series.dirty = true;
      this.#dirty.push(series);
    }
    this.aboveHighWaterMark ||= series.builder.waiting >= this.#highWaterMark;
  }

  #open(topic: Topic, key: string, labels: Record<string, string> | undefined): Series | undefined {
    if (this.#series.length >= this.spec.maxSeries) {
      this.#topics.refuse(key === '' ? topic.name : `${topic.name}\n${key}`);
      topic.refused = topic.plain === undefined && topic.labelled.size === 0;
      return undefined;
    }
    const builder = new SeriesBuilder(this.#series.length, topic.name, this.spec.pendingRows, {
      ...(labels === undefined || Object.keys(labels).length === 0 ? undefined : { labels }),
      mapping: this.#mapping,
      limits: this.#limits,
      mayBeTime: this.spec.format === 'auto' || this.spec.format === 'json',
    });
    const series: Series = { builder, dirty: false, clock: new SenderClock() };
    this.#series.push(series);
    if (key === '') {
      topic.plain = series;
    } else {
      topic.labelled.set(key, series);
    }
    return series;
  }
}
