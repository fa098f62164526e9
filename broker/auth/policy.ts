import { connectPolicy, type ConnectPolicyOptions } from './connect-policy';
import type { AedesHooks } from './hooks';
import { publishPolicy } from './publish-policy';
import { joinReservedTopics, type ReservedTopics } from './reserved-topics';
import { subscribePolicy, type SubscribePolicy, type SubscribePolicyOptions } from './subscribe-policy';

export interface PolicyOptions
  extends Omit<ConnectPolicyOptions, 'mayPublish'>, Omit<SubscribePolicyOptions, 'reservedTopics'> {
  /** The topics that parts of the broker have reserved. */
  reservedTopics: readonly ReservedTopics[];
}

/** The access control of a broker. */
export interface Policy extends Pick<SubscribePolicy, 'grantedFilter' | 'mayRead'> {
  /** The hooks that Aedes is started with. */
  readonly hooks: AedesHooks;
}

/** Joins the three policies: who may connect, publish and subscribe. */
export function createPolicy(options: PolicyOptions): Policy {
  const reservedTopics = joinReservedTopics(options.reservedTopics);
  const publish = publishPolicy({ ...options, reservedTopics });
  const subscribe = subscribePolicy({ ...options, reservedTopics });
  return {
    hooks: {
      ...connectPolicy({ ...options, mayPublish: publish.mayPublish }),
      ...publish.hooks,
      ...subscribe.hooks,
    },
    grantedFilter: subscribe.grantedFilter,
    mayRead: subscribe.mayRead,
  };
}
