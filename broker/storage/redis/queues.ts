import { Readable } from 'node:stream';
import type { AedesPublishPacket } from 'aedes';
import { getOrSet } from '../../../src/utils/get-or-set';
import type { Limits } from '../../limits';
import { sizeOf, type QueueSize } from '../message-size';
import {
  toPacket,
  toStored,
  type OutgoingPacket,
  type PersistenceClient,
  type PubrelPacket,
} from '../memory/aedes-shapes';
import { freeMessageId, keepMessageIdsApart } from '../memory/message-ids';
import { decodeMessage, encodeMessage, type DeliveryState } from '../memory/records';
import { Delivery, nameOf } from './delivery';
import type { RedisClient } from './client';
import { CLEAR, END, ENQUEUE, MESSAGE, NOTE, PAGE, queueKey, SESSIONS, stateKey, TOTALS } from './scripts';

type QueueLimits = Pick<Limits, 'queueMessages' | 'queueBytes' | 'queueTotal' | 'queueTotalBytes'>;

/** The queued messages of all sessions, at all brokers. */
export interface Enqueued extends QueueSize {
  /** Sessions that had no room, and how many messages wait for them. */
  refused: Array<{ clientId: string; messages: number }>;
}

/** The part of a queue that is read at a time. */
const PAGE_MESSAGES = 100;
const PAGE_BYTES = 256 * 1024;

/** Messages of a session that are removed at a time when it ends. */
const END_MESSAGES = 1_000;

/**
 * The queues of sessions in Redis, in place of those of aedes-persistence-redis 12.0.0, which was read and tried: it
 * counts a message down for each acknowledgement, even of a copy that is no longer there, and deletes it while other
 * sessions wait for it. Here a message counts once for each queue that it is in, and each step is one script.
 *
 * As in the queues of one broker (`persistence.ts`), a message keeps its place, and a message that was sent is sent again with
 * its message id and DUP [MQTT-4.4.0-1]. Its QoS is that of the session's filter, and not of another session's.
 */
export class RedisQueues {
  readonly #conn: RedisClient;
  readonly #deliveries = new WeakMap<PersistenceClient, Delivery>();

  constructor(conn: RedisClient) {
    this.#conn = conn;
  }

  /** Queues a message for the sessions that have room; each of them once. */
  async enqueue(
    subscriptions: ReadonlyArray<{ clientId: string; qos?: number }>,
    packet: AedesPublishPacket,
    { queueMessages, queueBytes, queueTotal, queueTotalBytes }: QueueLimits
  ): Promise<Enqueued> {
    const name = nameOf(packet.brokerId, packet.brokerCounter);
    const keys = subscriptions.flatMap(({ clientId }) => [queueKey(clientId), stateKey(clientId)]);
    const sessions = subscriptions.flatMap(({ clientId, qos = 2 }) => [clientId, Math.min(qos, packet.qos)]);
    const [messages, bytes, refused] = (await this.#conn.eval(
      ENQUEUE,
      3 + keys.length,
      MESSAGE + name,
      TOTALS,
      SESSIONS,
      ...keys,
      name,
      Buffer.from(encodeMessage(toStored(packet))),
      sizeOf(packet),
      queueMessages,
      queueBytes,
      queueTotal,
      queueTotalBytes,
      ...sessions
    )) as [number, number, number[]];
    return {
      messages,
      bytes,
      refused: Array.from({ length: refused.length / 2 }, (_, n) => ({
        clientId: subscriptions[refused[n * 2]].clientId,
        messages: refused[n * 2 + 1],
      })),
    };
  }

  /** Notes the message id that a message is sent with, or that it was received (`pubrel`). */
  async update(client: PersistenceClient, packet: OutgoingPacket | PubrelPacket): Promise<void> {
    const { messageId } = packet;
    const delivery = this.#deliveryOf(client);
    const name = packet.cmd === 'pubrel' ? delivery.inFlight.get(packet.messageId) : queuedName(packet);
    if (name === undefined || messageId === undefined) {
      return;
    }
    delivery.taken(name);
    delivery.inFlight.set(messageId, name);
    const state: DeliveryState = { messageId, released: packet.cmd === 'pubrel' };
    const keys = [queueKey(client.id), stateKey(client.id)];
    const noted = this.#conn.eval(NOTE, 2, ...keys, name, JSON.stringify(state));
    if (packet.cmd !== 'pubrel' && packet.qos === 1) {
      // Not waited for: without it, a kill makes the message come again with another id, which QoS 1 permits.
      noted.catch(() => {});
      return;
    }
    await noted;
  }

  /** The message with this id was acknowledged. Returns the totals now; undefined if there was no such message. */
  async acknowledge(client: PersistenceClient, messageId: number): Promise<QueueSize | undefined> {
    const delivery = this.#deliveries.get(client);
    const name = delivery?.inFlight.get(messageId);
    delivery?.inFlight.delete(messageId);
    return name === undefined ? undefined : this.#clear(client.id, name);
  }

  /** This message is not to go to this client. */
  async remove(client: PersistenceClient, packet: OutgoingPacket): Promise<QueueSize | undefined> {
    const name = queuedName(packet);
    return name === undefined ? undefined : this.#clear(client.id, name);
  }

  /** The queue of a connected client, and the messages that come while it is being sent; see {@link Delivery}. */
  stream(client: PersistenceClient): Readable {
    const delivery = this.#deliveryOf(client);
    keepMessageIdsApart(client, (next) => freeMessageId(next, delivery.inFlight));
    return Readable.from(this.#send(client, delivery));
  }

  /** Whether a message is not to be sent live, because it is sent from the queue. */
  holdsBack(client: PersistenceClient, { brokerId, brokerCounter }: OutgoingPacket): boolean {
    return (
      brokerId !== undefined &&
      brokerCounter !== undefined &&
      this.#deliveries.get(client)?.holdsBack(brokerId, brokerCounter) === true
    );
  }

  /** The client has left. */
  left(client: PersistenceClient): void {
    this.#deliveries.get(client)?.end();
  }

  /**
   * Ends a session: removes its queue, and queues nothing more for it.
   *
   * @param unseenSince only if it was not seen after this time, in milliseconds since 1970
   * @returns whether there was such a session, which has ended
   */
  async end(clientId: string, unseenSince?: number): Promise<boolean> {
    const keys = [queueKey(clientId), stateKey(clientId), TOTALS, SESSIONS];
    const age = unseenSince === undefined ? [] : [unseenSince];
    for (;;) {
      // The next messages follow when these are removed.
      const left = await this.#conn.eval(END, keys.length, ...keys, clientId, END_MESSAGES, MESSAGE, ...age);
      if (left !== 2) {
        return left === 1;
      }
    }
  }

  async *#send(client: PersistenceClient, delivery: Delivery): AsyncGenerator<AedesPublishPacket | PubrelPacket> {
    try {
      const states = await this.#states(client.id);
      for (const [name, { messageId }] of states) {
        delivery.inFlight.set(messageId, name);
      }
      let number = 0;
      while (delivery.going) {
        delivery.asks();
        const page = await this.#page(client.id, number);
        if (page.length === 0 && delivery.isOver()) {
          return;
        }
        for (const { name, body, ...at } of page) {
          number = at.number;
          const state = states.get(name);
          const over = delivery.hand(name);
          yield state?.released
            ? { cmd: 'pubrel', messageId: state.messageId }
            : toPacket({ ...decodeMessage(body), qos: qosOf(number) }, state?.messageId, state !== undefined);
          // In order: the next message waits until this one is on its way.
          await over;
          if (!delivery.going) {
            return;
          }
        }
      }
    } finally {
      delivery.end();
    }
  }

  async #states(clientId: string): Promise<Map<string, DeliveryState>> {
    const { bytes: _, ...states }: Record<string, string> = await this.#conn.hgetall(stateKey(clientId));
    return new Map(Object.entries(states).map(([name, state]) => [name, JSON.parse(state) as DeliveryState]));
  }

  async #page(clientId: string, number: number): Promise<Array<{ name: string; number: number; body: Buffer }>> {
    const found = (await this.#conn.evalBuffer(
      PAGE,
      1,
      queueKey(clientId),
      number,
      PAGE_MESSAGES,
      PAGE_BYTES,
      MESSAGE
    )) as Buffer[];
    return Array.from({ length: found.length / 3 }, (_, n) => ({
      name: found[n * 3].toString(),
      number: Number(found[n * 3 + 1].toString()),
      body: found[n * 3 + 2],
    }));
  }

  async #clear(clientId: string, name: string): Promise<QueueSize> {
    const keys = [queueKey(clientId), stateKey(clientId), TOTALS, MESSAGE + name];
    const totals = (await this.#conn.eval(CLEAR, keys.length, ...keys, name)) as Array<string | null>;
    const [messages, bytes] = totals.map(Number);
    return { messages, bytes };
  }

  #deliveryOf(client: PersistenceClient): Delivery {
    return getOrSet(this.#deliveries, client, () => new Delivery());
  }
}

function queuedName({ brokerId, brokerCounter }: OutgoingPacket): string | undefined {
  return brokerId === undefined || brokerCounter === undefined ? undefined : nameOf(brokerId, brokerCounter);
}

/** The QoS that a message was queued with; see {@link queueKey}. */
function qosOf(number: number): 1 | 2 {
  return number % 4 === 2 ? 2 : 1;
}
