import { getOrSet } from '../../utils/get-or-set';
import { markExcess, type Share } from './fair-share';
import { type Chunk, chunkOf, messagesOf, topicSizes } from './message-chunk';
import { inOrder, isBirth } from './message-order';
import { HEADER_BYTES, type StoredMessage } from './message-segment';

interface Topic extends Share {
  readonly name: string;
  bytes: number;
}

interface IndexedChunk {
  readonly key: number;
  readonly bytes: number;
  readonly newest: number;
  /** It says that messages were missed; see `Chunk`. */
  readonly hasGaps: boolean;
  /** The topics of its messages that are births of Sparkplug. */
  readonly births: readonly string[];
  /** The topics of its messages, and the bytes of each. */
  readonly topics: readonly Topic[];
  readonly sizes: Uint32Array;
}

/** Where a message is: its topic, and when it arrived, in milliseconds since 1970. */
export type MessagePlace = Pick<StoredMessage, 'topic' | 'time'>;

/** The chunks of an object store, as far as an eviction reads and writes them. */
export interface ChunkStore {
  get(key: number): Promise<Chunk | undefined>;
  put(chunk: Chunk, key: number): Promise<unknown>;
  delete(key: number): Promise<unknown>;
}

/** How much longer than other messages births are stored, in milliseconds: a node may be born once in months. */
export const BIRTH_AGE_MS = 30 * 86_400_000;

/** An eviction leaves this part of the limit: it reads whole chunks, which is not worth it for one message. */
const EVICT_TO = 15 / 16;

/**
 * The messages of each topic in the chunks of this tab, so that an eviction reads only chunks that have some to evict.
 */
export class ChunkIndex {
  #chunks: IndexedChunk[] = [];
  readonly #topics = new Map<string, Topic>();
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  /** Adds a chunk behind all others. */
  add(key: number, chunk: Chunk): void {
    this.#chunks.push(this.#indexed(key, chunk));
  }

  /** Whether {@link expire} has something to remove. */
  hasExpired(before: number): boolean {
    return this.#chunks.some((indexed) => isExpired(indexed, before));
  }

  /**
   * Removes chunks without a message since a time, in milliseconds since 1970. Of these, the last birth of each Sparkplug
   * node and device stays, because later messages are read by it.
   */
  async expire(before: number, store: ChunkStore): Promise<void> {
    const all = this.#chunks;
    const seen = new Set<string>();
    const needed = new Set<IndexedChunk>();
    for (const indexed of all.toReversed()) {
      if (indexed.births.some((topic) => !seen.has(topic)) && indexed.newest >= before - BIRTH_AGE_MS) {
        needed.add(indexed);
      }
      indexed.births.forEach((topic) => seen.add(topic));
    }
    this.#chunks = [];
    for (const indexed of all) {
      if (indexed.newest >= before || (needed.has(indexed) && !isExpired(indexed, before))) {
        this.#chunks.push(indexed);
      } else {
        const chunk = needed.has(indexed) ? await store.get(indexed.key) : undefined;
        await this.#replace(indexed, chunk && birthsOf(chunk), store);
      }
    }
  }

  /** If the chunks have more bytes than this, the topics with the most of them lose their oldest messages. */
  async evict(limit: number, store: ChunkStore): Promise<void> {
    if (this.#bytes <= limit) {
      return;
    }
    markExcess(this.#topics.values(), this.#bytes - limit * EVICT_TO);
    const all = this.#chunks;
    this.#chunks = [];
    for (const indexed of all) {
      if (!indexed.topics.some(({ excess }) => excess > 0)) {
        this.#chunks.push(indexed);
        continue;
      }
      // A chunk that is evicted as a whole need not be read
      const chunk = takeWhole(indexed) ? undefined : await store.get(indexed.key);
      await this.#replace(indexed, chunk && without(chunk, (message) => this.#takeExcess(message)), store);
    }
  }

  /** Removes messages that the broker had retained: another one is there for each of them. */
  async remove(messages: readonly MessagePlace[], store: ChunkStore): Promise<void> {
    const times = new Map<string, Set<number>>();
    for (const { topic, time } of messages) {
      getOrSet(times, topic, () => new Set()).add(time);
    }
    const all = this.#chunks;
    this.#chunks = [];
    let from = -Infinity;
    for (const indexed of all) {
      const { key, newest, topics } = indexed;
      const isConcerned = topics.some(({ name }) =>
        [...(times.get(name) ?? [])].some((time) => time >= from && time <= newest)
      );
      from = newest;
      if (isConcerned) {
        const chunk = await store.get(key);
        const isRemoved = ({ topic, time, retain }: StoredMessage): boolean =>
          retain && times.get(topic)?.has(time) === true;
        await this.#replace(indexed, chunk && without(chunk, isRemoved), store);
      } else {
        this.#chunks.push(indexed);
      }
    }
  }

  /** @param rest undefined if nothing is left to store. */
  async #replace(indexed: IndexedChunk, rest: Chunk | undefined, store: ChunkStore): Promise<void> {
    const { key } = indexed;
    this.#release(indexed);
    if (rest === undefined) {
      await store.delete(key);
    } else {
      this.add(key, rest);
      await store.put(rest, key);
    }
  }

  /** Whether a message goes, because its topic has an excess. */
  #takeExcess({ topic: name, payload }: StoredMessage): boolean {
    const topic = this.#topics.get(name);
    if (topic === undefined || topic.excess <= 0) {
      return false;
    }
    topic.excess -= HEADER_BYTES + payload.length;
    return true;
  }

  #indexed(key: number, chunk: Chunk): IndexedChunk {
    const { newest, topics: names, bytes } = chunk;
    const sizes = topicSizes(chunk);
    const topics = names.map((name) => getOrSet(this.#topics, name, (): Topic => ({ name, bytes: 0, excess: 0 })));
    for (const [at, topic] of topics.entries()) {
      topic.bytes += sizes[at];
    }
    this.#bytes += bytes.length;
    const births = names.filter(isBirth);
    return { key, bytes: bytes.length, newest, births, hasGaps: hasGaps(chunk), topics, sizes };
  }

  #release({ bytes, topics, sizes }: IndexedChunk): void {
    this.#bytes -= bytes;
    for (const [at, topic] of topics.entries()) {
      topic.bytes -= sizes[at];
      if (topic.bytes === 0) {
        this.#topics.delete(topic.name);
      }
    }
  }
}

/** Whether a chunk has messages that are to be removed. */
function isExpired({ newest, topics, births }: IndexedChunk, before: number): boolean {
  return newest < before && (births.length < topics.length || births.length === 0 || newest < before - BIRTH_AGE_MS);
}

/** The last birth of each topic. */
function birthsOf(chunk: Chunk): Chunk | undefined {
  const last = new Map<string, StoredMessage>();
  for (const message of messagesOf(chunk)) {
    if (isBirth(message.topic)) {
      last.set(message.topic, message);
    }
  }
  const births = [...last.values()].toSorted(inOrder);
  return births.length === 0 ? undefined : chunkOf(births, { ...chunk, skipped: 0, gaps: [] });
}

/** @returns undefined if nothing is left to store. */
function without(chunk: Chunk, isUnwanted: (message: StoredMessage) => boolean): Chunk | undefined {
  const stay = [...messagesOf(chunk)].filter((message) => !isUnwanted(message));
  // A chunk without a message still says that some were missed.
  return stay.length === 0 && !hasGaps(chunk) ? undefined : chunkOf(stay, chunk);
}

/** A chunk goes as a whole where each of its topics is to lose this part of its messages there: rewriting it costs more. */
const WHOLE = 1 / 2;

/** Takes all messages of a chunk from the excess of their topics. @returns whether the excess is that large. */
function takeWhole({ topics, sizes, hasGaps }: IndexedChunk): boolean {
  if (hasGaps || !topics.every(({ excess }, at) => excess >= sizes[at] * WHOLE)) {
    return false;
  }
  for (const [at, topic] of topics.entries()) {
    topic.excess -= sizes[at];
  }
  return true;
}

function hasGaps({ skipped, gaps }: Chunk): boolean {
  return skipped > 0 || gaps.length > 0;
}
