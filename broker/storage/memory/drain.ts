import type { AedesPublishPacket } from 'aedes';
import { toPacket, type PersistenceClient, type PubrelPacket } from './aedes-shapes';
import type { OutgoingQueue, QueueEntry } from './outgoing-queue';

/** A queue that is being sent to a client that came back. */
interface Drain {
  client: PersistenceClient;
  /** Numbers of the messages of this run that go out from the queue, and not live. */
  covered: Set<number>;
  highest: number;
  /** Still sending; what is queued meanwhile comes along. */
  going: boolean;
  /** The message that was handed over and is not being sent yet, and what to call when it is. */
  current: QueueEntry | undefined;
  goOn: (() => void) | undefined;
}

/**
 * Sends what waited for a client, in order, and with it what is published meanwhile. Aedes sends both side by side: a
 * live message overtakes those before it on the same topic [MQTT-4.6.0-6], and one that came in between is sent twice.
 */
export class Drains {
  readonly #byClient = new WeakMap<PersistenceClient, Drain>();
  readonly #going = new Map<string, Drain>();

  /**
   * Begins at once, not with the first message that is asked for: one that is published in between would overtake.
   *
   * @param brokerId which run of the broker this is
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
      // What an earlier run numbered is not published again, and says nothing of this run's messages.
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
      // An empty queue is given up, and another one begun for what is published next.
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
          // Not the next one before this one is on its way: those that wait in between would be overtaken.
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

  /** The client has left; nobody may have asked for what was still to be sent. */
  left(client: PersistenceClient): void {
    const drain = this.#byClient.get(client);
    if (drain) {
      this.#end(drain);
    }
  }

  /** A message was queued for a client: when its queue is being sent, it comes along. */
  joins(clientId: string, brokerCounter: number): void {
    const drain = this.#going.get(clientId);
    if (drain) {
      cover(drain, brokerCounter);
    }
  }

  /** A queued message is being sent, or is no longer there. */
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
      // Messages are delivered in the order of their numbers: none of those is to come any more.
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
 * What is sent for a queued message: the message, or the PUBREL once it was received.
 *
 * @param resent whether this is another connection than the one that may have had it already; then it says DUP
 */
export function asSent({ message, state }: QueueEntry, resent: boolean): AedesPublishPacket | PubrelPacket {
  return !message || state?.released
    ? { cmd: 'pubrel', messageId: state?.messageId ?? 0 }
    : toPacket(message, state?.messageId, resent && state !== undefined);
}
