import type { Aedes, AedesOptions, Client, PublishPacket, Subscription } from 'aedes';
import { CONNACK } from '../errors';
import { LoginError } from './access';
import { internals, type ClientInternals } from '../aedes/internals';
import { publishBeforePuback } from '../aedes/publish-before-puback';
import type { SubscriptionLimits } from './subscription-limits';
import type { HistoryTopics } from '../history/topics';
import type { Limits } from '../limits';
import type { AuthenticatedClients } from './authenticated-clients';
import { filterFault, clientIdFault, isSysFilter, quote, topicFault } from '../topic';

/**
 * Who may do what, with the signatures of Aedes' own options of these names. A hook that throws refuses; it never takes
 * the process down. A hook stands in the place of `users`, `acl` and `jwt`.
 */
export interface PolicyHooks {
  /** `done(null, true)` lets the client in; an error with `returnCode` 2 to 5 says why not in CONNACK. */
  authenticate?: NonNullable<AedesOptions['authenticate']>;
  /** `done(error)` refuses the message, and MQTT 3.1.1 leaves no other way to say so than to end the connection. */
  authorizePublish?: NonNullable<AedesOptions['authorizePublish']>;
  /** `done(null, null)` answers SUBACK 0x80; `done(error)` ends the connection. */
  authorizeSubscribe?: NonNullable<AedesOptions['authorizeSubscribe']>;
  /** Whether every client may subscribe to `$SYS/...`, which tells client ids and subscriptions. Default: false. */
  sysTopics?: boolean;
}

type AedesHooks = Required<
  Pick<AedesOptions, 'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe' | 'authorizeForward'>
>;

/** Subscriptions that were granted, by the object that asked for them. */
type Granted = WeakMap<Subscription, Subscription>;

export interface PolicyOptions {
  hooks: PolicyHooks;
  authenticatedClients: AuthenticatedClients;
  limits: Pick<Limits, 'clientIdLength' | 'sessions'>;
  subscriptionLimits: SubscriptionLimits;
  /** How many sessions there are, that of this client left out. */
  countOtherSessions: (clientId: string) => number | Promise<number>;
  /** The topics of the broker's history, where it keeps one. */
  historyTopics?: HistoryTopics;
}

export interface Policy {
  /** What Aedes is started with. */
  hooks: AedesHooks;
  /** What has to be done to it once it runs. */
  guard(aedes: Aedes): void;
  /** What a client is granted that asks for a filter, however many it has: that one, another one of a hook, or none. */
  grantedFilter(client: Client, filter: string): Promise<string | undefined>;
  /** Whether a client is delivered what is published on a topic. */
  mayRead(client: Client, topic: string): boolean;
}

/** The hooks that Aedes is started with, and what has to be done to it once it runs. */
export function createPolicy({
  hooks,
  authenticatedClients,
  limits,
  subscriptionLimits,
  countOtherSessions: sessionsBeside,
  historyTopics,
}: PolicyOptions): Policy {
  const granted: Granted = new WeakMap();
  let inside: Aedes | undefined;

  const mayPublish = (client: Client, packet: PublishPacket, done: (error?: Error | null) => void): void => {
    const { topic } = packet;
    const reserved = isSysFilter(topic) || historyTopics?.isFromHistorian(topic);
    const asks = historyTopics?.isRequest(topic) ?? false;
    const fault =
      topicFault(topic) ??
      (reserved ? 'is reserved for the broker' : asks ? historyTopics?.validateRequestTopic(topic) : undefined);
    if (fault) {
      done(new Error(`Topic ${quote(topic)} ${fault}`));
    } else if (asks) {
      // To ask is to read: what of the answer the client may read is looked at when it is given.
      done(null);
    } else if (hooks.authorizePublish) {
      guarded(done, () => hooks.authorizePublish?.(client, packet, done));
    } else if (authenticatedClients.rightsOf(client)?.mayWrite(topic) === false) {
      done(new Error(`Not allowed to publish on ${quote(topic)}`));
    } else {
      done(null);
    }
  };

  const grant: AedesHooks['authorizeSubscribe'] = (client, subscription, done) => {
    const { topic } = subscription;
    const rights = authenticatedClients.rightsOf(client);
    const own = historyTopics?.maySubscribe(client.id, topic);
    if (own !== undefined) {
      done(null, own ? subscription : null);
    } else if (isSysFilter(topic) && hooks.sysTopics !== true && !rights?.maySubscribe(topic)) {
      done(null, null);
    } else if (hooks.authorizeSubscribe) {
      guarded(done, () => hooks.authorizeSubscribe?.(client, subscription, done));
    } else if (rights?.maySubscribe(topic) === false && !(isSysFilter(topic) && hooks.sysTopics)) {
      done(null, null);
    } else {
      done(null, subscription);
    }
  };

  const mayRead = (client: Client, topic: string): boolean => {
    if (historyTopics?.isOwn(topic)) {
      return historyTopics.mayRead(client.id, topic);
    }
    const rights = authenticatedClients.rightsOf(client);
    // Without rules everything is open but `$SYS`: who was an admin when it subscribed may be none any more.
    return (isSysFilter(topic) ? hooks.sysTopics === true : !rights) || rights?.mayRead(topic) === true;
  };

  return {
    hooks: {
      preConnect: (client, { clientId, clean }, done) => {
        const fault = clientIdFault(clientId);
        const refusal =
          clientId === '' && clean === false
            ? 'A session that is to last needs a client id [MQTT-3.1.3-8]'
            : clientId.length > limits.clientIdLength
              ? `Client id of ${clientId.length} characters is over the limit of ${limits.clientIdLength}`
              : fault && `Client id ${quote(clientId)} ${fault}`;
        if (refusal) {
          // Aedes says nothing to a client that preConnect refuses.
          client.conn.write(Buffer.from([0x20, 2, 0, CONNACK.identifierRejected]));
          done(new Error(refusal), false);
        } else {
          done(null, true);
        }
      },

      authenticate: (client, username, password, done) => {
        const refuse = (error: Error): void => {
          const { returnCode = CONNACK.notAuthorized } = error as { returnCode?: number };
          done(Object.assign(error, { returnCode }), false);
        };
        const enter: typeof done = (error, successful) => {
          if (error || !successful) {
            done(error, successful);
            return;
          }
          const { _will: will } = client as ClientInternals;
          if (will) {
            mayPublish(client, will, (fault) => {
              if (fault) {
                refuse(new Error(`Will refused: ${fault.message}`));
              } else {
                done(null, true);
              }
            });
          } else {
            done(null, true);
          }
        };
        const admit = (beside: number): void => {
          if (beside >= limits.sessions) {
            refuse(
              new LoginError(CONNACK.serverUnavailable, `${limits.sessions} sessions are kept, which is the limit`)
            );
          } else if (hooks.authenticate) {
            guarded(refuse, () => hooks.authenticate?.(client, username, password, enter));
          } else {
            const other = inside && internals(inside).clients[client.id];
            authenticatedClients.login(client, username, password, other).then(() => enter(null, true), refuse);
          }
        };
        const beside = client.clean ? 0 : sessionsBeside(client.id);
        if (typeof beside === 'number') {
          admit(beside);
        } else {
          beside.then(admit, refuse);
        }
      },

      authorizePublish: (client, packet, done) => {
        // Without a client: a will of a broker of the cluster that is gone, checked when it was given
        const checked = (error?: Error | null): void => {
          if (error || !inside) {
            done(error);
          } else {
            publishBeforePuback(inside, client, packet, done);
          }
        };
        if (client) {
          mayPublish(client, packet, checked);
        } else {
          checked();
        }
      },

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
        const fault = filterFault(topic);
        if (fault) {
          answer(new Error(`Filter ${quote(topic)} ${fault}`));
          return;
        }
        const counted = subscriptionLimits.add(client, topic);
        isNew = counted === 'new';
        if (counted === 'full') {
          answer(null, null);
        } else {
          grant(client, subscription, answer);
        }
      },

      authorizeForward: (client, packet) => (mayRead(client, packet.topic) ? packet : null),
    },
    mayRead,
    grantedFilter: (client, filter) =>
      new Promise((resolve) => {
        grant(client, { topic: filter, qos: 0 }, (error, result) => resolve(error ? undefined : result?.topic));
      }),
    guard: (aedes) => {
      inside = aedes;
      storeOnlyGranted(aedes, granted);
      aedes.on('unsubscribe', (topics, client) => {
        for (const topic of topics) {
          subscriptionLimits.remove(client, topic);
        }
      });
    },
  };
}

/**
 * Aedes 1.2.0 stores every filter of a persistent session's SUBSCRIBE as soon as one of them is granted, the refused
 * ones too, and then queues and later delivers what they match. And it does so once for each filter that is granted,
 * each time all of them. Only what was granted is stored here, and once.
 */
function storeOnlyGranted(aedes: Aedes, granted: Granted): void {
  const { persistence } = internals(aedes);
  const addSubscriptions = persistence.addSubscriptions.bind(persistence);
  /** Calls for one SUBSCRIBE that came in the same turn, by its list of filters. */
  const pending = new WeakMap<Subscription[], Promise<unknown>>();
  persistence.addSubscriptions = (client: Client, subscriptions: Subscription[]) => {
    let adding = pending.get(subscriptions);
    if (!adding) {
      // All of the packet's filters are asked about before this runs, unless a hook takes its time
      adding = Promise.resolve().then(() => {
        pending.delete(subscriptions);
        return addSubscriptions(
          client,
          subscriptions.flatMap((asked) => granted.get(asked) ?? [])
        );
      });
      pending.set(subscriptions, adding);
    }
    return adding;
  };
}

/** Runs a hook; what it throws becomes its refusal. */
function guarded(refuse: (error: Error) => void, run: () => void): void {
  try {
    run();
  } catch (thrown) {
    refuse(thrown instanceof Error ? thrown : new Error(String(thrown)));
  }
}
