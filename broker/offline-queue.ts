import type { Aedes, Client } from 'aedes';
import { internals, type QueuedPacket } from './aedes-internals';

/** A message id that no message has: MQTT's start at 1. Marks the copy that is to be removed. */
const MARKED = 0;

/**
 * Queues one copy of a QoS 1 or 2 message for a persistent session, however many of its filters match.
 *
 * Aedes 1.2.0 queues one copy per filter. While the client is away, it gets each of them afterwards. While it is
 * connected, `dedupe` stops the second delivery and then removes "the copy without a message id" from the queue: the
 * first one it meets, of whatever message. With two messages in flight that removes the other one's, whose delivery
 * then fails with `no such packet`, and the client is disconnected with that message lost (same family as
 * moscajs/aedes #955).
 */
export function queueOnce(aedes: Aedes): void {
  const inside = internals(aedes);
  const { mq, persistence } = inside;
  const enqueue = persistence.outgoingEnqueueCombi.bind(persistence);
  const clear = persistence.outgoingClearMessageId.bind(persistence);
  const emit = mq.emit.bind(mq);
  /**
   * Copies that were not queued, by message number and client, for as long as the message is being handed out: each of
   * them is a removal that has nothing to remove.
   */
  const spared = new Map<number, Map<string, number>>();

  persistence.outgoingEnqueueCombi = (subscriptions, packet) => {
    const byClient = new Map(subscriptions.map((subscription) => [subscription.clientId, subscription]));
    if (byClient.size < subscriptions.length) {
      const copies = new Map<string, number>();
      for (const { clientId } of subscriptions) {
        copies.set(clientId, (copies.get(clientId) ?? -1) + 1);
      }
      spared.set(packet.brokerCounter, copies);
    }
    return enqueue([...byClient.values()], packet).catch((error: unknown) => {
      spared.delete(packet.brokerCounter);
      throw error;
    });
  };

  persistence.outgoingClearMessageId = async (client, packet) => {
    if (packet.messageId !== undefined) {
      return clear(client, packet);
    }
    const copies = spared.get(packet.brokerCounter ?? 0);
    const left = copies?.get(client.id) ?? 0;
    if (left > 0) {
      copies?.set(client.id, left - 1);
      return undefined;
    }
    return removeCopy(client, packet);
  };

  /** Removes the queued copy of exactly this message. */
  async function removeCopy(client: Client, { brokerId, brokerCounter }: QueuedPacket): Promise<unknown> {
    await persistence.outgoingUpdate(client, { brokerId, brokerCounter, messageId: MARKED });
    return clear(client, { messageId: MARKED });
  }

  mq.emit = (packet, done) => {
    if (packet.brokerId !== inside.id || !spared.has(packet.brokerCounter)) {
      return emit(packet, done);
    }
    return emit(packet, (error) => {
      spared.delete(packet.brokerCounter);
      done?.(error);
    });
  };
}
