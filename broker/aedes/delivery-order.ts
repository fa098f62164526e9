import type { Aedes, AedesPublishPacket, Client, PublishPacket } from 'aedes';
import { internals, type AedesInternals, type PublishDone, type QueueSubscription } from './internals';

/** A publish that Aedes has accepted and not delivered yet. */
interface PendingPublish {
  /** The number that Aedes gives the message. */
  readonly counter: number;
  /** The message, once it is stored and ready to be delivered. */
  packet: AedesPublishPacket | undefined;
  delivered: PublishDone | undefined;
  /** Adds the message to the queues of the matching sessions; set once Aedes asks for it. */
  enqueue: (() => void) | undefined;
  /** The publish has ended. Set before the delivery only if it failed: then there is nothing to deliver. */
  done: boolean;
}

/**
 * Makes Aedes deliver messages, and queue them for sessions, in the order in which they were published.
 *
 * Aedes 1.2.0 numbers a message when it is published, but stores a retained, QoS 1 or QoS 2 message before it delivers
 * it, and storing is asynchronous. Any message published meanwhile overtakes it. Each client's `dedupe`, which exists to
 * deliver once for overlapping filters and remembers only the highest number, then takes the late message for a
 * repetition and discards it: live subscribers lose every retained message that another one follows in the same turn of
 * the event loop, and every QoS 1 `broker.publish` that a QoS 0 one follows (moscajs/aedes #994, #955; both open).
 *
 * With this patch, a message that is ready waits for the earlier ones. Storing still runs in parallel; only the
 * hand-over to subscribers is in sequence. `dedupe` is then right, overlapping filters still deliver once, and each
 * topic stays in order [MQTT-4.6.0-6], which switching `dedupe` off would not give. The queues of sessions need the same:
 * a message that is not retained would be queued before a retained one that came first.
 *
 * A store that never answers would block all messages behind it. The memory store always answers; a store over the
 * network needs a timeout of its own.
 */
export function deliverInOrder(aedes: Aedes): void {
  const inside = internals(aedes);
  const queue = new DeliveryQueue(inside);
  inside.publish = (packet, client, done) => queue.publish(packet, client, done);
  inside.persistence.outgoingEnqueueCombi = (subscriptions, packet) => queue.enqueue(subscriptions, packet);
  inside.mq.emit = (packet, done) => {
    queue.emit(packet, done);
    return inside.mq;
  };
}

class DeliveryQueue {
  readonly #aedes: AedesInternals;
  readonly #publish: AedesInternals['publish'];
  readonly #emit: AedesInternals['mq']['emit'];
  readonly #enqueue: AedesInternals['persistence']['outgoingEnqueueCombi'];
  /** Messages that are not delivered yet, in the order of publishing, which is the order of their numbers. */
  readonly #undelivered: PendingPublish[] = [];
  /** Messages of QoS 1 and 2 that are not queued for sessions yet, in the same order. */
  readonly #unqueued: PendingPublish[] = [];
  /** True while subscribers are called: what they publish must not overtake the message at hand. */
  #delivering = false;

  constructor(aedes: AedesInternals) {
    this.#aedes = aedes;
    this.#publish = aedes.publish.bind(aedes);
    this.#emit = aedes.mq.emit.bind(aedes.mq);
    this.#enqueue = aedes.persistence.outgoingEnqueueCombi.bind(aedes.persistence);
  }

  /** Replaces `aedes.publish`: notes the place of the message in the order. */
  publish(packet: PublishPacket, client: Client | PublishDone | null | undefined, done?: PublishDone): void {
    // Aedes' own overload: publish(packet, done)
    const publisher = typeof client === 'function' ? null : client;
    const callback = typeof client === 'function' ? client : done;
    if (this.#undelivered.length === 0 && !this.#delivering && !packet.retain) {
      if (this.#queuesNothing(packet)) {
        this.#publishDirectly(packet, publisher, callback);
        return;
      }
      if (packet.qos === 0) {
        this.#publish(packet, publisher, callback);
        return;
      }
    }
    const pending: PendingPublish = {
      counter: this.#aedes.counter + 1,
      packet: undefined,
      delivered: undefined,
      enqueue: undefined,
      done: false,
    };
    this.#undelivered.push(pending);
    if (packet.qos > 0) {
      this.#unqueued.push(pending);
    }
    this.#publish(packet, publisher, (error) => {
      // After a delivery it has left the queue; after a failure it must not block the messages behind it.
      pending.done = true;
      callback?.(error);
      this.#enqueueReady();
      this.#deliverReady();
    });
  }

  /** Whether a message of QoS 0 or 1 that is not retained has to be stored for nobody, as far as is known without waiting. */
  #queuesNothing({ topic, qos, properties }: PublishPacket): boolean {
    const { persistence, maxTopicLevels } = this.#aedes;
    return (
      qos < 2 &&
      properties === undefined &&
      persistence.queuesNothingOn !== undefined &&
      hasAtMost(maxTopicLevels, topic) &&
      (qos === 0 || persistence.queuesNothingOn(topic))
    );
  }

  /** What Aedes' `publish` does for such a message, without the promises. */
  #publishDirectly(packet: PublishPacket, publisher: Client | null | undefined, done: PublishDone | undefined): void {
    const aedes = this.#aedes;
    const { topic, qos } = packet;
    const message: AedesPublishPacket & { clientId?: string } = {
      cmd: 'publish',
      brokerId: aedes.id,
      brokerCounter: ++aedes.counter,
      topic,
      payload: packet.payload || EMPTY,
      qos,
      retain: false,
      dup: packet.dup || false,
    };
    if (qos > 0) {
      message.messageId = undefined;
    }
    if (publisher) {
      message.clientId = publisher.id;
    }
    this.#delivering = true;
    try {
      this.#emit(message, () => {
        aedes.published(packet, publisher ?? null, (error) => done?.(error));
        aedes.emit('publish', packet, publisher ?? null);
      });
    } finally {
      this.#delivering = false;
    }
    this.#deliverReady();
  }

  /** Replaces `persistence.outgoingEnqueueCombi`: queues the message for sessions when the earlier ones are queued. */
  enqueue(subscriptions: QueueSubscription[], packet: AedesPublishPacket): Promise<unknown> {
    const pending = this.#find(this.#unqueued, packet);
    if (!pending) {
      return this.#enqueue(subscriptions, packet);
    }
    return new Promise((resolve, reject) => {
      pending.enqueue = () => {
        this.#enqueue(subscriptions, packet).then(resolve, reject);
      };
      this.#enqueueReady();
    });
  }

  /** Replaces `mq.emit`: delivers the message when the earlier ones are delivered. */
  emit(packet: AedesPublishPacket, done: PublishDone | undefined): void {
    const pending = this.#find(this.#undelivered, packet);
    if (pending) {
      pending.packet = packet;
      pending.delivered = done;
    } else if (this.#delivering) {
      // From another broker of a cluster, during a delivery: it has no place in this broker's order.
      this.#emit(packet, done);
    } else {
      this.#delivering = true;
      try {
        this.#emit(packet, done);
      } finally {
        this.#delivering = false;
      }
    }
    this.#deliverReady();
  }

  /** Delivers from the front of the queue, up to the first message that is not ready. */
  #deliverReady(): void {
    if (this.#delivering) {
      return;
    }
    this.#delivering = true;
    try {
      while (this.#undelivered.length > 0 && (this.#undelivered[0].done || this.#undelivered[0].packet)) {
        const pending = this.#undelivered.shift();
        if (pending?.packet) {
          this.#emit(pending.packet, pending.delivered);
        }
      }
    } finally {
      this.#delivering = false;
    }
  }

  #enqueueReady(): void {
    while (this.#unqueued.length > 0 && (this.#unqueued[0].done || this.#unqueued[0].enqueue)) {
      this.#unqueued.shift()?.enqueue?.();
    }
  }

  /** The pending publish of a message; undefined for a message of another broker, and for one that is not waited for. */
  #find(queue: PendingPublish[], { brokerId, brokerCounter }: AedesPublishPacket): PendingPublish | undefined {
    return brokerId === this.#aedes.id ? findByCounter(queue, brokerCounter) : undefined;
  }
}

/** A publish that was refused has taken no number: the one after it has the same. */
function findByCounter(queue: PendingPublish[], counter: number): PendingPublish | undefined {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const pending = queue[middle];
    if (pending.counter < counter || (pending.counter === counter && pending.done)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const found = queue.at(low);
  return found?.counter === counter && !found.done ? found : undefined;
}

const EMPTY = Buffer.alloc(0);

function hasAtMost(levels: number, topic: string): boolean {
  let found = 1;
  for (let n = 0; n < topic.length; n += 1) {
    if (topic.charCodeAt(n) === 0x2f) {
      found += 1;
    }
  }
  return found <= levels;
}
