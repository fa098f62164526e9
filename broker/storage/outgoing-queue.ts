import type { DeliveryState, StoredMessage } from './records';

/** A message that waits in a session until its client has acknowledged it. */
export interface QueueEntry {
  /** Its place in the queue: rises with every message stored. */
  readonly sequence: number;
  /** Undefined once PUBREC came and the message was a stored one: only the PUBREL is still owed. */
  message: StoredMessage | undefined;
  state: DeliveryState | undefined;
  /** The connection it was last sent over. */
  sentTo: object | undefined;
}

const MAX_MESSAGE_ID = 65_535;

/** The queue of one session: in order, and found by message or by message id without looking through it. */
export class OutgoingQueue {
  readonly #entries = new Map<number, QueueEntry>();
  readonly #byMessage = new Map<string, QueueEntry>();
  readonly #byMessageId = new Map<number, QueueEntry>();

  get length(): number {
    return this.#entries.size;
  }

  /** In the order of the queue. What is removed or added meanwhile is left out or comes along. */
  entries(): IterableIterator<QueueEntry> {
    return this.#entries.values();
  }

  add(entry: QueueEntry): void {
    this.#entries.set(entry.sequence, entry);
    if (entry.message) {
      this.#byMessage.set(nameOf(entry.message), entry);
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

  /** The message was received; all that is left is to say so [MQTT-4.3.3-1]. */
  forgetMessage(entry: QueueEntry): void {
    if (entry.message) {
      this.#byMessage.delete(nameOf(entry.message));
      entry.message = undefined;
    }
  }

  remove(entry: QueueEntry): void {
    this.#entries.delete(entry.sequence);
    if (entry.message && this.#byMessage.get(nameOf(entry.message)) === entry) {
      this.#byMessage.delete(nameOf(entry.message));
    }
    if (entry.state && this.#byMessageId.get(entry.state.messageId) === entry) {
      this.#byMessageId.delete(entry.state.messageId);
    }
  }

  /** This message id, or the next one that no message in flight has; the given one when all are taken. */
  freeMessageId(messageId: number): number {
    let candidate = messageId;
    for (let tries = 0; tries < MAX_MESSAGE_ID && this.#byMessageId.has(candidate); tries += 1) {
      candidate = candidate >= MAX_MESSAGE_ID ? 1 : candidate + 1;
    }
    return candidate;
  }
}

function nameOf({ brokerId, brokerCounter }: Pick<StoredMessage, 'brokerId' | 'brokerCounter'>): string {
  return `${brokerCounter}:${brokerId}`;
}
