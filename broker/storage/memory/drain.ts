import type { AedesPublishPacket } from 'aedes';
import { toPacket, type PersistenceClient, type PubrelPacket } from './aedes-shapes';
import type { OutgoingQueue, QueueEntry } from './outgoing-queue';

/** The queue of a client that has come back, while it is being sent. */
interface Drain {
  client: PersistenceClient;
  /** Numbers of the messages of this run that are sent from the queue, and not live. */
  covered: Set<number>;
  highest: number;
  /** True while the queue is being sent; a message that is queued meanwhile is sent too. */
  going: boolean;
  /** The message that Aedes has got and not sent yet, and the callback for when it is sent. */
  current: QueueEntry | undefined;
  goOn: (() => void) | undefined;
}

/**
 * Sends the queue of a client in order, and with it the messages that are published meanwhile. Aedes sends both at the
 * same time: a live message overtakes earlier ones on the same topic [MQTT-4.6.0-6], and one that came meanwhile is
 * sent twice.
 */
export class Drains {
  readonly #byClient = new WeakMap<PersistenceClient, Drain>();
  readonly #going = new Map<string, Drain>();

  /**
   * Begins at once, and not with the first read: a message that is published in between would overtake the queue.
   *
   * @param brokerId identifies this run of the broker
   */
  drain(
    client: PersistenceClient,
    connection: object,
    brokerId: string | undefined,
    queue: () => OutgoingQueue | undefined
  ): AsyncGenerator<AedesPublishPacket | PubrelPacket> {
    const drain: Drain = { client, covered: new Set(), highest: 0, going: true, current: undefined, goOn: undefined };
    this.#byClient.set(client, drain);
    this.#going.set(client.id, drain);
    for (const { message } of queue()?.entries() ?? []) {
      // Messages that an earlier run numbered are not published again, so their numbers do not matter here.
      if (message && message.brokerId === brokerId) {
        cover(drain, message.brokerCounter);
      }
    }
    return this.#send(drain, connection, queue);
  }

  async *#send(
    drain: Drain,
    connection: object,
    queue: () => OutgoingQueue | undefined
  ): AsyncGenerator<AedesPublishPacket | PubrelPacket> {
    try {
      let sending: OutgoingQueue | undefined;
      // An empty queue is dropped; the next message that is published begins another one.
      while (sending !== queue()) {
        sending = queue();
        for (const entry of sending?.entries() ?? []) {
          if (entry.sentTo === connection) {
            continue;
          }
          const over = new Promise<void>((resolve) => {
            drain.goOn = resolve;
          });
          drain.current = entry;
          yield asSent(entry, true);
          // The next message follows only after this one is sent, or it would overtake those in between.
          await over;
          if (!drain.going) {
            return;
          }
        }
      }
    } finally {
      this.#end(drain);
    }
  }

  /** The client has disconnected, perhaps before the rest of its queue was read. */
  left(client: PersistenceClient): void {
    const drain = this.#byClient.get(client);
    if (drain) {
      this.#end(drain);
    }
  }

  /** A message was queued for a client: if the queue is being sent, the message is sent too. */
  joins(clientId: string, brokerCounter: number): void {
    const drain = this.#going.get(clientId);
    if (drain) {
      cover(drain, brokerCounter);
    }
  }

  /** A queued message is being sent, or was removed. */
  taken(client: PersistenceClient, entry: QueueEntry): void {
    const drain = this.#going.get(client.id);
    if (drain?.current === entry) {
      drain.goOn?.();
    }
  }

  covers(client: PersistenceClient, brokerCounter: number): boolean {
    const drain = this.#byClient.get(client);
    if (!drain) {
      return false;
    }
    if (drain.covered.has(brokerCounter)) {
      return true;
    }
    if (!drain.going && brokerCounter > drain.highest) {
      // Messages are delivered in the order of their numbers: none of these numbers can come any more.
      this.#byClient.delete(client);
    }
    return false;
  }

  #end(drain: Drain): void {
    drain.going = false;
    drain.current = undefined;
    drain.goOn?.();
    if (this.#going.get(drain.client.id) === drain) {
      this.#going.delete(drain.client.id);
    }
  }
}

function cover(drain: Drain, brokerCounter: number): void {
  drain.covered.add(brokerCounter);
  drain.highest = Math.max(drain.highest, brokerCounter);
}

/**
 * The packet for a queued message: its PUBLISH, or its PUBREL after the client has received it.
 *
 * @param resent whether an earlier connection may have received it; then DUP is set [MQTT-3.3.1-1]
 */
export function asSent({ message, state }: QueueEntry, resent: boolean): AedesPublishPacket | PubrelPacket {
  return !message || state?.released
    ? { cmd: 'pubrel', messageId: state?.messageId ?? 0 }
    : toPacket(message, state?.messageId, resent && state !== undefined);
}
