import { Aedes, type AedesPublishPacket, type Client } from 'aedes';
import { reportClientErrors } from './aedes/client-errors';
import type { GrantedSubscriptions } from './aedes/granted-subscriptions';
import { applyPatches } from './aedes/patches';
import { LocalSessionExpiry, type SessionExpiry } from './aedes/session-expiry';
import { SharedSessionExpiry } from './aedes/shared-session-expiry';
import type { Access } from './auth/access';
import { AuthenticatedClients } from './auth/authenticated-clients';
import { createPolicy } from './auth/policy';
import { SubscriptionLimits } from './auth/subscription-limits';
import type { ReportError } from './errors';
import { AedesAdapter } from './history/aedes-adapter';
import type { Limits } from './limits';
import type { BrokerOptions, PublishedMessage } from './options';
import { LimitReports } from './storage/limit-reports';
import { SessionPersistence } from './storage/memory/persistence';
import type { SharedStore } from './storage/shared-store';
import type { Storage } from './storage/storage';
import { isSysFilter } from './topic';
import type { ClientStream } from './transport/client-stream';

/** A broker without listeners: Aedes with its patches, access control, storage and history. */
export interface BrokerCore {
  readonly aedes: Aedes;
  readonly authenticatedClients: AuthenticatedClients;
  readonly subscriptionLimits: SubscriptionLimits;
  readonly limitReports: LimitReports;
  readonly sessionExpiry: SessionExpiry;
  readonly storage: Storage | undefined;
  readonly history: AedesAdapter | undefined;
}

/**
 * Creates Aedes, applies its patches and connects it to the other parts of the broker.
 *
 * @throws BrokerError when history or storage cannot be used
 */
export async function createCore(
  options: BrokerOptions,
  limits: Limits,
  access: Access,
  reportError: ReportError
): Promise<BrokerCore> {
  const { now } = options;
  const onError = (error: Error): void => reportError(error, {});
  const history = options.history && new AedesAdapter(options.history, now ?? Date.now, onError);
  const storage = await options.storage;
  const shared = storage?.shared;
  const authenticatedClients = new AuthenticatedClients(
    access,
    shared?.connections.findOnOtherBrokers.bind(shared.connections)
  );
  const subscriptionLimits = new SubscriptionLimits(limits, reportError);
  const limitReports = new LimitReports(limits, onError);
  const granted: GrantedSubscriptions = new WeakMap();
  const policy = createPolicy({
    hooks: options,
    authenticatedClients,
    limits,
    subscriptionLimits,
    // Called when a client connects, which is after this function has returned.
    countOtherSessions: (clientId) => sessionExpiry.countExcept(clientId),
    reservedTopics: history ? [history.topics] : [],
    granted,
    reportError,
  });
  const aedes = await Aedes.createBroker({
    ...policy.hooks,
    persistence: storage?.persistence ?? new SessionPersistence(),
    ...(storage?.mq && { mq: storage.mq }),
    connectTimeout: limits.connectTimeout,
    drainTimeout: limits.drainTimeout,
    queueLimit: limits.queueLimit,
    maxInflightInbound: limits.inflightInbound,
    maxTopicLevels: limits.topicLevels,
    // Aedes limits the client ids of MQTT 3.1 only; the policy limits all.
    maxClientsIdLength: limits.clientIdLength,
  });
  const rights = { ...policy, userOf: (client: Client) => authenticatedClients.userOf(client) };
  applyPatches(aedes, {
    limits,
    limitReports,
    sharedStore: shared,
    granted,
    history: history && { attach: (target) => history.attach(target, rights) },
  });
  const expiryOptions = { limits, onError, now };
  const sessionExpiry: SessionExpiry = shared
    ? new SharedSessionExpiry(aedes, shared, expiryOptions)
    : new LocalSessionExpiry(aedes, expiryOptions);
  subscriptionLimits.follow(aedes);
  reportClientErrors(aedes, reportError);
  storage?.onFault?.(onError);
  aedes.on('clientReady', (client) => (client.conn as ClientStream).connected());
  aedes.on('clientDisconnect', (client) => authenticatedClients.disconnected(client));
  if (shared) {
    announceConnections(aedes, shared, authenticatedClients);
  }
  if (options.onPublish) {
    observePublishes(aedes, options.onPublish);
  }
  return { aedes, authenticatedClients, subscriptionLimits, limitReports, sessionExpiry, storage, history };
}

/** Tells the other brokers of a cluster which clients are connected here. The store reports its own errors. */
function announceConnections(
  aedes: Aedes,
  { connections }: SharedStore,
  authenticatedClients: AuthenticatedClients
): void {
  aedes.on('client', (client) => {
    connections.add(client.id, authenticatedClients.userOf(client)).catch(() => {});
  });
  aedes.on('clientDisconnect', (client) => {
    connections.remove(client.id).catch(() => {});
  });
}

function observePublishes(aedes: Aedes, onPublish: NonNullable<BrokerOptions['onPublish']>): void {
  // Aedes emits its `publish` event when the subscribers are done, so in another order.
  const onMessage = (packet: AedesPublishPacket, done: () => void): void => {
    if (!isSysFilter(packet.topic)) {
      onPublish(toPublishedMessage(packet));
    }
    done();
  };
  aedes.subscribe('#', onMessage, () => {});
}

/** `clientId` is set for a message of a client; the types of Aedes lack it. */
function toPublishedMessage(packet: AedesPublishPacket & { clientId?: string }): PublishedMessage {
  const { topic, payload, qos, retain, clientId } = packet;
  return { topic, payload: typeof payload === 'string' ? Buffer.from(payload) : payload, qos, retain, clientId };
}
