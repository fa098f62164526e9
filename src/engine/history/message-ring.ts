import { markExcess, type Share } from './fair-share';
import { Replay } from './message-replay';
import {
  copyMessage,
  forEachMessage,
  hasRoom,
  HEADER_BYTES,
  isRetained,
  MAX_PAYLOAD,
  numberAt,
  readMessage,
  type Segment,
  segmentOf,
  type StoredMessage,
  timeAt,
  trimmed,
  writeMessage,
} from './message-segment';

export interface MessageRingLimits {
  /** Bytes of all messages, with {@link HEADER_BYTES} for each. */
  readonly bytes: number;
  /** Messages of all topics. */
  readonly messages: number;
  /** Milliseconds that a message is stored. */
  readonly ageMs: number;
}

/** Memory is taken in segments, which grow with what there is. */
const SMALLEST_SEGMENT = 4_096;
const SEGMENT_PART = 16;

/** An eviction leaves this part of the limit: it looks at many messages, which is not worth it for one. */
const EVICT_TO = 15 / 16;

interface Topic extends Share {
  readonly name: string;
  bytes: number;
  messages: number;
}

/**
 * The last messages of a connection as they came, so that a query that reads them in another way loses nothing.
 *
 * Messages of all topics stand one after the other. Where a limit is reached, the topics with the most bytes give up
 * their oldest messages, and what stays moves together: a topic that sends once an hour keeps its messages next to
 * one that sends a thousand times a second.
 */
export class MessageRing {
  readonly #ids = new Map<string, number>();
  readonly #topics = new Map<number, Topic>();
  #segments: Segment[] = [];
  #limits: MessageRingLimits;
  #bytes = 0;
  #messages = 0;
  #nextId = 0;
  /** The number of the newest message. */
  #last = 0;
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
    if (size > this.#limits.bytes || payload.length > MAX_PAYLOAD) {
      this.evicted++;
      return false;
    }
    this.#write(message);
    if (this.#bytes > this.#limits.bytes || this.#messages > this.#limits.messages) {
      this.#keepWithinLimits();
    }
    const oldest = time - this.#limits.ageMs;
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
    this.#bytes = 0;
    let next = 0;
    const addUntil = (time: number): void => {
      for (; next < past.length && past[next].time < time; next++) {
        this.#write(past[next]);
      }
    };
    for (const segment of segments) {
      forEachMessage(segment, (at, size, id) => {
        addUntil(timeAt(segment, at));
        const topic = this.#topics.get(id)!;
        // Only what the broker had retained may be unwanted: other messages need not be made
        if (isRetained(segment, at) && isUnwanted(readMessage(segment, at, topic.name))) {
          this.#drop(id, topic, size);
        } else {
          copyMessage(segment, at, size, this.#segmentFor(size), ++this.#last);
        }
      });
    }
    addUntil(Infinity);
    this.#keepWithinLimits();
  }

  /** Gives up all messages of the topics for which this returns true. They do not count as evicted. */
  forget(isUnwanted: (topic: string) => boolean): void {
    for (const topic of this.#topics.values()) {
      topic.excess = isUnwanted(topic.name) ? topic.bytes : 0;
    }
    this.#compact();
  }

  /**
   * Reads its messages.
   *
   * @param matches whether a topic is wanted; called once for each topic.
   */
  replay(matches: (topic: string) => boolean): Replay {
    return new Replay(
      () => this.#segments,
      (id) => this.#topics.get(id)!.name,
      matches,
      // A segment is given up when all of it is too old, so some of the first one may be.
      (this.#segments.at(-1)?.newestTime ?? 0) - this.#limits.ageMs
    );
  }

  #write(message: StoredMessage): void {
    const { topic, payload } = message;
    const size = HEADER_BYTES + payload.length;
    const id = this.#ids.get(topic) ?? this.#openTopic(topic);
    writeMessage(this.#segmentFor(size), id, ++this.#last, message);
    const owner = this.#topics.get(id)!;
    owner.bytes += size;
    owner.messages++;
    this.#messages++;
  }

  #openTopic(name: string): number {
    const id = this.#nextId++;
    this.#ids.set(name, id);
    this.#topics.set(id, { name, bytes: 0, messages: 0, excess: 0 });
    return id;
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
    const last = this.#segments.pop();
    if (last !== undefined) {
      const closed = trimmed(last);
      this.#bytes -= last.bytes.length - closed.bytes.length;
      this.#segments.push(closed);
    }
  }

  #keepWithinLimits(): void {
    const { bytes, messages } = this.#limits;
    if (this.#bytes <= bytes && this.#messages <= messages) {
      return;
    }
    const before = this.#messages;
    const tooManyBytes = this.#bytes - bytes * EVICT_TO;
    const tooManyMessages = this.#messages - messages * EVICT_TO;
    markExcess(this.#topics.values(), Math.max(tooManyBytes, (tooManyMessages * this.#bytes) / this.#messages));
    this.#compact();
    this.evicted += before - this.#messages;
  }

  /** Drops the oldest messages of the topics that have an excess, and moves together what stays. */
  #compact(): void {
    let due = [...this.#topics.values()].filter(({ excess }) => excess > 0).length;
    const stays: Segment[] = [];
    let done = 0;
    for (const segment of this.#segments) {
      if (due === 0) {
        break;
      }
      done++;
      this.#bytes -= segment.bytes.length;
      forEachMessage(segment, (at, size, id) => {
        const topic = this.#topics.get(id)!;
        if (topic.excess > 0) {
          topic.excess -= size;
          due -= topic.excess > 0 ? 0 : 1;
          this.#drop(id, topic, size);
        } else {
          this.#copy(segment, at, size, stays);
        }
      });
    }
    const moved = stays.map(trimmed);
    this.#bytes += moved.reduce((sum, { bytes }) => sum + bytes.length, 0);
    this.#segments = [...moved, ...this.#segments.slice(done)];
  }

  #copy(from: Segment, at: number, size: number, into: Segment[]): void {
    const number = numberAt(from, at);
    let segment = into.at(-1);
    if (segment === undefined || !hasRoom(segment, size, number)) {
      segment = segmentOf(Math.max(size, this.#limits.bytes / SEGMENT_PART), number - 1);
      into.push(segment);
    }
    copyMessage(from, at, size, segment, number);
  }

  #dropOldest(): void {
    const segment = this.#segments.shift()!;
    this.#bytes -= segment.bytes.length;
    forEachMessage(segment, (_, size, id) => this.#drop(id, this.#topics.get(id)!, size));
  }

  #drop(id: number, topic: Topic, size: number): void {
    topic.bytes -= size;
    topic.messages--;
    this.#messages--;
    if (topic.messages === 0) {
      this.#ids.delete(topic.name);
      this.#topics.delete(id);
    }
  }
}
