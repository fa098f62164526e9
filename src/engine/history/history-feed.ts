import { getOrSet } from '../../utils/get-or-set';
import type { Stream } from '../stream';
import { matcherOf } from './filter-matcher';
import { HistoryJoin, type OwnMessages } from './history-join';
import type { HistoryPart } from './history-response';
import { inOrder } from './message-order';
import type { KnownHistory } from './known-history';
import { markName } from './marks';
import { asIncoming, type StoredMessage } from './message-segment';
import { ownMessages } from './own-messages';
import type { Recorder } from './recorder';
import type { Span } from './spans';

export interface FeedEvents {
  streams(): Iterable<Stream>;
  /** Whether the page takes more rows now; where it does not, {@link HistoryFeed.resume} is called when it does again. */
  isReady(): boolean;
  /** A stream has rows for the page. */
  onRows(stream: Stream): void;
  /** A stream is to begin again, from the record. @returns the stream that takes its place. */
  restart(stream: Stream): Stream;
  /** Whether a stream is to get a message from here. */
  isFor?(stream: Stream, message: StoredMessage): boolean;
  /** Whether a stream is to begin again even if it has no messages here, because it could not read those that it has. */
  isToBegin?(stream: Stream): boolean;
  /** When retained messages came that are given up for those of the response, by topic; in milliseconds since 1970. */
  onReplaced?(arrivals: ReadonlyMap<string, number>): void;
  onProgress(progress: number): void;
  /** Milliseconds since 1970. */
  now(): number;
}

/** A response for these streams alone, which is not recorded. */
export interface FeedTarget {
  /** What the streams have: see `HistoryJoin`. */
  findOwn(mark: string | undefined, matches: (topic: string) => boolean): OwnMessages;
  /** @returns those of the messages that are for the streams. Called with the newest ones first. */
  select(messages: readonly StoredMessage[]): StoredMessage[];
}

/** How long the first part waits for its mark, or for live messages that are on their way, in milliseconds. */
const MARK_MS = 2_000;
const DELAY_MS = 250;

/** How long messages are decoded without a pause, in milliseconds: live messages wait as long. */
const SLICE_MS = 8;

/** Messages of one step, between two looks at the clock. */
const PER_STEP = 500;

/** After how long, and how often, the progress is reported to the page, in milliseconds. */
const PROGRESS_MS = 500;

/**
 * Takes the parts of one response, the newest first: joins them with the live messages, hands them to the streams, and
 * records them. Streams that can read older messages behind newer ones get each part as it comes; the others begin
 * again when all parts have come.
 */
export class HistoryFeed {
  readonly #events: FeedEvents;
  readonly #recorder: Recorder;
  readonly #known: KnownHistory;
  readonly #join: HistoryJoin;
  readonly #matches: (topic: string) => boolean;
  readonly #marksSeen: ReadonlySet<string>;
  readonly #target: FeedTarget | undefined;
  readonly #parts: Array<{ readonly part: HistoryPart; readonly isLast: boolean }> = [];
  /** Messages that are on their way to the streams, the newest first; in each list, the oldest first. */
  readonly #steps: Array<{ readonly messages: readonly StoredMessage[]; at: number }> = [];
  /** Streams that get each part, and which topics each of them wants. */
  #fed: Map<Stream, (topic: string) => boolean> | undefined;
  /** Streams that get all of it from the record. */
  readonly #unfed = new Set<Stream>();
  /** The oldest messages so far, all of one time: the next part may have more of them, which come before these. */
  #held: readonly StoredMessage[] = [];
  /** The oldest first. */
  #unrecorded: Array<readonly StoredMessage[]> = [];
  #mark: string | undefined;
  #waitsUntil: number | undefined;
  /** For the mark of the first part. */
  #isWaiting = false;
  #isJoined = false;
  /** Streams have begun again without some of the broker's retained messages; and there are more of these. */
  #hasRestarted = false;
  #hasReplaced = false;
  #progress = 0;
  #progressAt: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #onEnd: (() => void) | undefined;
  #isStopped = false;

  /** @param marksSeen the marks that have come over the connection with the live messages. */
  constructor(
    recorder: Recorder,
    known: KnownHistory,
    marksSeen: ReadonlySet<string>,
    filters: readonly string[],
    readonly span: Span,
    events: FeedEvents,
    target?: FeedTarget
  ) {
    this.#target = target;
    this.#recorder = recorder;
    this.#known = known;
    this.#marksSeen = marksSeen;
    this.#events = events;
    this.#matches = matcherOf(filters);
    this.#join = new HistoryJoin(
      span,
      (isMarked, historyEpoch) => {
        const mark = isMarked && this.#mark !== undefined ? markName(this.#mark) : undefined;
        return (
          target?.findOwn(mark, this.#matches) ??
          ownMessages(recorder.replay(this.#matches), { historyEpoch, span, mark, known })
        );
      },
      known
    );
  }

  /** @param mark the topic of the mark at which the response ends, if there is one. */
  add(part: HistoryPart, mark: string | undefined, isLast: boolean): void {
    if (this.#isStopped) {
      return;
    }
    this.#mark = mark ?? this.#mark;
    this.#waitsUntil ??= this.#events.now() + this.#waitMs(part.isMarked);
    this.#parts.push({ part, isLast });
    this.resume();
  }

  /** The page takes rows again, or a mark has come. */
  resume(): void {
    if (this.#isWaiting && this.#hasMark) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
    }
    if (this.#timer === undefined) {
      this.#run();
    }
  }

  /**
   * Resolves when all that has come is recorded, and handed to the streams that get each part; to whether that is all:
   * a response that ended early may have parts that could not be joined with the live messages yet.
   */
  end(): Promise<boolean> {
    return new Promise((resolve) => {
      this.#onEnd = () => resolve(!this.#isStopped && this.#join.isJoined);
      this.resume();
    });
  }

  /** What has come and is not recorded yet is given up: it is not for the user who has connected. */
  stop(): void {
    this.#isStopped = true;
    this.#parts.length = 0;
    this.#steps.length = 0;
    this.#held = [];
    this.#unrecorded = [];
    this.#hasReplaced = false;
    this.resume();
  }

  #waitMs(isMarked: boolean): number {
    if (isMarked) {
      return MARK_MS;
    }
    return this.span.to < this.#events.now() - MARK_MS ? 0 : DELAY_MS;
  }

  /** Works for a while; then live messages have their turn. */
  #run(): void {
    this.#timer = undefined;
    this.#isWaiting = false;
    const end = performance.now() + SLICE_MS;
    while (this.#hasWork()) {
      if (performance.now() >= end) {
        this.#runIn(0);
        return;
      }
      if (this.#steps.length > 0) {
        if (!this.#step()) {
          return; // see resume
        }
      } else if (this.#parts.length > 0) {
        const wait = this.#isJoined || this.#hasMark ? 0 : this.#waitsUntil! - this.#events.now();
        if (wait > 0) {
          this.#isWaiting = true;
          this.#runIn(wait);
          return;
        }
        const { part, isLast } = this.#parts.shift()!;
        this.#take(part, isLast);
      } else if (this.#held.length > 0) {
        // The response has ended early
        this.#unrecorded.unshift(this.#held);
        this.#addSteps(this.#held);
        this.#held = [];
      } else {
        this.#finish();
      }
    }
  }

  #hasWork(): boolean {
    return this.#steps.length > 0 || this.#parts.length > 0 || this.#onEnd !== undefined;
  }

  #runIn(delay: number): void {
    this.#timer = setTimeout(() => this.#run(), delay);
  }

  get #hasMark(): boolean {
    return this.#mark !== undefined && this.#marksSeen.has(this.#mark);
  }

  #take(part: HistoryPart, isLast: boolean): void {
    this.#isJoined = true;
    const { size } = this.#join.replaced;
    // Of a span that has ended, all that there is on this side is known, as it is up to a mark
    const isOrdered = this.#hasMark || (this.#target !== undefined && this.span.to < Infinity);
    const added = this.#join.add(part, isOrdered, isLast);
    const messages = [...(this.#target?.select(added) ?? added), ...this.#held];
    if (this.#held.length > 0) {
      messages.sort(inOrder);
    }
    const held = isLast ? 0 : ofOneTime(messages);
    this.#held = messages.splice(0, held);
    this.#unrecorded.unshift(messages);
    this.#progress = part.progress;
    this.#fed ??= this.#readers();
    const hasReplaced = this.#join.replaced.size > size;
    if (hasReplaced && !this.#hasRestarted) {
      // Rows of a retained message that the streams have shown must go: now while there is little to read again, later
      // once
      this.#hasRestarted = true;
      this.#record(true);
      this.#join.replacing.clear();
    } else {
      this.#hasReplaced ||= hasReplaced;
      this.#addSteps(messages);
    }
  }

  /**
   * Rows of one time keep their order only if they come together. Where a row of a retained message is still shown, the
   * message itself waits until that row goes: it would be there twice.
   */
  #addSteps(all: readonly StoredMessage[]): void {
    const { replacing } = this.#join;
    const messages = replacing.size === 0 ? all : all.filter((message) => !replacing.has(message));
    for (let end = messages.length; end > 0;) {
      let begin = Math.max(0, end - PER_STEP);
      while (begin > 0 && messages[begin - 1].time === messages[begin].time) {
        begin--;
      }
      this.#steps.push({ messages: messages.slice(begin, end), at: 0 });
      end = begin;
    }
  }

  /** The streams that are there when the response begins to come. */
  #readers(): Map<Stream, (topic: string) => boolean> {
    const fed = new Map<Stream, (topic: string) => boolean>();
    for (const stream of this.#events.streams()) {
      if (stream.takesPast) {
        fed.set(stream, remembered(matcherOf(stream.spec.filters)));
      }
    }
    return fed;
  }

  /** Hands some messages to the streams. @returns false if the page is busy. */
  #step(): boolean {
    const [step] = this.#steps;
    const streams = this.#live();
    for (; step.at < step.messages.length; step.at++) {
      if (!streams.every(([stream]) => this.#hasRoom(stream))) {
        return false;
      }
      const message = asIncoming(step.messages[step.at]);
      const { time } = step.messages[step.at];
      for (const [stream, matches] of streams) {
        if (
          matches(message.topic) &&
          this.#events.isFor?.(stream, step.messages[step.at]) !== false &&
          !stream.addPast(message, time)
        ) {
          this.#unfed.add(stream);
        }
      }
    }
    this.#steps.shift();
    for (const [stream] of streams) {
      this.#events.onRows(stream);
    }
    const now = this.#events.now();
    this.#progressAt ??= now;
    if (now - this.#progressAt >= PROGRESS_MS) {
      this.#progressAt = now;
      this.#events.onProgress(this.#progress);
    }
    return true;
  }

  #hasRoom(stream: Stream): boolean {
    if (stream.aboveHighWaterMark) {
      this.#events.onRows(stream);
    }
    return !stream.isWaiting && (!stream.aboveHighWaterMark || this.#events.isReady());
  }

  /** Of the streams that get each part, those that are still open. */
  #live(): Array<[Stream, (topic: string) => boolean]> {
    const open = new Set(this.#events.streams());
    return [...(this.#fed ?? [])].filter(([stream]) => open.has(stream));
  }

  /** Records what has come, and begins those streams again that need it. @param isReplaced all of them do. */
  #record(isReplaced: boolean): void {
    const messages = this.#unrecorded.flat();
    this.#unrecorded = [];
    const arrivals = new Map<string, number>();
    const isGivenUp = (message: StoredMessage): boolean =>
      this.#join.isReplaced(message) && arrivals.set(message.topic, message.time).size > 0;
    const interrupted = new Set(
      this.#target === undefined && (messages.length > 0 || isReplaced)
        ? this.#recorder.insert(messages, isGivenUp)
        : []
    );
    if (arrivals.size > 0) {
      this.#events.onReplaced?.(arrivals);
    }
    const topics = new Set(messages.map(({ topic }) => topic));
    for (const stream of this.#events.streams()) {
      const matches = this.#fed?.get(stream) ?? matcherOf(stream.spec.filters);
      const isConcerned = stream.isRecorded && [...topics].some(matches);
      const isFed = this.#fed?.has(stream) === true && !this.#unfed.has(stream);
      const isToBegin = !this.#isStopped && this.#events.isToBegin?.(stream) === true;
      if (isToBegin || interrupted.has(stream) || (isConcerned && (isReplaced || !isFed))) {
        const next = this.#events.restart(stream);
        if (this.#fed?.delete(stream) === true) {
          this.#fed.set(next, matches);
        }
        this.#unfed.delete(stream);
      }
    }
  }

  #finish(): void {
    const onEnd = this.#onEnd;
    this.#onEnd = undefined;
    this.#record(this.#hasReplaced);
    if (this.#mark !== undefined && this.#hasMark && this.#join.isJoined) {
      const { newer } = this.#join;
      this.#known.addMark(markName(this.#mark), { matches: this.#matches, from: this.span.from, newer });
    }
    onEnd?.();
  }
}

function remembered(matches: (topic: string) => boolean): (topic: string) => boolean {
  const known = new Map<string, boolean>();
  return (topic) => getOrSet(known, topic, () => matches(topic));
}

/** How many messages at the begin of a list have the time of the first one. */
function ofOneTime(messages: readonly StoredMessage[]): number {
  const end = messages.findIndex(({ time }) => time !== messages[0].time);
  return end < 0 ? messages.length : end;
}
