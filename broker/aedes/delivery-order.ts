import type { Aedes, AedesPublishPacket } from 'aedes';
import { internals, type PublishDone } from './internals';

/** A publish that was accepted and whose turn to be delivered may not have come yet. */
interface Turn {
  readonly counter: number;
  /** What to deliver; set once its storing is done. */
  packet: AedesPublishPacket | undefined;
  delivered: PublishDone | undefined;
  /** Queues it for the sessions that match; set once it may be. */
  queue: (() => void) | undefined;
  /** It failed, and there is nothing to deliver. */
  over: boolean;
}

/**
 * Makes an Aedes deliver messages, and queue them for sessions, in the order in which they were published.
 *
 * Aedes 1.2.0 numbers a message when it is published, but a retained or a QoS 1 or 2 message is stored before it is
 * delivered, and storing is asynchronous. Whatever is published meanwhile overtakes it; then each client's `dedupe`,
 * which is there to deliver once for overlapping filters and keeps only the highest number seen, takes the late message
 * for a repetition and throws it away. Live subscribers lose every retained message that is followed by another in the
 * same turn, and every QoS 1 `broker.publish` that a QoS 0 one follows (moscajs/aedes #994, #955; both open).
 *
 * Here a message that is ready waits for the earlier ones that are not: storing still runs side by side, only the
 * hand-over to the subscribers is lined up. Numbers then arrive in order, `dedupe` is right again, overlapping filters
 * still deliver once, and each topic stays in order [MQTT-4.6.0-6], which switching `dedupe` off would not give.
 *
 * The same holds for queues: a message that is not retained would be queued before a retained one that came first.
 *
 * A store that never answers would hold up everything behind it. The memory store always answers; a store over the
 * network needs a time limit of its own.
 */
export function keepOrder(aedes: Aedes): void {
  const inside = internals(aedes);
  const publish = inside.publish.bind(inside);
  const emit = inside.mq.emit.bind(inside.mq);
  const { persistence } = inside;
  const enqueue = persistence.outgoingEnqueueCombi.bind(persistence);
  /** In the order of publishing, which is the order of their numbers. */
  const queue: Turn[] = [];
  /** Those of QoS 1 and 2 that are not queued yet, in the same order. */
  const unqueued: Turn[] = [];
  /** True while subscribers are being called: what they publish in turn must not overtake the message at hand. */
  let delivering = false;

  function advance(): void {
    if (delivering) {
      return;
    }
    delivering = true;
    try {
      while (queue.length > 0 && (queue[0].over || queue[0].packet)) {
        const turn = queue.shift();
        if (turn?.packet) {
          emit(turn.packet, turn.delivered);
        }
      }
    } finally {
      delivering = false;
    }
  }

  function queueNext(): void {
    while (unqueued.length > 0 && (unqueued[0].over || unqueued[0].queue)) {
      unqueued.shift()?.queue?.();
    }
  }

  persistence.outgoingEnqueueCombi = (subscriptions, packet) => {
    const turn = packet.brokerId === inside.id ? findTurn(unqueued, packet.brokerCounter) : undefined;
    if (!turn) {
      return enqueue(subscriptions, packet);
    }
    return new Promise((resolve, reject) => {
      turn.queue = () => {
        enqueue(subscriptions, packet).then(resolve, reject);
      };
      queueNext();
    });
  };

  inside.publish = (packet, client, done) => {
    // Aedes' own overload: publish(packet, done)
    const publisher = typeof client === 'function' ? null : client;
    const callback = typeof client === 'function' ? client : done;
    const storesFirst = packet.qos > 0 || packet.retain;
    if (!storesFirst && queue.length === 0 && !delivering) {
      publish(packet, publisher, callback);
      return;
    }
    const turn: Turn = {
      counter: inside.counter + 1,
      packet: undefined,
      delivered: undefined,
      queue: undefined,
      over: false,
    };
    queue.push(turn);
    if (packet.qos > 0) {
      unqueued.push(turn);
    }
    publish(packet, publisher, (error) => {
      // After a delivery this is long out of the queue; after a failure it must not hold up the rest.
      turn.over = true;
      callback?.(error);
      queueNext();
      advance();
    });
  };

  inside.mq.emit = (packet, done) => {
    const turn = packet.brokerId === inside.id ? findTurn(queue, packet.brokerCounter) : undefined;
    if (turn) {
      turn.packet = packet;
      turn.delivered = done;
    } else if (delivering) {
      // From another broker of a cluster, while a message is being delivered: no turn of ours to keep.
      emit(packet, done);
    } else {
      delivering = true;
      try {
        emit(packet, done);
      } finally {
        delivering = false;
      }
    }
    advance();
    return inside.mq;
  };
}

/** The turn with this number. A publish that was refused took no number: the one after it has the same. */
function findTurn(queue: Turn[], counter: number): Turn | undefined {
  let low = 0;
  let high = queue.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const turn = queue[middle];
    if (turn.counter < counter || (turn.counter === counter && turn.over)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  const found = queue.at(low);
  return found?.counter === counter && !found.over ? found : undefined;
}
