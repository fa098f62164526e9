import type { Aedes, AedesPublishPacket } from 'aedes';
import { internals } from './aedes-internals';
import type { Limits } from './limits';

type StoredLimitOptions = Pick<
  Limits,
  'queueMessages' | 'queueBytes' | 'queueTotal' | 'retainedMessages' | 'retainedBytes'
>;

/** What is stored on behalf of clients, and what was not because a limit was reached. */
export interface StoredCounts {
  retainedMessages: number;
  retainedBytes: number;
  queuedMessages: number;
  retainedRefused: number;
  queueDropped: number;
}

interface Queue {
  messages: number;
  bytes: number;
  /** Full, and said so; said again only when it had room meanwhile. */
  full: boolean;
}

/**
 * Bounds what is stored: retained messages, in number and bytes, and the queues of sessions, each and together. Aedes
 * bounds none of them.
 *
 * A retained message too many is delivered all the same, and not retained; one too many for a session is not queued for
 * it, newest first, as mosquitto does. Both are reported once each time a limit is reached.
 */
export function limitStored(aedes: Aedes, limits: StoredLimitOptions, report: (error: Error) => void): StoredCounts {
  const counts: StoredCounts = {
    retainedMessages: 0,
    retainedBytes: 0,
    queuedMessages: 0,
    retainedRefused: 0,
    queueDropped: 0,
  };
  limitRetained(aedes, limits, counts, report);
  limitQueues(aedes, limits, counts, report);
  return counts;
}

function limitRetained(
  aedes: Aedes,
  limits: StoredLimitOptions,
  counts: StoredCounts,
  report: (error: Error) => void
): void {
  const { persistence } = internals(aedes);
  const store = persistence.storeRetained.bind(persistence);
  const sizes = new Map<string, number>();
  let full = false;
  const note = (topic: string, size: number): void => {
    counts.retainedBytes += size - (sizes.get(topic) ?? 0);
    if (size > 0) {
      sizes.set(topic, size);
    } else {
      sizes.delete(topic);
    }
    counts.retainedMessages = sizes.size;
  };

  // What an earlier run left
  persistence
    .createRetainedStreamCombi(['#'])
    .on('data', (packet: AedesPublishPacket) => {
      if (!sizes.has(packet.topic)) {
        note(packet.topic, sizeOf(packet));
      }
    })
    .on('error', report);

  persistence.storeRetained = (packet) => {
    const size = packet.payload.length === 0 ? 0 : sizeOf(packet);
    const more = size - (sizes.get(packet.topic) ?? 0);
    const tooMany = size > 0 && !sizes.has(packet.topic) && sizes.size >= limits.retainedMessages;
    if (tooMany || (more > 0 && counts.retainedBytes + more > limits.retainedBytes)) {
      counts.retainedRefused += 1;
      if (!full) {
        full = true;
        report(
          new Error(
            `Not retained: ${packet.topic.slice(0, 80)}. ${sizes.size} messages of ${counts.retainedBytes} bytes are, ` +
              `and the limits are ${limits.retainedMessages} and ${limits.retainedBytes}`
          )
        );
      }
      return Promise.resolve();
    }
    full = false;
    note(packet.topic, size);
    return store(packet);
  };
}

function limitQueues(
  aedes: Aedes,
  limits: StoredLimitOptions,
  counts: StoredCounts,
  report: (error: Error) => void
): void {
  const { persistence } = internals(aedes);
  const enqueue = persistence.outgoingEnqueueCombi.bind(persistence);
  const clear = persistence.outgoingClearMessageId.bind(persistence);
  const clean = persistence.cleanSubscriptions.bind(persistence);
  const queues = new Map<string, Queue>();

  const queueOf = (clientId: string): Queue => {
    let queue = queues.get(clientId);
    if (!queue) {
      // What an earlier run left
      const messages = persistence.queueLength?.(clientId) ?? 0;
      queue = { messages, bytes: 0, full: false };
      queues.set(clientId, queue);
      counts.queuedMessages += messages;
    }
    return queue;
  };
  const forget = (clientId: string): void => {
    counts.queuedMessages -= queues.get(clientId)?.messages ?? 0;
    queues.delete(clientId);
  };

  persistence.outgoingEnqueueCombi = (subscriptions, packet) => {
    const size = sizeOf(packet);
    const fitting = subscriptions.filter(({ clientId }) => {
      const queue = queueOf(clientId);
      const fits =
        queue.messages < limits.queueMessages &&
        queue.bytes + size <= limits.queueBytes &&
        counts.queuedMessages < limits.queueTotal;
      if (fits) {
        queue.messages += 1;
        queue.bytes += size;
        queue.full = false;
        counts.queuedMessages += 1;
      } else {
        counts.queueDropped += 1;
        if (!queue.full) {
          queue.full = true;
          report(new Error(`Not queued for ${clientId.slice(0, 80)}: ${queue.messages} messages wait already`));
        }
      }
      return fits;
    });
    return enqueue(fitting, packet);
  };

  persistence.outgoingClearMessageId = async (client, packet) => {
    const cleared = await clear(client, packet);
    const queue = cleared ? queues.get(client.id) : undefined;
    if (queue) {
      const { topic, payload } = cleared as Partial<AedesPublishPacket>;
      // Of a QoS 2 message that was received, only its PUBREL was left: as large as the others are on average
      const size = topic === undefined || !payload ? queue.bytes / queue.messages : sizeOf({ topic, payload });
      queue.messages -= 1;
      queue.bytes = Math.max(0, queue.bytes - size);
      counts.queuedMessages -= 1;
      if (queue.messages <= 0) {
        counts.queuedMessages -= queue.messages;
        queues.delete(client.id);
      }
    }
    return cleared;
  };

  persistence.cleanSubscriptions = (client) => {
    forget(client.id);
    return clean(client);
  };
}

function sizeOf({ topic, payload }: Pick<AedesPublishPacket, 'topic' | 'payload'>): number {
  return topic.length + payload.length;
}
