import type { UserProperties } from '../../payload';
import { getOrSet } from '../../utils/get-or-set';
import { isBirth } from './message-order';
import type { Replay } from './message-replay';
import {
  copyRun,
  DEFINITION_EPOCH,
  FIRST_RESTORED_EPOCH,
  HEADER_BYTES,
  originAt,
  readMessage,
  type Run,
  type Segment,
  segmentOf,
  sizeAt,
  type StoredMessage,
  writeMessage,
} from './message-segment';
import type { Origin } from './ring-topics';
import type { Span } from './spans';

/** Messages of some moment in the browser's storage, as they are written at a time. */
export interface Chunk {
  /** The connection and its user, who alone may read it; see `MessageStorageOptions.owner`. */
  readonly owner: string;
  readonly tab: string;
  /** When its newest message came, in milliseconds since 1970. */
  readonly newest: number;
  /** As in a segment, where an origin is a place in `origins`. */
  readonly bytes: Uint8Array;
  readonly topics: readonly string[];
  /** The place of a topic in `topics`, and the connection over which its messages came. */
  readonly origins: ReadonlyArray<readonly [topic: number, epoch: number]>;
  /** The page within which the numbers of connections can be compared. */
  readonly page: string;
  /** By the place of their message in the chunk, counted from 1. */
  readonly userProperties: ReadonlyMap<number, UserProperties>;
  /** Messages that came before these and were not written: there were more than may be written in a second, or the page was away. */
  readonly skipped: number;
  /** When the connection was away and messages were missed, known when this was written; in milliseconds since 1970. */
  readonly gaps: readonly Span[];
}

/** The result of {@link readChunks}. */
export interface ChunkContents {
  readonly messages: number;
  /** When the oldest message came, in milliseconds since 1970. */
  readonly oldest: number;
  /** When the newest message came, in milliseconds since 1970. */
  readonly newest: number;
  /** Spans in which messages came that were not written, and in which the page or its connection was away. */
  readonly gaps: readonly Span[];
}

/** @param messages oldest first. */
export function chunkOf(messages: readonly StoredMessage[], about: ChunkOrigin): Chunk {
  const builder = new ChunkBuilder(messages.reduce((sum, message) => sum + HEADER_BYTES + message.payload.length, 0));
  messages.forEach((message) => builder.add(message));
  return builder.end(about);
}

type ChunkOrigin = Pick<Chunk, 'owner' | 'tab' | 'page' | 'newest' | 'skipped' | 'gaps'>;

/** Writes messages of known size one behind the other. */
export class ChunkBuilder {
  readonly #segment: Segment;
  readonly #topics = new Map<string, number>();
  /** The place of each origin, by its epoch and topic. */
  readonly #ids = new Map<number, Map<string, number>>();
  readonly #origins: Array<readonly [topic: number, epoch: number]> = [];
  /** The origins of a ring, by their ids there, and their ids here. */
  readonly #ringOrigins: Array<{ readonly origin: Origin; readonly id: number } | undefined> = [];
  /** The last origin: messages of a topic often follow each other. */
  #lastTopic: string | undefined;
  #lastEpoch = -1;
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
    writeMessage(this.#segment, this.#idOf(message.topic, message.epoch), this.#segment.last + 1, message);
  }

  /** Adds messages of a ring. */
  copy(run: Run, ring: Pick<Replay, 'origin'>): void {
    copyRun(run, this.#segment, (id) => {
      const origin = ring.origin(id);
      let known = this.#ringOrigins[id];
      if (known?.origin !== origin) {
        known = { origin, id: this.#idOf(origin.topic.name, origin.epoch) };
        this.#ringOrigins[id] = known;
      }
      return known.id;
    });
  }

  end({ owner, tab, page, newest, skipped, gaps }: ChunkOrigin): Chunk {
    const { bytes, userProperties = new Map<number, UserProperties>() } = this.#segment;
    const origins = this.#origins;
    return {
      owner,
      tab,
      page,
      newest,
      bytes,
      topics: [...this.#topics.keys()],
      origins,
      userProperties,
      skipped,
      gaps,
    };
  }

  #idOf(topic: string, epoch: number): number {
    if (topic !== this.#lastTopic || epoch !== this.#lastEpoch) {
      const ids = getOrSet(this.#ids, epoch, () => new Map<string, number>());
      this.#lastTopic = topic;
      this.#lastEpoch = epoch;
      this.#lastId = getOrSet(ids, topic, () => {
        const place = getOrSet(this.#topics, topic, () => this.#topics.size);
        return this.#origins.push([place, epoch]) - 1;
      });
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
    sizes[chunk.origins[originAt(segment, at)][0]] += size;
    at += size;
  }
  return sizes;
}

/**
 * The messages of a chunk, oldest first. They are views of the chunk's own memory.
 *
 * @param epochs of its origins; those that were written by default.
 */
export function* messagesOf(
  chunk: Chunk,
  epochs: readonly number[] = chunk.origins.map(([, epoch]) => epoch)
): Generator<StoredMessage> {
  const segment = segmentIn(chunk);
  for (let at = 0; at < segment.used; at += sizeAt(segment, at)) {
    const origin = originAt(segment, at);
    yield readMessage(segment, at, chunk.topics[chunk.origins[origin][0]], epochs[origin]);
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

/**
 * Reads chunks of one tab, without the messages that came before a time: of these, births of Sparkplug are definitions.
 * Their epochs are none of this page's, from
 * {@link FIRST_RESTORED_EPOCH} on.
 *
 * @returns undefined if there is no message.
 */
export function readChunks(
  chunks: readonly Chunk[],
  oldest: number,
  each: (message: StoredMessage) => void
): ChunkContents | undefined {
  let messages = 0;
  let first = Infinity;
  let newest = -Infinity;
  let isSkipped = false;
  const gaps: Span[] = [];
  const epochs = new Map<string, number>();
  for (const chunk of chunks.toSorted((a, b) => a.newest - b.newest)) {
    isSkipped ||= chunk.skipped > 0;
    gaps.push(...chunk.gaps.filter(({ to }) => to >= oldest));
    const here = chunk.origins.map(([, epoch]) =>
      getOrSet(epochs, `${epoch} ${chunk.page}`, () => FIRST_RESTORED_EPOCH + epochs.size)
    );
    for (const message of messagesOf(chunk, here)) {
      if (isSkipped && messages > 0) {
        gaps.push({ from: newest, to: message.time });
      }
      isSkipped = false;
      if (message.time >= oldest) {
        messages++;
        first = Math.min(first, message.time);
        newest = message.time;
        each(message);
      } else if (isBirth(message.topic)) {
        each({ ...message, epoch: DEFINITION_EPOCH });
      }
    }
  }
  return messages === 0 ? undefined : { messages, oldest: first, newest, gaps };
}
