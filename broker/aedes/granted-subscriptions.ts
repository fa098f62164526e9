import type { Aedes, Client, Subscription } from 'aedes';
import { internals } from './internals';

/** The subscriptions that were granted, by the object of the SUBSCRIBE that asked for them. */
export type GrantedSubscriptions = WeakMap<Subscription, Subscription>;

/**
 * Stores only the granted filters of a persistent session, and stores each SUBSCRIBE once.
 *
 * Aedes 1.2.0 stores every filter of a SUBSCRIBE as soon as one of them is granted, including the refused ones, and then
 * queues and later delivers the messages that match them. It also stores all of the filters again for each one that is
 * granted (moscajs/aedes #458).
 */
export function storeOnlyGranted(aedes: Aedes, granted: GrantedSubscriptions): void {
  const { persistence } = internals(aedes);
  const addSubscriptions = persistence.addSubscriptions.bind(persistence);
  /** The calls for one SUBSCRIBE in the same turn of the event loop, by its list of filters. */
  const pending = new WeakMap<Subscription[], Promise<unknown>>();
  persistence.addSubscriptions = (client: Client, subscriptions: Subscription[]) => {
    let adding = pending.get(subscriptions);
    if (!adding) {
      // All filters of the packet are authorized before this runs, unless a hook is asynchronous.
      adding = Promise.resolve().then(() => {
        pending.delete(subscriptions);
        return addSubscriptions(
          client,
          subscriptions.flatMap((requested) => granted.get(requested) ?? [])
        );
      });
      pending.set(subscriptions, adding);
    }
    return adding;
  };
}
