import type { UserProperties } from '../../payload';
import type { IncomingMessage } from '../incoming-message';

/** A message as it came, out of the message ring. */
export interface StoredMessage {
  readonly topic: string;
  /** A view of the ring's own memory: read it, and do not change it. */
  readonly payload: Uint8Array;
  /** When it arrived, in milliseconds since 1970. */
  readonly time: number;
  readonly retain: boolean;
  readonly qos: 0 | 1 | 2;
  readonly userProperties: UserProperties | undefined;
  /** The connection over which it came, counted by the engine; see also {@link FIRST_HISTORY_EPOCH}. */
  readonly epoch: number;
}

type MessageFields = Pick<StoredMessage, 'topic' | 'payload' | 'qos' | 'retain' | 'userProperties'>;

/** A message of before, as if it came now. */
export function asIncoming({ topic, payload, qos, retain, userProperties }: MessageFields): IncomingMessage {
  return { topic, payload, qos, retain, userProperties, dup: false, messageId: undefined, subscriptionIdentifiers: [] };
}

/** Messages of a historian have a number of {@link StoredMessage.epoch} from here on, one for each run of a historian. */
export const FIRST_HISTORY_EPOCH = 0xff_00_00_00;

/** Bytes that a message takes in addition to its payload: time, topic, number, connection, and its length with its flags. */
export const HEADER_BYTES = 24;

const RETAIN = 1;
const QOS_SHIFT = 1;
const FLAG_BITS = 3;
export const MAX_PAYLOAD = 2 ** (32 - FLAG_BITS) - 1;

/** Messages one after the other, oldest first. All but the last segment are full and never change again. */
export interface Segment {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  used: number;
  /** The number before that of its first message: what the numbers in its headers count from. */
  readonly base: number;
  /** The number of its last message. */
  last: number;
  newestTime: number;
  /** By the number of their message. */
  readonly userProperties: Map<number, UserProperties>;
}

export function segmentOf(size: number, base: number): Segment {
  const bytes = new Uint8Array(size);
  return {
    bytes,
    view: new DataView(bytes.buffer),
    used: 0,
    base,
    last: base,
    newestTime: -Infinity,
    userProperties: new Map(),
  };
}

export function hasRoom({ used, bytes, base }: Segment, size: number, number: number): boolean {
  return used + size <= bytes.length && number - base <= 0xff_ff_ff_ff;
}

export function trimmed(segment: Segment): Segment {
  const { bytes, used } = segment;
  if (used === bytes.length) {
    return segment;
  }
  const exact = bytes.slice(0, used);
  return { ...segment, bytes: exact, view: new DataView(exact.buffer) };
}

export function forEachMessage(segment: Segment, each: (at: number, size: number, topic: number) => void): void {
  for (let at = 0; at < segment.used;) {
    const size = sizeAt(segment, at);
    each(at, size, topicAt(segment, at));
    at += size;
  }
}

/** Writes a message behind the others. The segment must have room for it. */
export function writeMessage(
  segment: Segment,
  topic: number,
  number: number,
  message: Omit<StoredMessage, 'topic'>
): void {
  const { payload, time, retain, qos, userProperties, epoch } = message;
  const { view, used: at } = segment;
  view.setFloat64(at, time);
  view.setUint32(at + 8, topic);
  view.setUint32(at + 12, number - segment.base);
  view.setUint32(at + 16, ((payload.length << FLAG_BITS) | (qos << QOS_SHIFT) | (retain ? RETAIN : 0)) >>> 0);
  view.setUint32(at + 20, epoch);
  segment.bytes.set(payload, at + HEADER_BYTES);
  if (userProperties !== undefined) {
    segment.userProperties.set(number, userProperties);
  }
  segment.used = at + HEADER_BYTES + payload.length;
  segment.last = number;
  segment.newestTime = time;
}

/**
 * Copies a message behind those of another segment, which must have room for it.
 *
 * @param number of the copy.
 */
export function copyMessage(from: Segment, at: number, size: number, segment: Segment, number: number): void {
  const to = segment.used;
  segment.bytes.set(from.bytes.subarray(at, at + size), to);
  segment.view.setUint32(to + 12, number - segment.base);
  const userProperties = from.userProperties.get(numberAt(from, at));
  if (userProperties !== undefined) {
    segment.userProperties.set(number, userProperties);
  }
  segment.used = to + size;
  segment.last = number;
  segment.newestTime = from.view.getFloat64(at);
}

/** The message that begins at a place. */
export function readMessage(segment: Segment, at: number, topic: string): StoredMessage {
  const { view, bytes } = segment;
  const packed = view.getUint32(at + 16);
  const from = at + HEADER_BYTES;
  return {
    topic,
    payload: bytes.subarray(from, from + (packed >>> FLAG_BITS)),
    time: view.getFloat64(at),
    retain: (packed & RETAIN) !== 0,
    qos: ((packed >> QOS_SHIFT) & 3) as 0 | 1 | 2,
    userProperties: segment.userProperties.get(numberAt(segment, at)),
    epoch: view.getUint32(at + 20),
  };
}

/** Whether the broker had retained the message that begins at a place. */
export function isRetained({ view }: Segment, at: number): boolean {
  return (view.getUint32(at + 16) & RETAIN) !== 0;
}

/** Bytes of the message that begins at a place. */
export function sizeAt({ view }: Segment, at: number): number {
  return HEADER_BYTES + (view.getUint32(at + 16) >>> FLAG_BITS);
}

export function topicAt({ view }: Segment, at: number): number {
  return view.getUint32(at + 8);
}

export function numberAt({ view, base }: Segment, at: number): number {
  return base + view.getUint32(at + 12);
}

export function timeAt({ view }: Segment, at: number): number {
  return view.getFloat64(at);
}
