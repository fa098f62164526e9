import type { UserProperties } from '../../payload';
import {
  copyMessage,
  HEADER_BYTES,
  originAt,
  readMessage,
  type Segment,
  segmentOf,
  sizeAt,
  type StoredMessage,
  writeMessage,
} from './message-segment';

/** Messages of some moment in the browser's storage, as they are written at a time. */
export interface Chunk {
  /** The connection and its user, who alone may read it; see `MessageStorageOptions.owner`. */
  readonly owner: string;
  readonly tab: string;
  /** When its newest message came, in milliseconds since 1970. */
  readonly newest: number;
  /** As in a segment, where an origin is the place of its topic in `topics`. */
  readonly bytes: Uint8Array;
  readonly topics: readonly string[];
  /** By the place of their message in the chunk, counted from 1. */
  readonly userProperties: ReadonlyMap<number, UserProperties>;
  /** Messages that came before these and were not written: there were more than may be written in a second, or the page was away. */
  readonly skipped: number;
}

/** The result of {@link readChunks}. */
export interface ChunkContents {
  readonly messages: number;
  /** When the newest message came, in milliseconds since 1970. */
  readonly newest: number;
  /** Spans in which messages came that were not written, and in which the page was away. */
  readonly gaps: ReadonlyArray<{ readonly from: number; readonly to: number }>;
}

/** @param messages oldest first. */
export function chunkOf(messages: readonly StoredMessage[], about: ChunkOrigin): Chunk {
  const builder = new ChunkBuilder(messages.reduce((sum, message) => sum + HEADER_BYTES + message.payload.length, 0));
  messages.forEach((message) => builder.add(message));
  return builder.end(about);
}

type ChunkOrigin = Pick<Chunk, 'owner' | 'tab' | 'newest' | 'skipped'>;

/** Writes messages of known size one behind the other. */
export class ChunkBuilder {
  readonly #segment: Segment;
  readonly #ids = new Map<string, number>();
  /** The place of the last topic: messages of a topic often follow each other. */
  #lastTopic: string | undefined;
  #lastId = 0;

  /** @param bytes of all messages, with their headers. */
  constructor(bytes: number) {
    this.#segment = segmentOf(bytes, 0);
  }

  /** When the newest message came, in milliseconds since 1970. */
  get newest(): number {
    return this.#segment.newestTime;
  }

  add(message: StoredMessage): void {
    writeMessage(this.#segment, this.#idOf(message.topic), this.#segment.last + 1, message);
  }

  /** Adds a message of a segment. */
  copy(from: Segment, at: number, topic: string): void {
    copyMessage(from, at, this.#segment, this.#segment.last + 1, this.#idOf(topic));
  }

  end({ owner, tab, newest, skipped }: ChunkOrigin): Chunk {
    const { bytes, userProperties = new Map<number, UserProperties>() } = this.#segment;
    return { owner, tab, newest, bytes, topics: [...this.#ids.keys()], userProperties, skipped };
  }

  #idOf(topic: string): number {
    if (topic !== this.#lastTopic) {
      const id = this.#ids.get(topic) ?? this.#ids.size;
      this.#ids.set(topic, id);
      this.#lastTopic = topic;
      this.#lastId = id;
    }
    return this.#lastId;
  }
}

/** The bytes of each topic of a chunk, with the headers of its messages, in the order of its topics. */
export function topicSizes(chunk: Chunk): Uint32Array {
  const sizes = new Uint32Array(chunk.topics.length);
  const segment = segmentIn(chunk);
  for (let at = 0; at < segment.used;) {
    const size = sizeAt(segment, at);
    sizes[originAt(segment, at)] += size;
    at += size;
  }
  return sizes;
}

/** The messages of a chunk, oldest first, as of no connection. They are views of the chunk's own memory. */
export function* messagesOf(chunk: Chunk): Generator<StoredMessage> {
  const segment = segmentIn(chunk);
  for (let at = 0; at < segment.used; at += sizeAt(segment, at)) {
    yield readMessage(segment, at, chunk.topics[originAt(segment, at)], 0);
  }
}

function segmentIn({ bytes, userProperties, newest }: Chunk): Segment {
  return {
    bytes,
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    used: bytes.length,
    base: 0,
    last: 0,
    newestTime: newest,
    userProperties: userProperties.size === 0 ? undefined : new Map(userProperties),
  };
}

/** Reads chunks of one tab, without the messages that came before a time. @returns undefined if there is no message. */
export function readChunks(
  chunks: readonly Chunk[],
  oldest: number,
  each: (message: StoredMessage) => void
): ChunkContents | undefined {
  let messages = 0;
  let newest = -Infinity;
  let isSkipped = false;
  const gaps: Array<{ from: number; to: number }> = [];
  for (const chunk of chunks.toSorted((a, b) => a.newest - b.newest)) {
    isSkipped ||= chunk.skipped > 0;
    for (const message of messagesOf(chunk)) {
      if (isSkipped && messages > 0) {
        gaps.push({ from: newest, to: message.time });
      }
      isSkipped = false;
      if (message.time >= oldest) {
        messages++;
        newest = message.time;
        each(message);
      }
    }
  }
  return messages === 0 ? undefined : { messages, newest, gaps };
}
