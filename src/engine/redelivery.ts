import type { IncomingMessage } from './incoming-message';
import { hashBytes, hashText } from '../payload';

/** Messages of QoS 1 that are remembered: more than any broker has on its way to one client. */
const REMEMBERED = 1_000;

type RedeliveredMessage = Pick<IncomingMessage, 'topic' | 'payload' | 'dup' | 'messageId'>;

/**
 * Knows the messages of QoS 1 whose acknowledgement may have been lost with the connection. A broker that kept the
 * session sends them again, with the same packet identifier and DUP set [MQTT-4.4.0-1]; a row must not come twice.
 */
export class Redelivery {
  /** Hash of topic and payload by packet identifier, oldest first. */
  #earlier = new Map<number, number>();
  #current = new Map<number, number>();

  /** A connection begins. @param resumed whether the broker kept the session of the one before. */
  begin(resumed: boolean): void {
    this.#earlier = resumed ? this.#current : new Map();
    this.#current = new Map();
  }

  /** Notes a message of QoS 1. @returns whether the connection before this one brought it already. */
  repeats({ topic, payload, dup, messageId: id }: RedeliveredMessage): boolean {
    if (id === undefined) {
      return false;
    }
    const hash = hashBytes(payload, hashText(topic));
    const repeated = dup && this.#earlier.get(id) === hash;
    // An identifier is free again once the broker has its acknowledgement, so it counts once.
    this.#earlier.delete(id);
    this.#current.delete(id);
    this.#current.set(id, hash);
    if (this.#current.size > REMEMBERED) {
      this.#current.delete(this.#current.keys().next().value!);
    }
    return repeated;
  }
}
