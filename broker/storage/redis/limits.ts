import { encode } from '@msgpack/msgpack';
import { DEFAULT_LIMITS } from '../../limits';
import type { QueueSize } from '../message-size';
import type { SharedStore } from '../shared-store';
import type { StorageLimits, LimitReports } from '../limit-reports';
import type { RedisClient, RedisPersistence } from './client';
import type { RedisQueues } from './queues';
import { RETAIN, RETAINED, RETAINED_BYTES, TOTALS } from './scripts';

/**
 * Gives a persistence the queues that are given, and bounds them and the retained messages. What is stored at one broker
 * is removed at another one, so the limits are compared where everything is: in Redis, in the step that stores.
 */
export function limitPersistence(
  persistence: RedisPersistence,
  conn: RedisClient,
  queues: RedisQueues
): Pick<SharedStore, 'limit' | 'refresh'> {
  let limits: StorageLimits = DEFAULT_LIMITS;
  let notes: LimitReports | undefined;
  const waiting = (size: QueueSize | undefined): void => {
    if (notes && size) {
      notes.counts.queuedMessages = size.messages;
      notes.counts.queuedBytes = size.bytes;
    }
  };
  const retaining = (messages: number, bytes: number): void => {
    if (notes) {
      notes.counts.retainedMessages = messages;
      notes.counts.retainedBytes = bytes;
    }
  };

  persistence.outgoingEnqueueCombi = async (subscriptions, packet) => {
    if (subscriptions.length === 0) {
      return;
    }
    const { refused, ...size } = await queues.enqueue(subscriptions, packet, limits);
    waiting(size);
    for (const { clientId } of subscriptions) {
      const full = refused.find((each) => each.clientId === clientId);
      if (full) {
        notes?.notQueued(clientId, full.messages);
      } else {
        notes?.queued(clientId);
      }
    }
  };
  persistence.outgoingEnqueue = (subscription, packet) => persistence.outgoingEnqueueCombi([subscription], packet);
  persistence.outgoingUpdate = (client, packet) => queues.update(client, packet);
  persistence.outgoingStream = (client) => queues.stream(client);
  persistence.deliversFromQueue = (client, packet) => queues.holdsBack(client, packet);
  persistence.outgoingClearMessageId = async (client, { messageId }) => {
    waiting(messageId === undefined ? undefined : await queues.acknowledge(client, messageId));
  };
  persistence.outgoingRemove = async (client, packet) => waiting(await queues.remove(client, packet));

  const clean = persistence.cleanSubscriptions.bind(persistence);
  persistence.cleanSubscriptions = async (client) => {
    notes?.forget(client.id);
    await queues.end(client.id);
    await clean(client);
  };

  persistence.storeRetained = async (packet) => {
    const message = packet.payload.length === 0 ? '' : Buffer.from(encode({ ...packet }, { ignoreUndefined: true }));
    const [messages, bytes, kept] = (await conn.eval(
      RETAIN,
      2,
      RETAINED,
      RETAINED_BYTES,
      packet.topic,
      message,
      limits.retainedMessages,
      limits.retainedBytes
    )) as [number, number, 0 | 1];
    retaining(messages, bytes);
    if (kept === 1) {
      notes?.retained();
    } else {
      notes?.notRetained(packet.topic, messages, bytes);
    }
  };

  return {
    limit: (given, newNotes) => {
      limits = given;
      notes = newNotes;
    },
    refresh: async () => {
      const [[messages, bytes], retainedMessages, retainedBytes] = await Promise.all([
        conn.hmget(TOTALS, 'messages', 'bytes'),
        conn.hlen(RETAINED),
        conn.get(RETAINED_BYTES),
      ]);
      waiting({ messages: Number(messages), bytes: Number(bytes) });
      retaining(retainedMessages, Number(retainedBytes));
    },
  };
}
