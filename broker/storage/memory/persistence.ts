import { Readable } from 'node:stream';
import type { AedesPublishPacket, PublishPacket, Subscription } from 'aedes';
import { getOrSet } from '../../../src/utils/get-or-set';
import type { PublishDone } from '../../aedes/internals';
import type { QueueSize } from '../message-size';
import {
  toPacket,
  toStored,
  type OutgoingPacket,
  type PersistenceBroker,
  type PersistenceClient,
  type PubrelPacket,
  type Will,
} from './aedes-shapes';
import { asSent, Drains } from './drain';
import { IncomingMessages } from './incoming';
import { NO_JOURNAL, type Change, type Journal } from '../disk/journal';
import { keepMessageIdsApart } from './message-ids';
import { OutgoingQueue, type QueueEntry } from './outgoing-queue';
import { encodeJson, encodeMessage, keys, type DeliveryState, type StoredMessage, type StoredSession } from './records';
import { RetainedMessages } from './retained';
import { Subscriptions } from './subscriptions';

/**
 * The persistence for Aedes: everything is in memory, and every change is written to a journal before it counts as done.
 * With a journal on disk, acknowledged messages survive a kill.
 *
 * Apart from being durable, it differs from aedes-persistence 11 and aedes-persistence-level 9.2.0, which were read and
 * tried, as follows:
 *
 * - A QoS 2 message is stored together with the mark that it was received. aedes-persistence-level writes the mark
 *   first; killed in between, it answers the repeated PUBLISH with PUBREC and the message is gone.
 * - A queue has the same order after a restart (Level sorts it by the random id of the broker's run), and a message is
 *   found in the same time, however long the queue is.
 * - A filter is stored even if another filter of the client covers it (Level drops `a/b` if there is `a/#`).
 * - A message id in use is not given to another message, and a repeated message has DUP [MQTT-3.3.1-1].
 * - A message that arrives while its session is being restored is sent once, not twice, and after the queue.
 * - A client is not dropped (`no such packet`) for a message that was published before its SUBSCRIBE and delivered after.
 */
export class SessionPersistence {
  readonly #journal: Journal;
  readonly qosPerClient = true;
  readonly retained: RetainedMessages;
  readonly subscriptions = new Subscriptions();
  readonly incoming: IncomingMessages;
  readonly #queues = new Map<string, OutgoingQueue>();
  /** The totals of all queues. */
  readonly queueTotals: QueueSize = { messages: 0, bytes: 0 };
  readonly #wills = new Map<string, Will>();
  readonly #sessions = new Map<string, StoredSession>();
  /** A small object in place of each connection, which would otherwise not be collected. */
  readonly #connections = new WeakMap<PersistenceClient, object>();
  readonly #drains = new Drains();
  #sequence = 0;
  #broker: PersistenceBroker | undefined;

  constructor(journal: Journal = NO_JOURNAL) {
    this.#journal = journal;
    this.retained = new RetainedMessages();
    this.incoming = new IncomingMessages(journal);
  }

  get broker(): PersistenceBroker | undefined {
    return this.#broker;
  }

  async setup(broker: PersistenceBroker): Promise<void> {
    this.#broker = broker;
    this.#followPublish(broker);
    broker.on?.('client', (client) => this.#seen(client));
    broker.on?.('clientDisconnect', (client) => {
      this.#drains.left(client);
      this.#seen(client);
    });
    return Promise.resolve();
  }

  /** Closes nothing: the journal belongs to the caller that opened it. */
  async destroy(): Promise<void> {
    return Promise.resolve();
  }

  // Retained messages

  storeRetained(packet: AedesPublishPacket): Promise<void> {
    const key = keys.retained(packet.topic);
    const stored = this.retained.store(packet);
    return this.#journal.write([[key, stored && encodeMessage(toStored(stored))]]);
  }

  createRetainedStream(filter: string): Readable {
    return this.createRetainedStreamCombi([filter]);
  }

  createRetainedStreamCombi(filters: string[]): Readable {
    return Readable.from(this.retained.matching(filters));
  }

  // Subscriptions

  addSubscriptions(client: PersistenceClient, subscriptions: Subscription[]): Promise<void> {
    const changes = this.subscriptions.add(client.id, subscriptions);
    return this.#journal.write(changes);
  }

  async removeSubscriptions(client: PersistenceClient, filters: string[]): Promise<void> {
    // Removed after it is written: until Aedes stops the live delivery, its messages have to be queued.
    await this.#journal.write(filters.map((filter) => [keys.subscription(client.id, filter), undefined]));
    this.subscriptions.remove(client.id, filters);
  }

  subscriptionsByClient(client: PersistenceClient): Promise<Subscription[]> {
    return Promise.resolve(this.subscriptions.ofClient(client.id));
  }

  subscriptionsByTopic(topic: string): Promise<Array<Subscription & { clientId: string }>> {
    return Promise.resolve(this.subscriptions.matching(topic));
  }

  countOffline(): Promise<{ subsCount: number; clientsCount: number }> {
    return Promise.resolve(this.subscriptions.count());
  }

  getClientList(filter: string): Readable {
    return Readable.from(this.subscriptions.clientsOf(filter));
  }

  /** Ends a session: its subscriptions and its queue. */
  cleanSubscriptions(client: PersistenceClient): Promise<void> {
    const { id } = client;
    const changes: Change[] = this.subscriptions
      .ofClient(id)
      .map(({ topic }) => [keys.subscription(id, topic), undefined]);
    this.subscriptions.removeClient(id);
    const queue = this.#queues.get(id);
    for (const entry of queue?.entries() ?? []) {
      changes.push([keys.queued(id, entry.sequence), undefined], [keys.state(id, entry.sequence), undefined]);
      queue?.remove(entry);
    }
    this.#queues.delete(id);
    if (this.#sessions.delete(id)) {
      changes.push([keys.session(id), undefined]);
    }
    return changes.length > 0 ? this.#journal.write(changes) : Promise.resolve();
  }

  // Messages to clients

  outgoingEnqueue(subscription: { clientId: string }, packet: AedesPublishPacket): Promise<void> {
    return this.outgoingEnqueueCombi([subscription], packet);
  }

  outgoingEnqueueCombi(subscriptions: Array<{ clientId: string }>, packet: AedesPublishPacket): Promise<void> {
    const changes: Change[] = this.incoming.takeFor(packet);
    if (subscriptions.length > 0) {
      const message = toStored(packet);
      const bytes = encodeMessage(message);
      for (const { clientId } of subscriptions) {
        const entry: QueueEntry = { sequence: ++this.#sequence, message, state: undefined, sentTo: undefined };
        this.#queueOf(clientId).add(entry);
        this.#drains.joins(clientId, packet.brokerCounter);
        changes.push([keys.queued(clientId, entry.sequence), bytes]);
      }
    }
    return changes.length > 0 ? this.#journal.write(changes) : Promise.resolve();
  }

  /** Notes the message id that a queued message is sent with, or that it was received (`pubrel`). */
  outgoingUpdate(client: PersistenceClient, packet: OutgoingPacket | PubrelPacket): Promise<void> {
    const queue = this.#queues.get(client.id);
    const { messageId } = packet;
    if (!queue || messageId === undefined) {
      return Promise.resolve();
    }
    const entry = find(queue, packet);
    // No such message: it was published before the SUBSCRIBE and delivered after it. It is sent nevertheless.
    if (!entry) {
      return Promise.resolve();
    }
    entry.sentTo = this.#connectionOf(client);
    this.#drains.taken(client, entry);
    const state: DeliveryState = { messageId, released: packet.cmd === 'pubrel' };
    if (entry.state?.messageId === messageId && entry.state.released === state.released) {
      return Promise.resolve();
    }
    queue.setState(entry, state);
    const changes: Change[] = [[keys.state(client.id, entry.sequence), encodeJson(state)]];
    if (state.released) {
      queue.forgetMessage(entry);
      changes.push([keys.queued(client.id, entry.sequence), undefined]);
    }
    return this.#journal.write(changes);
  }

  /** The message with this id was acknowledged. */
  outgoingClearMessageId(client: PersistenceClient, { messageId }: OutgoingPacket): Promise<unknown> {
    const entry = messageId === undefined ? undefined : this.#queues.get(client.id)?.byMessageId(messageId);
    return this.#takeOut(client, entry);
  }

  /** This message is not to go to this client. */
  outgoingRemove(client: PersistenceClient, { brokerId, brokerCounter }: OutgoingPacket): Promise<unknown> {
    return brokerId === undefined || brokerCounter === undefined
      ? Promise.resolve()
      : this.#takeOut(client, this.#queues.get(client.id)?.byMessage({ brokerId, brokerCounter }));
  }

  outgoingStream(client: PersistenceClient): Readable {
    keepMessageIdsApart(client, (next) => this.#queues.get(client.id)?.freeMessageId(next) ?? next);
    const connection = this.#connectionOf(client);
    const waiting = this.#queues.get(client.id)?.entries() ?? [];
    return Readable.from(
      connection
        ? this.#drains.drain(client, connection, this.#broker?.id, () => this.#queues.get(client.id))
        : Array.from(waiting, (entry) => asSent(entry, false))
    );
  }

  /**
   * Whether a message is sent to this client from its queue, which is being sent, so that it is not to be delivered live
   * too.
   */
  deliversFromQueue(client: PersistenceClient, packet: OutgoingPacket): boolean {
    return packet.brokerId === this.#broker?.id && this.#drains.covers(client, packet.brokerCounter ?? 0);
  }

  // Messages from clients, QoS 2

  incomingStorePacket(client: PersistenceClient, packet: OutgoingPacket): Promise<void> {
    return this.incoming.store(client, packet, this.#broker?.on !== undefined);
  }

  incomingGetPacket(client: PersistenceClient, packet: OutgoingPacket): Promise<unknown> {
    return this.incoming.get(client.id, packet.messageId);
  }

  incomingDelPacket(client: PersistenceClient, packet: OutgoingPacket): Promise<void> {
    return this.incoming.delete(client.id, packet.messageId);
  }

  cleanIncoming(client: PersistenceClient): Promise<void> {
    return this.incoming.clean(client.id);
  }

  // Wills

  async putWill(client: PersistenceClient, packet: Will): Promise<PersistenceClient> {
    packet.brokerId = this.#broker?.id ?? '';
    packet.clientId = client.id;
    this.#wills.set(client.id, packet);
    await this.#journal.write([[keys.will(client.id), encodeMessage(toStored(packet))]]);
    return client;
  }

  getWill(client: PersistenceClient): Promise<Will | undefined> {
    return Promise.resolve(this.#wills.get(client.id));
  }

  async delWill(client: PersistenceClient): Promise<Will | undefined> {
    const will = this.#wills.get(client.id);
    if (will) {
      this.#wills.delete(client.id);
      await this.#journal.write([[keys.will(client.id), undefined]]);
    }
    return will;
  }

  /** @param brokers those that are alive, and publish the wills of their own clients */
  streamWill(brokers: Record<string, unknown> = {}): Readable {
    return Readable.from([...this.#wills.values()].filter((will) => brokers[will.brokerId] === undefined));
  }

  // Sessions

  /** The sessions whose clients may come back, and when they were last seen. */
  sessions(): StoredSession[] {
    return [...this.#sessions.values()];
  }

  /** Whether a message on this topic has to be queued for no session. */
  queuesNothingOn(topic: string): boolean {
    return this.subscriptions.matching(topic).length === 0;
  }

  /** Whether no message waits for this client, or for its acknowledgement. */
  queuesNothingFor(clientId: string): boolean {
    return !this.#queues.has(clientId);
  }

  /** The totals of this client's queue. */
  queueSize(clientId: string): QueueSize {
    return this.#queues.get(clientId)?.size ?? { messages: 0, bytes: 0 };
  }

  /** Ends a session completely: subscriptions, queue, and the QoS 2 messages received from it. */
  async endSession(clientId: string): Promise<void> {
    await Promise.all([this.cleanSubscriptions({ id: clientId }), this.cleanIncoming({ id: clientId })]);
  }

  // Stored before, and handed in by `load.ts`

  restoreSession(session: StoredSession): void {
    this.#sessions.set(session.clientId, session);
  }

  restoreWill(clientId: string, message: StoredMessage): void {
    this.#wills.set(clientId, { ...toPacket(message, undefined, false), clientId });
  }

  restoreQueued(clientId: string, entry: QueueEntry): void {
    this.#sequence = Math.max(this.#sequence, entry.sequence);
    this.#queueOf(clientId).add(entry);
  }

  async #takeOut(client: PersistenceClient, entry: QueueEntry | undefined): Promise<unknown> {
    const queue = this.#queues.get(client.id);
    if (!queue || !entry) {
      return undefined;
    }
    queue.remove(entry);
    if (queue.size.messages === 0) {
      this.#queues.delete(client.id);
    }
    await this.#journal.write([
      [keys.queued(client.id, entry.sequence), undefined],
      [keys.state(client.id, entry.sequence), undefined],
    ]);
    this.#drains.taken(client, entry);
    return asSent(entry, false);
  }

  #queueOf(clientId: string): OutgoingQueue {
    return getOrSet(this.#queues, clientId, () => new OutgoingQueue(this.queueTotals));
  }

  #connectionOf(client: PersistenceClient): object | undefined {
    return client.conn && getOrSet(this.#connections, client, () => ({}));
  }

  #seen(client: PersistenceClient): void {
    if (client.clean !== false) {
      return;
    }
    const session = { clientId: client.id, seen: Date.now() };
    this.#sessions.set(client.id, session);
    // The journal reports a failure; nothing waits for this write.
    this.#journal.write([[keys.session(client.id), encodeJson(session)]]).catch(() => {});
  }

  /** Connects a QoS 2 message that is published with the mark that it was received; see `IncomingMessages`. */
  #followPublish(broker: PersistenceBroker): void {
    const publish = broker.publish.bind(broker);
    broker.publish = (packet: PublishPacket & { messageId?: number }, client: unknown, done?: PublishDone) => {
      const publisher = client as PersistenceClient | null | undefined;
      if (packet.qos !== 2 || packet.messageId === undefined || !publisher || typeof publisher === 'function') {
        publish(packet, client, done);
        return;
      }
      const over = this.incoming.expect(broker.id, broker.counter + 1, publisher.id, packet.messageId);
      publish(packet, client, (error) => {
        over(error);
        done?.(error);
      });
    };
  }
}

function find(queue: OutgoingQueue, packet: OutgoingPacket | PubrelPacket): QueueEntry | undefined {
  if (packet.cmd === 'pubrel') {
    return queue.byMessageId(packet.messageId);
  }
  const { brokerId, brokerCounter } = packet;
  return brokerId === undefined || brokerCounter === undefined
    ? undefined
    : queue.byMessage({ brokerId, brokerCounter });
}
