import type { UserProperties } from '../../payload';
import {
  HEADER_BYTES,
  readMessage,
  type Segment,
  segmentOf,
  sizeAt,
  type StoredMessage,
  topicAt,
  writeMessage,
} from './message-segment';

/** Messages of some moment in the browser's storage, as they are written at a time. */
export interface Chunk {
  /** Who may read it: a connection and its user; see `MessageStorageOptions.owner`. */
  readonly owner: string;
  readonly tab: string;
  /** When its newest message came, in milliseconds since 1970. */
  readonly newest: number;
  /** As in a segment, where a topic's number is its place in `topics`. */
  readonly bytes: Uint8Array;
  readonly topics: readonly string[];
  /** By the place of their message in the chunk, counted from 1. */
  readonly userProperties: ReadonlyMap<number, UserProperties>;
  /** Messages that came before these and were not written, because there were more than may be written in a second. */
  readonly skipped: number;
}

/** What {@link readChunks} found. */
export interface ChunkContents {
  readonly messages: number;
  /** When the newest message came, in milliseconds since 1970. */
  readonly newest: number;
  /** Spans in which messages came that were not written. */
  readonly gaps: ReadonlyArray<{ readonly from: number; readonly to: number }>;
}

/** @param messages oldest first. */
export function chunkOf(
  messages: readonly StoredMessage[],
  about: Pick<Chunk, 'owner' | 'tab' | 'newest' | 'skipped'>
): Chunk {
  const ids = new Map<string, number>();
  const segment = segmentOf(
    messages.reduce((sum, { payload }) => sum + HEADER_BYTES + payload.length, 0),
    0
  );
  for (const message of messages) {
    const id = ids.get(message.topic) ?? ids.size;
    ids.set(message.topic, id);
    writeMessage(segment, id, segment.last + 1, message);
  }
  const { owner, tab, newest, skipped } = about;
  return {
    owner,
    tab,
    newest,
    bytes: segment.bytes,
    topics: [...ids.keys()],
    userProperties: segment.userProperties,
    skipped,
  };
}

/** The messages of a chunk, oldest first. They are views of the chunk's own memory. */
export function* messagesOf(chunk: Chunk): Generator<StoredMessage> {
  const { bytes, userProperties, newest, topics } = chunk;
  const segment: Segment = {
    bytes,
    view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    used: bytes.length,
    base: 0,
    last: 0,
    newestTime: newest,
    userProperties: new Map(userProperties),
  };
  for (let at = 0; at < segment.used; at += sizeAt(segment, at)) {
    yield readMessage(segment, at, topics[topicAt(segment, at)]);
  }
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
