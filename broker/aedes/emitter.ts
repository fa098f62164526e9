/* oxlint-disable eslint/no-underscore-dangle -- the name that mqemitter gives it */
import type { Aedes, AedesPublishPacket } from 'aedes';
import type { SharedStore } from '../storage/shared-store';
import { internals, type PublishDone } from './internals';

type Listener = (packet: AedesPublishPacket, done: () => void) => void;

/** mqemitter 7, as far as this patch uses it. */
interface LocalEmitter {
  closed: boolean;
  readonly _matcher: {
    add(filter: string, listener: Listener): unknown;
    remove(filter: string, listener: Listener): unknown;
    match(topic: string): Listener[];
  };
  on(filter: string, listener: Listener, done?: () => void): unknown;
  removeListener(filter: string, listener: Listener, done?: () => void): unknown;
  emit(packet: AedesPublishPacket, done?: PublishDone): unknown;
}

/** Topics, and listeners of all of them together, that are remembered: some megabytes at the most. */
const MAX_TOPICS = 10_000;
const MAX_LISTENERS = 100_000;
/** What a topic costs that nobody listens to. */
const TOPIC_COST = 4;

/**
 * Hands a message to its listeners without looking for them each time, and without a limit for those that are on their way:
 * mqemitter divides each topic into levels, and lets messages wait while 100 are being delivered. Here a delivery does not
 * wait for its client, and a publisher waits until its messages were handled.
 *
 * A subscription is known as soon as it is made, so that SUBACK comes before the first message for it.
 */
export function emitDirectly(aedes: Aedes, sharedStore: SharedStore | undefined): void {
  if (sharedStore) {
    return;
  }
  const mq = internals(aedes).mq as unknown as LocalEmitter;
  const { _matcher: matcher } = mq;
  const known = new Map<string, readonly Listener[]>();
  let cost = 0;
  const forget = (): void => {
    known.clear();
    cost = 0;
  };
  const listenersOf = (topic: string): readonly Listener[] => {
    const found = matcher.match(topic);
    if (known.size >= MAX_TOPICS || cost >= MAX_LISTENERS) {
      forget();
    }
    if (found.length <= MAX_LISTENERS) {
      known.set(topic, found);
      cost += found.length + TOPIC_COST;
    }
    return found;
  };

  mq.on = (filter, listener, done) => {
    matcher.add(filter, listener);
    forget();
    done?.();
    return mq;
  };
  mq.removeListener = (filter, listener, done) => {
    // Not at once, as mqemitter: a message that is being delivered still goes to it.
    setImmediate(() => {
      matcher.remove(filter, listener);
      forget();
      done?.();
    });
    return mq;
  };
  mq.emit = (packet, done) => {
    if (mq.closed) {
      done?.(new Error('The broker is closed'));
      return mq;
    }
    const listeners = known.get(packet.topic) ?? listenersOf(packet.topic);
    let waiting = listeners.length;
    if (waiting === 0) {
      done?.();
      return mq;
    }
    const one = (): void => {
      waiting -= 1;
      if (waiting === 0) {
        done?.();
      }
    };
    for (const listener of listeners) {
      listener(packet, one);
    }
    return mq;
  };
}
