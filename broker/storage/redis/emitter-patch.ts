/* oxlint-disable eslint/no-underscore-dangle -- the names that mqemitter-redis gives them */
import type { RedisEmitter } from './client';
import { isFull, MAX_QUEUED_COMMANDS, unreachable } from './queued-commands';

/**
 * Corrects what mqemitter-redis 7.2.1 does with topics from the network, and while Redis cannot be reached.
 *
 * - A filter becomes a Redis pattern unescaped: `a/[b]/+` gets nothing, and `a/*` prevents a subscription to `a/+`. A
 *   topic named `constructor` is never subscribed to at all. Here a broker takes part in everything, with one
 *   subscription, and finds its subscribers itself.
 * - Only the first listener of a pattern waits for the answer of Redis. Each later one is granted at once, also while the
 *   connection is lost: the SUBACK came, and messages of other brokers did not. Here each listener waits for the answer.
 * - A message is published as soon as one connection is back; if the other one, which receives, comes back later,
 *   this broker's own subscribers miss it. Here publishing waits for both.
 * - A message of another program over the same Redis ends the process if it is not MessagePack. Here it is ignored.
 * - An error of the connection ends the process when nobody listens to `state`.
 * - Without Redis, all messages wait in memory, without a limit. Here QoS 0 is dropped, as MQTT permits, and the
 *   others are refused beyond a limit.
 * - When it closes, it waits for Redis, without a timeout.
 */
export function patchEmitter(mq: RedisEmitter): void {
  const subscription = subscribeOnce(mq);
  mq.state.on('error', () => {});

  const handlers = mq.subConn.listeners('pmessageBuffer');
  mq.subConn.removeAllListeners('pmessageBuffer');
  for (const handler of handlers) {
    mq.subConn.on('pmessageBuffer', (...args: unknown[]) => {
      try {
        handler(...args);
      } catch {
        // Not ours.
      }
    });
  }

  const emit = mq.emit.bind(mq);
  mq.emit = (packet, done) => {
    if ((mq.pubConn.status === 'ready' && subscription.stands) || mq.closed) {
      return emit(packet, done);
    }
    if (packet.qos === 0 && !packet.topic.startsWith('$SYS/')) {
      done?.();
    } else if (isFull(mq.pubConn) || subscription.waiting >= MAX_QUEUED_COMMANDS) {
      done?.(unreachable());
    } else {
      // Sent earlier, it would miss this broker's own subscribers.
      subscription.whenStands(() => emit(packet, done));
    }
    return mq;
  };

  mq.close = (done = () => {}) => {
    if (mq.closed || mq.closing) {
      done();
      return mq;
    }
    mq.closing = true;
    mq._close(done);
    return mq;
  };
}

/** A broker's one subscription in Redis, to all topics. */
interface RedisSubscription {
  /** Whether Redis has answered on the present connection. */
  readonly stands: boolean;
  /** The number of listeners that wait for the answer. */
  readonly waiting: number;
  whenStands(then: () => void): void;
}

/** Replaces the subscriptions of mqemitter-redis: one to all topics, sent on each connection. */
function subscribeOnce(mq: RedisEmitter): RedisSubscription {
  let stands = false;
  const waiting: Array<() => void> = [];
  const answered = (): void => {
    stands = true;
    waiting.splice(0).forEach((then) => then());
  };
  // If the connection ends before the answer, the next one subscribes.
  const subscribe = (): void => void mq.subConn.psubscribe('*').then(answered, () => {});
  mq.subConn.on('close', () => {
    stands = false;
  });
  mq.subConn.on('ready', subscribe);
  if (mq.subConn.status === 'ready') {
    subscribe();
  }
  const whenStands = (then: () => void): void => void (stands ? setImmediate(then) : waiting.push(then));
  mq.on = (topic, listener, done) => {
    mq._on(topic, listener);
    if (done) {
      whenStands(done);
    }
    return mq;
  };
  mq.removeListener = (topic, listener, done) => mq._removeListener(topic, listener, done);
  return {
    get stands() {
      return stands;
    },
    get waiting() {
      return waiting.length;
    },
    whenStands,
  };
}
