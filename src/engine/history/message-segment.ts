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
  /**
   * The connection over which it came, counted by the engine; see also {@link FIRST_RESTORED_EPOCH} and
   * {@link FIRST_HISTORY_EPOCH}.
   */
  readonly epoch: number;
}

type MessageFields = Pick<StoredMessage, 'topic' | 'payload' | 'qos' | 'retain' | 'userProperties'>;

/** A message of before, as if it came now. */
export function asIncoming({ topic, payload, qos, retain, userProperties }: MessageFields): IncomingMessage {
  return { topic, payload, qos, retain, userProperties, dup: false, messageId: undefined, subscriptionIdentifiers: [] };
}

/** Messages that were stored over a reload have a number of {@link StoredMessage.epoch} from here on, one for each connection. */
export const FIRST_RESTORED_EPOCH = 0xfe_00_00_00;

/** Messages of a historian have a number of {@link StoredMessage.epoch} from here on, one for each run of a historian. */
export const FIRST_HISTORY_EPOCH = 0xff_00_00_00;

/** The {@link StoredMessage.epoch} of a message that only defines what later ones mean, and is no row: a birth of before. */
export const DEFINITION_EPOCH = -1;

/** Whether a message of this {@link StoredMessage.epoch} did not come live to this page. */
export function isOld(epoch: number): boolean {
  return epoch === 0 || epoch >= FIRST_RESTORED_EPOCH;
}

/** Bytes that a message takes in addition to its payload: time, origin, number, and its length with its flags. */
export const HEADER_BYTES = 20;

const ORIGIN_AT = 8;
const NUMBER_AT = 12;
const LENGTH_AT = 16;

const RETAIN = 1;
const QOS_SHIFT = 1;
const FLAG_BITS = 3;
export const MAX_PAYLOAD = 2 ** (32 - FLAG_BITS) - 1;

/** Numbers in headers count from the base of their segment, up to this. */
export const MAX_SPAN = 0xff_ff_ff_ff;

/** Copying fewer bytes than this one by one is faster than making a view of them. */
const FEW_BYTES = 64;

/** Messages one after the other, oldest first. All but the last segment are full and never change again. */
export interface Segment {
  bytes: Uint8Array;
  view: DataView;
  used: number;
  /** The number before that of its first message: what the numbers in its headers count from. */
  readonly base: number;
  /** The number of its last message. */
  last: number;
  newestTime: number;
  /** By the number of their message; few messages have any. */
  userProperties: Map<number, UserProperties> | undefined;
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
    userProperties: undefined,
  };
}

export function hasRoom({ used, bytes, base }: Segment, size: number, number: number): boolean {
  return used + size <= bytes.length && number - base <= MAX_SPAN;
}

/** Room that is not worth a copy of the segment, as a part of it. */
const LITTLE_ROOM = 1 / 256;

/** Gives back the room behind its last message, unless that is little. */
export function trim(segment: Segment): void {
  const { bytes, used } = segment;
  if (bytes.length - used > bytes.length * LITTLE_ROOM) {
    segment.bytes = segment.bytes.slice(0, segment.used);
    segment.view = new DataView(segment.bytes.buffer);
  }
}

/**
 * Writes a message behind the others. The segment must have room for it.
 *
 * @param origin stands for its topic and its epoch.
 */
export function writeMessage(
  segment: Segment,
  origin: number,
  number: number,
  { payload, time, retain, qos, userProperties }: Omit<StoredMessage, 'topic' | 'epoch'>
): void {
  const { view, used: at } = segment;
  const { length } = payload;
  view.setFloat64(at, time);
  view.setUint32(at + ORIGIN_AT, origin);
  view.setUint32(at + NUMBER_AT, number - segment.base);
  view.setUint32(at + LENGTH_AT, ((length << FLAG_BITS) | (qos << QOS_SHIFT) | (retain ? RETAIN : 0)) >>> 0);
  copyBytes(payload, 0, length, segment.bytes, at + HEADER_BYTES);
  if (userProperties !== undefined) {
    (segment.userProperties ??= new Map()).set(number, userProperties);
  }
  segment.used = at + HEADER_BYTES + length;
  segment.last = number;
  segment.newestTime = time;
}

/**
 * Copies a message behind those of another segment, which must have room for it.
 *
 * @param number of the copy.
 * @param origin of the copy.
 */
export function copyMessage(from: Segment, at: number, to: Segment, number: number, origin: number): void {
  const size = sizeAt(from, at);
  const { used } = to;
  copyBytes(from.bytes, at, at + size, to.bytes, used);
  to.view.setUint32(used + ORIGIN_AT, origin);
  to.view.setUint32(used + NUMBER_AT, number - to.base);
  const userProperties = from.userProperties?.get(numberAt(from, at));
  if (userProperties !== undefined) {
    (to.userProperties ??= new Map()).set(number, userProperties);
  }
  to.used = used + size;
  to.last = number;
  to.newestTime = timeAt(from, at);
}

/** Messages that stand one behind the other in a segment: their first byte, and the one behind their last. */
export interface Run {
  readonly segment: Segment;
  readonly begin: number;
  readonly end: number;
}

/**
 * Copies messages behind those of another segment, which must have room for them.
 *
 * @param originOf the origin of a copy, by that of its message: the copies are numbered anew. Without it, they keep
 * both.
 */
export function copyRun({ segment: from, begin, end }: Run, to: Segment, originOf?: (origin: number) => number): void {
  const moved = to.used - begin;
  copyBytes(from.bytes, begin, end, to.bytes, to.used);
  let last = begin;
  for (let at = begin; at < end; at += sizeAt(from, at)) {
    const before = numberAt(from, at);
    const number = originOf === undefined ? before : to.last + 1;
    to.view.setUint32(at + moved + NUMBER_AT, number - to.base);
    if (originOf !== undefined) {
      to.view.setUint32(at + moved + ORIGIN_AT, originOf(originAt(from, at)));
    }
    const userProperties = from.userProperties?.get(before);
    if (userProperties !== undefined) {
      (to.userProperties ??= new Map()).set(number, userProperties);
    }
    to.last = number;
    last = at;
  }
  to.used += end - begin;
  to.newestTime = timeAt(from, last);
}

/** The message that begins at a place. */
export function readMessage(segment: Segment, at: number, topic: string, epoch: number): StoredMessage {
  const { view, bytes } = segment;
  const packed = view.getUint32(at + LENGTH_AT);
  const from = at + HEADER_BYTES;
  return {
    topic,
    payload: bytes.subarray(from, from + (packed >>> FLAG_BITS)),
    time: view.getFloat64(at),
    retain: (packed & RETAIN) !== 0,
    qos: ((packed >> QOS_SHIFT) & 3) as 0 | 1 | 2,
    userProperties: segment.userProperties?.get(numberAt(segment, at)),
    epoch,
  };
}

/** Whether the broker had retained the message that begins at a place. */
export function isRetained({ view }: Segment, at: number): boolean {
  return (view.getUint32(at + LENGTH_AT) & RETAIN) !== 0;
}

/** Bytes of the message that begins at a place. */
export function sizeAt({ view }: Segment, at: number): number {
  return HEADER_BYTES + (view.getUint32(at + LENGTH_AT) >>> FLAG_BITS);
}

export function originAt({ view }: Segment, at: number): number {
  return view.getUint32(at + ORIGIN_AT);
}

export function numberAt({ view, base }: Segment, at: number): number {
  return base + view.getUint32(at + NUMBER_AT);
}

export function timeAt({ view }: Segment, at: number): number {
  return view.getFloat64(at);
}

function copyBytes(from: Uint8Array, begin: number, end: number, to: Uint8Array, at: number): void {
  if (end - begin > FEW_BYTES) {
    to.set(begin === 0 && end === from.length ? from : from.subarray(begin, end), at);
    return;
  }
  for (let read = begin, write = at; read < end; read++, write++) {
    to[write] = from[read];
  }
}
