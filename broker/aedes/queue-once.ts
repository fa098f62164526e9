import type { Aedes, AedesPublishPacket } from 'aedes';
import { internals, type QueueSubscription } from './internals';

/**
 * Queues one copy of a QoS 1 or 2 message for a persistent session, however many of its filters match, and at the QoS
 * that the highest of them asks for.
 *
 * Aedes 1.2.0 queues one copy per filter, each at the QoS of the PUBLISH. While the client is away, it gets each of them
 * afterwards. While it is connected, `dedupe` stops the second delivery and then removes "the copy without a message id"
 * from the queue: the first one it meets, of whatever message. With two messages in flight that removes the other one's,
 * whose delivery then fails with `no such packet`, and the client is disconnected with that message lost (same family as
 * moscajs/aedes #955).
 *
 * Here nothing is removed for a repetition, because there is but one copy; also in a cluster, where the broker that
 * queued a message is not the one that delivers it. Only what `authorizeForward` refuses is taken out.
 *
 * A persistence that keeps one record of a message for all sessions (Redis) keeps it at the QoS of the PUBLISH.
 */
export function queueOnce(aedes: Aedes): void {
  const inside = internals(aedes);
  const { persistence } = inside;
  const enqueue = persistence.outgoingEnqueueCombi.bind(persistence);
  const clear = persistence.outgoingClearMessageId.bind(persistence);
  const forward = inside.authorizeForward.bind(aedes);
  const refused = new WeakSet<object>();

  inside.authorizeForward = (client, packet) => {
    const allowed = forward(client, packet);
    if (!allowed) {
      refused.add(packet);
    }
    return allowed;
  };

  persistence.outgoingEnqueueCombi = (subscriptions, packet) =>
    // Most messages match no session. Passed on all the same: the persistence counts the message.
    subscriptions.length === 0 ? enqueue(subscriptions, packet) : enqueueOnce(subscriptions, packet);

  async function enqueueOnce(subscriptions: QueueSubscription[], packet: AedesPublishPacket): Promise<void> {
    const groups = byQos(subscriptions, packet.qos);
    if (!persistence.qosPerClient) {
      await enqueue(
        groups.flatMap((group) => group.subscriptions),
        packet
      );
      return;
    }
    // Also for none: the persistence counts the message.
    const first = groups.shift();
    await Promise.all([
      enqueue(first?.subscriptions ?? [], first ? atQos(packet, first.qos) : packet),
      ...groups.map((group) => enqueue(group.subscriptions, atQos(packet, group.qos))),
    ]);
  }

  persistence.outgoingClearMessageId = async (client, packet) => {
    if (packet.messageId !== undefined) {
      return clear(client, packet);
    }
    return refused.has(packet) ? persistence.outgoingRemove?.(client, packet) : undefined;
  };
}

interface Group {
  qos: number;
  subscriptions: QueueSubscription[];
}

/** One subscription of each client, the one of the highest QoS, by the QoS that it is delivered at [MQTT-3.3.5-1]. */
function byQos(subscriptions: readonly QueueSubscription[], published: number): Group[] {
  const byClient = new Map<string, QueueSubscription>();
  for (const subscription of subscriptions) {
    if (subscription.qos === 0) {
      // aedes-persistence-redis 12.0.0 knows those too, of sessions that were there when it started.
      continue;
    }
    const other = byClient.get(subscription.clientId);
    if (!other || other.qos < subscription.qos) {
      byClient.set(subscription.clientId, subscription);
    }
  }
  const groups: Group[] = [];
  for (const subscription of byClient.values()) {
    const qos = Math.min(subscription.qos, published);
    const group = groups.find((candidate) => candidate.qos === qos);
    if (group) {
      group.subscriptions.push(subscription);
    } else {
      groups.push({ qos, subscriptions: [subscription] });
    }
  }
  return groups;
}

function atQos(packet: AedesPublishPacket, qos: number): AedesPublishPacket {
  return packet.qos === qos ? packet : { ...packet, qos: qos as 1 | 2 };
}
