import { sizeOf, type QueueSize } from '../message-size';
import { freeMessageId } from './message-ids';
import type { DeliveryState, StoredMessage } from './records';

/** A message that waits in a session until its client has acknowledged it. */
export interface QueueEntry {
  /** Its place in the queue: increases with every message. */
  readonly sequence: number;
  /** Undefined after PUBREC, for a stored message: only the PUBREL is still to be sent. */
  message: StoredMessage | undefined;
  state: DeliveryState | undefined;
  /** The connection over which it was last sent. */
  sentTo: object | undefined;
}

/** The queue of one session: in order, and found by message or by message id without looking through it. */
export class OutgoingQueue {
  readonly #entries = new Map<number, QueueEntry>();
  readonly #byMessage = new Map<string, QueueEntry>();
  readonly #byMessageId = new Map<number, QueueEntry>();
  readonly #totals: QueueSize;
  #bytes = 0;

  /** @param totals of all queues, which this queue updates */
  constructor(totals: QueueSize) {
    this.#totals = totals;
  }

  get size(): QueueSize {
    return { messages: this.#entries.size, bytes: this.#bytes };
  }

  /** In the order of the queue. Messages that are removed meanwhile are left out, and new ones are included. */
  entries(): IterableIterator<QueueEntry> {
    return this.#entries.values();
  }

  add(entry: QueueEntry): void {
    this.#entries.set(entry.sequence, entry);
    this.#totals.messages += 1;
    if (entry.message) {
      this.#byMessage.set(nameOf(entry.message), entry);
      this.#count(sizeOf(entry.message));
    }
    if (entry.state) {
      this.#byMessageId.set(entry.state.messageId, entry);
    }
  }

  byMessage(message: Pick<StoredMessage, 'brokerId' | 'brokerCounter'>): QueueEntry | undefined {
    return this.#byMessage.get(nameOf(message));
  }

  byMessageId(messageId: number): QueueEntry | undefined {
    return this.#byMessageId.get(messageId);
  }

  setState(entry: QueueEntry, state: DeliveryState): void {
    if (entry.state && this.#byMessageId.get(entry.state.messageId) === entry) {
      this.#byMessageId.delete(entry.state.messageId);
    }
    entry.state = state;
    this.#byMessageId.set(state.messageId, entry);
  }

  /** The client has received the message; only the PUBREL is left [MQTT-4.3.3-1]. */
  forgetMessage(entry: QueueEntry): void {
    if (entry.message) {
      this.#byMessage.delete(nameOf(entry.message));
      this.#count(-sizeOf(entry.message));
      entry.message = undefined;
    }
  }

  remove(entry: QueueEntry): void {
    if (!this.#entries.delete(entry.sequence)) {
      return;
    }
    this.#totals.messages -= 1;
    if (entry.message) {
      this.#count(-sizeOf(entry.message));
      if (this.#byMessage.get(nameOf(entry.message)) === entry) {
        this.#byMessage.delete(nameOf(entry.message));
      }
    }
    if (entry.state && this.#byMessageId.get(entry.state.messageId) === entry) {
      this.#byMessageId.delete(entry.state.messageId);
    }
  }

  /** This message id, or the next one that no message in flight has. */
  freeMessageId(messageId: number): number {
    return freeMessageId(messageId, this.#byMessageId);
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    this.#totals.bytes += bytes;
  }
}

function nameOf({ brokerId, brokerCounter }: Pick<StoredMessage, 'brokerId' | 'brokerCounter'>): string {
  return `${brokerCounter}:${brokerId}`;
}
