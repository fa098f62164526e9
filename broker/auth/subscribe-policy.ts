import type { Client } from 'aedes';
import type { GrantedSubscriptions } from '../aedes/granted-subscriptions';
import type { ReportError } from '../errors';
import { findSpecialSubscription, isSysFilter, quoteName, validateFilter } from '../topic';
import type { AuthenticatedClients } from './authenticated-clients';
import { callHook, type AedesHooks, type PolicyHooks } from './hooks';
import { originOf } from '../transport/origin';
import type { ReservedTopics } from './reserved-topics';
import type { SubscriptionLimits } from './subscription-limits';

export interface SubscribePolicyOptions {
  hooks: PolicyHooks;
  authenticatedClients: AuthenticatedClients;
  reservedTopics: ReservedTopics;
  subscriptionLimits: SubscriptionLimits;
  /** Filled with the subscriptions that are granted. */
  granted: GrantedSubscriptions;
  /** Called with the reason for a refusal that no rule explains. */
  reportError: ReportError;
}

export interface SubscribePolicy {
  /**
   * The filter that a client would be granted for a filter, limits aside: the filter itself, another one that a hook
   * chose, or undefined for a refusal.
   */
  grantedFilter: (client: Client, filter: string) => Promise<string | undefined>;
  /** Whether a client receives the messages on a topic. */
  mayRead: (client: Client, topic: string) => boolean;
  readonly hooks: Pick<AedesHooks, 'authorizeSubscribe' | 'authorizeForward'>;
}

/** Decides which filters a client may subscribe to, and which messages it receives. */
export function subscribePolicy(options: SubscribePolicyOptions): SubscribePolicy {
  const { hooks, authenticatedClients, reservedTopics, subscriptionLimits, granted, reportError } = options;

  const authorize: AedesHooks['authorizeSubscribe'] = (client, subscription, done) => {
    const { topic } = subscription;
    const rights = authenticatedClients.rightsOf(client);
    const reserved = reservedTopics.maySubscribe(client.id, topic);
    if (reserved !== undefined) {
      done(null, reserved ? subscription : null);
    } else if (isSysFilter(topic) && hooks.sysTopics !== true && !rights?.maySubscribe(topic)) {
      done(null, null);
    } else if (hooks.authorizeSubscribe) {
      callHook(done, () => hooks.authorizeSubscribe?.(client, subscription, done));
    } else if (rights?.maySubscribe(topic) === false && !(isSysFilter(topic) && hooks.sysTopics)) {
      done(null, null);
    } else {
      done(null, subscription);
    }
  };

  const mayRead = (client: Client, topic: string): boolean => {
    const reserved = reservedTopics.mayRead(client.id, topic);
    if (reserved !== undefined) {
      return reserved;
    }
    const rights = authenticatedClients.rightsOf(client);
    // Without rules, all topics but $SYS are open. A client that subscribed to $SYS may have lost the right since.
    return (isSysFilter(topic) ? hooks.sysTopics === true : !rights) || rights?.mayRead(topic) === true;
  };

  return {
    grantedFilter: (client, filter) =>
      new Promise((resolve) => {
        authorize(client, { topic: filter, qos: 0 }, (error, result) => resolve(error ? undefined : result?.topic));
      }),
    mayRead,
    hooks: {
      authorizeSubscribe: (client, subscription, done) => {
        const { topic } = subscription;
        let isNew = false;
        const answer: typeof done = (error, result) => {
          if (!error && result) {
            granted.set(subscription, result);
          } else if (isNew) {
            subscriptionLimits.remove(client, topic);
          }
          done(error, result);
        };
        const fault = validateFilter(topic);
        if (fault) {
          answer(new Error(`Filter ${quoteName(topic)} ${fault}`));
          return;
        }
        const special = findSpecialSubscription(topic);
        if (special) {
          reportError(new Error(`Not subscribed: Filter ${quoteName(topic)} ${special}`), originOf(client));
          answer(null, null);
          return;
        }
        const counted = subscriptionLimits.add(client, topic);
        isNew = counted === 'new';
        if (counted === 'full') {
          answer(null, null);
        } else {
          authorize(client, subscription, answer);
        }
      },
      authorizeForward: (client, packet) => (mayRead(client, packet.topic) ? packet : null),
    },
  };
}
