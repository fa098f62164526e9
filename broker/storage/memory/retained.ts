import type { AedesPublishPacket } from 'aedes';
import { sizeOf } from '../message-size';
import { findTopics, TopicTree } from '../../../src/topics';

/** The last retained message of each topic. */
export class RetainedMessages {
  readonly #tree = new TopicTree<AedesPublishPacket>();
  #bytes = 0;

  get count(): number {
    return this.#tree.size;
  }

  /** Bytes of topics and payloads. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Bytes of the message of this topic; undefined when there is none. */
  sizeOf(topic: string): number | undefined {
    const packet = this.#tree.get(topic);
    return packet && sizeOf(packet);
  }

  /** Stores or, when the payload is empty, removes [MQTT-3.3.1-10]; returns what is stored. */
  store(packet: AedesPublishPacket): AedesPublishPacket | undefined {
    this.#bytes -= this.sizeOf(packet.topic) ?? 0;
    if (packet.payload.length === 0) {
      this.#tree.delete(packet.topic);
      return undefined;
    }
    // A copy: the payload is a part of what came over the socket in one piece, and would hold all of it.
    const stored = { ...packet, payload: Buffer.from(packet.payload as Buffer) };
    this.#tree.set(packet.topic, stored);
    this.#bytes += sizeOf(stored);
    return stored;
  }

  /** For each filter, what it matches. */
  *matching(filters: string[]): Generator<AedesPublishPacket> {
    for (const filter of filters) {
      yield* findTopics(this.#tree, filter);
    }
  }
}
