import type { Aedes } from 'aedes';
import { internals, type AedesInternals } from '../aedes/internals';
import { type LimitReports, type StorageLimits } from './limit-reports';
import { sizeOf, type QueueSize } from './message-size';
import type { SharedStore } from './shared-store';

/** A store of one broker that knows its size. */
export interface SizedStore {
  queueSize(clientId: string): QueueSize;
  readonly queueTotals: QueueSize;
  readonly retained: {
    readonly count: number;
    readonly bytes: number;
    /** Undefined when there is none. */
    sizeOf(topic: string): number | undefined;
  };
}

/**
 * Limits retained messages, in number and bytes, and the queues of sessions, each and together. Aedes limits none of them.
 *
 * A message above the limit of retained messages is delivered and not retained. A new message above the limit of a queue
 * is not queued, as with mosquitto. Both are reported once each time that a limit is reached.
 *
 * @throws TypeError when the store neither limits itself nor knows its size
 */
export function limitStorage(aedes: Aedes, limits: StorageLimits, notes: LimitReports, shared?: SharedStore): void {
  if (shared) {
    shared.limit(limits, notes);
    return;
  }
  const { persistence } = internals(aedes);
  const store = persistence as typeof persistence & Partial<SizedStore>;
  if (!isSized(store)) {
    throw new TypeError('Expected a store that knows its size (SessionPersistence), or a shared store');
  }
  limitRetained(store, limits, notes);
  limitQueues(store, limits, notes);
  Object.defineProperties(notes.counts, {
    retainedMessages: { enumerable: true, get: () => store.retained.count },
    retainedBytes: { enumerable: true, get: () => store.retained.bytes },
    queuedMessages: { enumerable: true, get: () => store.queueTotals.messages },
    queuedBytes: { enumerable: true, get: () => store.queueTotals.bytes },
  });
}

type Bounded = AedesInternals['persistence'] & SizedStore;

function isSized(store: AedesInternals['persistence'] & Partial<SizedStore>): store is Bounded {
  return store.queueSize !== undefined && store.queueTotals !== undefined && store.retained !== undefined;
}

function limitRetained(store: Bounded, limits: StorageLimits, notes: LimitReports): void {
  const { retained } = store;
  const storeRetained = store.storeRetained.bind(store);
  store.storeRetained = (packet) => {
    const size = packet.payload.length === 0 ? 0 : sizeOf(packet);
    const before = retained.sizeOf(packet.topic);
    const more = size - (before ?? 0);
    const tooMany = size > 0 && before === undefined && retained.count >= limits.retainedMessages;
    if (tooMany || (more > 0 && retained.bytes + more > limits.retainedBytes)) {
      notes.notRetained(packet.topic, retained.count, retained.bytes);
      return Promise.resolve();
    }
    notes.retained();
    return storeRetained(packet);
  };
}

function limitQueues(store: Bounded, limits: StorageLimits, notes: LimitReports): void {
  const enqueue = store.outgoingEnqueueCombi.bind(store);
  const clean = store.cleanSubscriptions.bind(store);

  store.outgoingEnqueueCombi = (subscriptions, packet) => {
    if (subscriptions.length === 0) {
      return enqueue(subscriptions, packet);
    }
    const size = sizeOf(packet);
    const total = { ...store.queueTotals };
    const fitting = subscriptions.filter(({ clientId }) => {
      const queue = store.queueSize(clientId);
      const fits =
        queue.messages < limits.queueMessages &&
        queue.bytes + size <= limits.queueBytes &&
        total.messages < limits.queueTotal &&
        total.bytes + size <= limits.queueTotalBytes;
      if (fits) {
        total.messages += 1;
        total.bytes += size;
        notes.queued(clientId);
      } else {
        notes.notQueued(clientId, queue.messages);
      }
      return fits;
    });
    return enqueue(fitting, packet);
  };

  store.cleanSubscriptions = (client) => {
    notes.forget(client.id);
    return clean(client);
  };
}
