import { Compaction } from './compaction';
import { markExcess } from './fair-share';
import { Replay, type ReplaySource } from './message-replay';
import {
  copyMessage,
  hasRoom,
  HEADER_BYTES,
  isRetained,
  MAX_PAYLOAD,
  originAt,
  readMessage,
  type Segment,
  segmentOf,
  sizeAt,
  type StoredMessage,
  timeAt,
  trim,
  writeMessage,
} from './message-segment';
import { type Origin, RingTopics } from './ring-topics';

export interface MessageRingLimits {
  /** Bytes of all messages, with {@link HEADER_BYTES} for each. */
  readonly bytes: number;
  /** Messages of all topics. */
  readonly messages: number;
  /** Milliseconds that a message is stored. */
  readonly ageMs: number;
}

/** Memory is taken in segments, which grow with what there is: so much of it is free at most. */
const SMALLEST_SEGMENT = 4_096;
const SEGMENT_PART = 64;

/** An eviction leaves this part of the limit: it looks at many messages, which is not worth it for one. */
const EVICT_TO = 15 / 16;

/**
 * The last messages of a connection as they came, so that a query that reads them in another way loses nothing.
 *
 * Messages of all topics stand one after the other. If a limit is reached, the topics with the most bytes give up
 * their oldest messages, and what stays moves together: a topic that sends once an hour keeps its messages next to
 * one that sends a thousand times a second.
 */
export class MessageRing implements ReplaySource {
  readonly #topics = new RingTopics();
  #segments: Segment[] = [];
  #limits: MessageRingLimits;
  #bytes = 0;
  #messages = 0;
  /** The number of the newest message. */
  #last = 0;
  #version = 0;
  /** Messages given up for a limit of bytes or messages. */
  evicted = 0;

  constructor(limits: MessageRingLimits) {
    this.#limits = limits;
  }

  /** Bytes of memory taken. */
  get bytes(): number {
    return this.#bytes;
  }

  get messages(): number {
    return this.#messages;
  }

  /** For its replays, as {@link version} and {@link origin}. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  get version(): number {
    return this.#version;
  }

  origin(id: number): Origin {
    return this.#topics.origin(id);
  }

  setLimits(limits: MessageRingLimits): void {
    this.#limits = limits;
    this.#close();
    this.#keepWithinLimits();
  }

  /**
   * Copies a message in. A message that is larger than the limit by itself is not stored, and counted as evicted.
   *
   * @returns whether it is stored.
   */
  add(message: StoredMessage): boolean {
    const { payload, time } = message;
    const size = HEADER_BYTES + payload.length;
    const { bytes, messages, ageMs } = this.#limits;
    if (size > bytes || payload.length > MAX_PAYLOAD) {
      this.evicted++;
      this.#topics.lose(message.topic, time);
      return false;
    }
    this.#write(message, size);
    if (this.#bytes > bytes || this.#messages > messages) {
      this.#keepWithinLimits();
    }
    const oldest = time - ageMs;
    while (this.#segments.length > 1 && this.#segments[0].newestTime < oldest) {
      this.#dropOldest();
    }
    return true;
  }

  /**
   * Copies older messages in, each where it belongs by its time, behind those of the same time. All messages get new
   * numbers: replays that are under way must begin again.
   *
   * @param past in the order of time.
   * @param isUnwanted messages that are given up; they do not count as evicted.
   */
  insert(past: readonly StoredMessage[], isUnwanted: (message: StoredMessage) => boolean = () => false): void {
    const segments = this.#segments;
    this.#segments = [];
    this.#version++;
    this.#bytes = 0;
    let next = 0;
    const addUntil = (time: number): void => {
      for (; next < past.length && past[next].time < time; next++) {
        this.#write(past[next], HEADER_BYTES + past[next].payload.length);
      }
    };
    for (const segment of segments) {
      for (let at = 0; at < segment.used;) {
        const size = sizeAt(segment, at);
        addUntil(timeAt(segment, at));
        const origin = this.#topics.origin(originAt(segment, at));
        // Only what the broker had retained may be unwanted: other messages need not be made
        if (isRetained(segment, at) && isUnwanted(readMessage(segment, at, origin.topic.name, origin.epoch))) {
          this.#topics.remove(origin, size);
          this.#messages--;
        } else {
          copyMessage(segment, at, this.#segmentFor(size), ++this.#last, origin.id);
        }
        at += size;
      }
    }
    addUntil(Infinity);
    this.#keepWithinLimits();
  }

  /** Gives up all messages of the topics for which this returns true. They do not count as evicted, nor as lost. */
  forget(isUnwanted: (topic: string) => boolean): void {
    for (const topic of this.#topics.all()) {
      topic.excess = isUnwanted(topic.name) ? topic.bytes : 0;
    }
    this.#compact();
    this.#topics.forgetLost(isUnwanted);
  }

  /**
   * Until when messages were lost, by the names of topics, in milliseconds since 1970: they were evicted, or were too
   * large or are too old to be stored.
   *
   * @param matches whether a topic is wanted; called once for each topic.
   */
  lost(matches: (topic: string) => boolean): Map<string, number> {
    return this.#topics.lost(matches);
  }

  /**
   * Reads its messages.
   *
   * @param matches whether a topic is wanted; called once for each topic.
   */
  replay(matches: (topic: string) => boolean): Replay {
    // A segment is given up when all of it is too old, so some of the first one may be.
    const oldest = (this.#segments.at(-1)?.newestTime ?? 0) - this.#limits.ageMs;
    return new Replay(this, matches, oldest);
  }

  #write(message: StoredMessage, size: number): void {
    const { id } = this.#topics.add(message.topic, message.epoch, size);
    writeMessage(this.#segmentFor(size), id, ++this.#last, message);
    this.#messages++;
  }

  #segmentFor(size: number): Segment {
    const current = this.#segments.at(-1);
    if (current !== undefined && hasRoom(current, size, this.#last + 1)) {
      return current;
    }
    this.#close();
    const segment = segmentOf(Math.max(size, this.#segmentBytes), this.#last);
    this.#bytes += segment.bytes.length;
    this.#segments.push(segment);
    return segment;
  }

  get #segmentBytes(): number {
    return Math.floor(
      Math.min(this.#limits.bytes / SEGMENT_PART, Math.max(SMALLEST_SEGMENT, this.#bytes / SEGMENT_PART))
    );
  }

  /** Gives back the room at the end of the last segment, which was too small for the next message. */
  #close(): void {
    const last = this.#segments.at(-1);
    if (last !== undefined) {
      this.#bytes -= last.bytes.length;
      trim(last);
      this.#bytes += last.bytes.length;
    }
  }

  #keepWithinLimits(): void {
    const { bytes, messages } = this.#limits;
    const before = this.#messages;
    // Again, where the messages that went were larger than most, so that too many are left.
    while (this.#bytes > bytes || this.#messages > messages) {
      const tooManyBytes = this.#bytes - bytes * EVICT_TO;
      const tooManyMessages = this.#messages - messages * EVICT_TO;
      markExcess(this.#topics.all(), Math.max(tooManyBytes, (tooManyMessages * this.#bytes) / this.#messages));
      this.#compact();
    }
    this.evicted += before - this.#messages;
  }

  /** Drops the oldest messages of the topics that have an excess, and moves together what stays. */
  #compact(): void {
    let due = 0;
    for (const { excess } of this.#topics.all()) {
      due += excess > 0 ? 1 : 0;
    }
    this.#close();
    const rest = new Compaction(this.#limits.bytes / SEGMENT_PART);
    let done = 0;
    for (; due > 0 && done < this.#segments.length; done++) {
      const segment = this.#segments[done];
      this.#bytes -= segment.bytes.length;
      let begin = 0;
      for (let at = 0; at < segment.used;) {
        const size = sizeAt(segment, at);
        const origin = this.#topics.origin(originAt(segment, at));
        const { topic } = origin;
        if (topic.excess > 0) {
          rest.add(segment, begin, at);
          begin = at + size;
          topic.excess -= size;
          due -= topic.excess > 0 ? 0 : 1;
          this.#drop(segment, at, size);
        }
        at += size;
      }
      rest.add(segment, begin, segment.used);
    }
    const moved = rest.end();
    this.#bytes += moved.reduce((sum, { bytes }) => sum + bytes.length, 0);
    this.#segments = [...moved, ...this.#segments.slice(done)];
    this.#version++;
  }

  #dropOldest(): void {
    const segment = this.#segments.shift()!;
    this.#version++;
    this.#bytes -= segment.bytes.length;
    for (let at = 0; at < segment.used;) {
      const size = sizeAt(segment, at);
      this.#drop(segment, at, size);
      at += size;
    }
  }

  #drop(segment: Segment, at: number, size: number): void {
    const origin = this.#topics.origin(originAt(segment, at));
    origin.topic.lostUntil = Math.max(origin.topic.lostUntil, timeAt(segment, at));
    this.#topics.remove(origin, size);
    this.#messages--;
  }
}
