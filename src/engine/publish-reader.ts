import { concat } from '../utils/concat';
import { type FixedHeader, readFixedHeader } from '../utils/fixed-header';
import type { IncomingMessage } from './incoming-message';
import { readProperties, readUserProperties } from './publish-properties';
import { TopicCache } from './topic-cache';

export interface PublishReaderEvents {
  /** A PUBLISH of QoS 0. */
  onPublish(message: IncomingMessage): void;
  /** Whole packets of every other kind, in order. */
  onRest(bytes: Uint8Array): void;
  /** A packet of so many bytes has begun, more than are taken; nothing is read from here on. */
  onTooLarge(bytes: number): void;
}

/** The most that a packet may have, in bytes: a tab that is sent more must not run out of memory. */
export const MAX_PACKET_BYTES = 16_000_000;

/** PUBLISH, with the bits of its QoS [MQTT-2.2.2]; DUP and RETAIN may be either. */
const PUBLISH_QOS_0 = 0x30;
const TYPE_AND_QOS = 0xf6;
const RETAIN = 0x01;
const DUP = 0x08;

const NO_IDS: readonly number[] = [];

/**
 * Takes the QoS 0 messages out of the bytes from the broker before mqtt.js sees them. They ask nothing of a client
 * but to be read, and mqtt.js spends some 20 µs on each: a copy into its buffer list, a packet object, a microtask,
 * its event. Everything that is a conversation (CONNACK, SUBACK, QoS 1 and 2, PINGRESP) stays with mqtt.js, and so
 * does whatever is malformed, for it to complain about.
 */
export class PublishReader {
  readonly #events: PublishReaderEvents;
  readonly #hasProperties: boolean;
  readonly #topics = new TopicCache();
  /** Of the packet that is read. */
  readonly #header: FixedHeader = { body: 0, end: 0 };
  /** The beginning of a packet whose end is still to come. */
  #pieces: Uint8Array[] = [];
  #have = 0;
  #need = 0;
  #malformed = false;
  #ended = false;
  /** Whether somebody wants the user properties of messages (MQTT 5). */
  readUserProperties = false;

  constructor(protocolVersion: 4 | 5, events: PublishReaderEvents) {
    this.#hasProperties = protocolVersion === 5;
    this.#events = events;
  }

  read(chunk: Uint8Array): void {
    if (this.#ended) {
      return;
    }
    if (this.#malformed) {
      this.#events.onRest(chunk);
      return;
    }
    if (this.#have === 0) {
      this.#split(chunk);
      return;
    }
    this.#pieces.push(chunk);
    this.#have += chunk.length;
    // A large packet comes in many pieces; they are put together once, when all are there.
    if (this.#have >= this.#need) {
      const whole = concat(this.#pieces);
      this.#pieces = [];
      this.#have = 0;
      this.#split(whole);
    }
  }

  #split(bytes: Uint8Array): void {
    const header = this.#header;
    let rest = 0;
    let at = 0;
    while (at < bytes.length) {
      const state = readFixedHeader(bytes, at, header);
      if (state === 'malformed') {
        this.#giveUp(bytes.subarray(rest));
        return;
      }
      if (state === 'incomplete') {
        this.#rest(bytes, rest, at);
        this.#keep(bytes.subarray(at), bytes.length - at + 1);
        return;
      }
      const { end } = header;
      if (end - at > MAX_PACKET_BYTES) {
        this.#rest(bytes, rest, at);
        this.#ended = true;
        this.#events.onTooLarge(end - at);
        return;
      }
      if (end > bytes.length) {
        this.#rest(bytes, rest, at);
        this.#keep(bytes.subarray(at), end - at);
        return;
      }
      if ((bytes[at] & TYPE_AND_QOS) === PUBLISH_QOS_0) {
        const message = this.#readPublish(bytes, at, header);
        if (message === 'malformed') {
          this.#giveUp(bytes.subarray(rest));
          return;
        }
        if (message !== undefined) {
          this.#rest(bytes, rest, at);
          rest = end;
          this.#events.onPublish(message);
        }
      }
      at = end;
    }
    this.#rest(bytes, rest, bytes.length);
  }

  /** @returns `undefined` if the message has properties that only mqtt.js understands. */
  #readPublish(bytes: Uint8Array, at: number, { body, end }: FixedHeader): IncomingMessage | 'malformed' | undefined {
    const topicEnd = body + 2 + ((bytes[body] << 8) | bytes[body + 1]);
    if (end - body < 2 || topicEnd > end) {
      return 'malformed';
    }
    const properties = this.#hasProperties ? readProperties(bytes, topicEnd, end) : undefined;
    if (this.#hasProperties && properties === undefined) {
      return undefined;
    }
    const payloadAt = properties?.end ?? topicEnd;
    return {
      topic: this.#topics.get(bytes, body + 2, topicEnd),
      payload: bytes.subarray(payloadAt, end),
      qos: 0,
      retain: (bytes[at] & RETAIN) !== 0,
      dup: (bytes[at] & DUP) !== 0,
      messageId: undefined,
      subscriptionIdentifiers: properties?.subscriptionIdentifiers ?? NO_IDS,
      userProperties: this.readUserProperties ? readUserProperties(bytes, topicEnd, payloadAt) : undefined,
    };
  }

  #rest(bytes: Uint8Array, begin: number, end: number): void {
    if (end > begin) {
      this.#events.onRest(bytes.subarray(begin, end));
    }
  }

  #keep(piece: Uint8Array, need: number): void {
    this.#pieces = [piece];
    this.#have = piece.length;
    this.#need = need;
  }

  #giveUp(bytes: Uint8Array): void {
    this.#malformed = true;
    this.#events.onRest(bytes);
  }
}
