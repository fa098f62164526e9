import { findTopics, shareless, TopicTree } from '../topics';
import type { UserProperties } from '../payload';
import type { IncomingMessage } from './incoming-message';

/** Topics, and bytes of their names and payloads. */
const MAX_TOPICS = 20_000;
const MAX_BYTES = 8_000_000;

/** Bytes that an entry takes in addition to its topic and payload, about. */
const ENTRY_BYTES = 100;

/** The newest message of a topic that has a retained message. */
export interface RetainedMessage {
  readonly topic: string;
  payload: Uint8Array;
  qos: 0 | 1 | 2;
  userProperties: UserProperties | undefined;
  /** Whether it is still there. */
  isStored: boolean;
}

/**
 * The retained messages that the broker has sent, for streams that open later: some brokers send them for the first
 * SUBSCRIBE only, and none for a filter that is covered by another one. The oldest go first if there are too many.
 *
 * A live message does not say whether it is retained [MQTT-3.3.1-9], so it replaces the message of its topic here.
 */
export class RetainedStore {
  readonly #tree = new TopicTree<RetainedMessage>();
  readonly #byAge = new Map<string, RetainedMessage>();
  #bytes = 0;

  /** A message with RETAIN set has come. @returns the stored message; none if it was empty [MQTT-3.3.1-6]. */
  set(message: IncomingMessage): RetainedMessage | undefined {
    const { topic, payload, qos, userProperties } = message;
    const known = this.#byAge.get(topic);
    if (known !== undefined) {
      this.update(known, message);
      return known.isStored ? known : undefined;
    }
    const bytes = sizeOf(topic, payload);
    if (payload.length === 0 || bytes > MAX_BYTES) {
      return undefined;
    }
    const stored = { topic, payload: payload.slice(), qos, userProperties, isStored: true };
    this.#tree.set(topic, stored);
    this.#byAge.set(topic, stored);
    this.#bytes += bytes;
    this.#evict();
    return stored;
  }

  /** A message has come for the topic of a stored one. */
  update(stored: RetainedMessage, { payload, qos, userProperties }: IncomingMessage): void {
    if (!stored.isStored) {
      return; // given up since
    }
    if (payload.length === 0 || sizeOf(stored.topic, payload) > MAX_BYTES) {
      this.#delete(stored);
      return;
    }
    this.#bytes += payload.length - stored.payload.length;
    if (payload.length === stored.payload.length) {
      stored.payload.set(payload);
    } else {
      stored.payload = payload.slice();
    }
    stored.qos = qos;
    stored.userProperties = userProperties;
    this.#evict();
  }

  get(topic: string): RetainedMessage | undefined {
    return this.#byAge.get(topic);
  }

  /** Whether there is one whose topic a filter matches. */
  has(filter: string): boolean {
    return findTopics(this.#tree, shareless(filter)).next().done !== true;
  }

  /** The retained messages whose topic a filter matches. */
  matching(filter: string): RetainedMessage[] {
    return [...findTopics(this.#tree, shareless(filter))];
  }

  /** The broker no longer sends what changes below a filter. */
  forget(filter: string): void {
    for (const stored of this.matching(filter)) {
      this.#delete(stored);
    }
  }

  #delete(stored: RetainedMessage): void {
    stored.isStored = false;
    this.#tree.delete(stored.topic);
    this.#byAge.delete(stored.topic);
    this.#bytes -= sizeOf(stored.topic, stored.payload);
  }

  #evict(): void {
    while (this.#byAge.size > MAX_TOPICS || this.#bytes > MAX_BYTES) {
      this.#delete(this.#byAge.values().next().value!);
    }
  }
}

function sizeOf(topic: string, payload: Uint8Array): number {
  return ENTRY_BYTES + 2 * topic.length + payload.length;
}
