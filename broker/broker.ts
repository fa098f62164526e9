import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { Aedes, type AedesPublishPacket, type Client } from 'aedes';
import { ConnectionLimiter } from './transport/connection-limiter';
import type { GrantedSubscriptions } from './aedes/granted-subscriptions';
import { internals } from './aedes/internals';
import { applyClientPatches, applyPatches } from './aedes/patches';
import { LimitReports } from './storage/limit-reports';
import { Access } from './auth/access';
import type { Broker, BrokerOptions, Connection, Message, PublishedMessage } from './options';
import { reportClientErrors } from './aedes/client-errors';
import { SubscriptionLimits } from './auth/subscription-limits';
import type { ClientStream, ListenerType } from './transport/client-stream';
import type { Traffic } from './transport/rate-limiter';
import { AedesAdapter } from './history/aedes-adapter';
import { resolveLimits } from './limits';
import { openListener } from './transport/listeners';
import {
  DEFAULT_HOST,
  type Endpoint,
  type Listener,
  type ListenerContext,
  type ListenerOptions,
} from './transport/listener-options';
import { AuthenticatedClients } from './auth/authenticated-clients';
import { createPolicy } from './auth/policy';
import { requireLoopback } from './transport/ports';
import { BrokerError } from './errors';
import { LocalSessionExpiry, type SessionExpiry } from './aedes/session-expiry';
import { SharedSessionExpiry } from './aedes/shared-session-expiry';
import type { SharedStore } from './storage/shared-store';
import { readStats } from './stats';
import type { Storage } from './storage/storage';
import { SessionPersistence } from './storage/memory/persistence';
import { isSysFilter, topicFault } from './topic';

export type { Broker, BrokerOptions, Connection, Message, PublishedMessage } from './options';

/**
 * Starts a broker for MQTT 3.1 and 3.1.1, on loopback unless told otherwise.
 *
 * @throws BrokerError when it may not or cannot listen, or users, rules, keys or certificates cannot be used; nothing is
 *   left open then
 * @throws BrokerError likewise when history cannot be kept as asked
 * @throws RangeError when a limit is out of bounds
 */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const { portTaken = 'fail', onPublish } = options;
  const limits = resolveLimits(options.limits);
  const wanted = listenersOf(options);
  const access = await Access.open(options);
  requirePermission(wanted, options, access);

  const errors = { count: 0 };
  const report: NonNullable<BrokerOptions['onClientError']> = (error, origin) => {
    errors.count += 1;
    options.onClientError?.(error, origin);
  };
  const history =
    options.history && new AedesAdapter(options.history, options.now ?? Date.now, (error) => report(error, {}));
  const storage = await options.storage;
  const shared = storage?.shared;
  const authenticatedClients = new AuthenticatedClients(
    access,
    shared?.connections.findOnOtherBrokers.bind(shared.connections)
  );
  let sessionExpiry: SessionExpiry | undefined;
  const granted: GrantedSubscriptions = new WeakMap();
  const subscriptionLimits = new SubscriptionLimits(limits, report);
  const policy = createPolicy({
    hooks: options,
    authenticatedClients,
    limits,
    subscriptionLimits,
    countOtherSessions: (clientId) => sessionExpiry?.countExcept(clientId) ?? 0,
    reservedTopics: history ? [history.topics] : [],
    granted,
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
    // Aedes bounds the ids of MQTT 3.1 only; the policy bounds all.
    maxClientsIdLength: limits.clientIdLength,
  });
  const limitReports = new LimitReports(limits, (error) => report(error, {}));
  const readers = { ...policy, userOf: (client: Client) => authenticatedClients.userOf(client) };
  applyPatches(aedes, {
    limits,
    limitReports,
    sharedStore: shared,
    granted,
    history: history && { attach: (target) => history.attach(target, readers) },
  });
  subscriptionLimits.follow(aedes);
  const aging = { limits, onError: (error: Error) => report(error, {}), now: options.now };
  const running = shared ? new SharedSessionExpiry(aedes, shared, aging) : new LocalSessionExpiry(aedes, aging);
  sessionExpiry = running;
  reportClientErrors(aedes, report);
  storage?.onFault?.((error) => report(error, {}));
  aedes.on('clientReady', (client) => (client.conn as ClientStream).connected());
  aedes.on('clientDisconnect', (client) => authenticatedClients.disconnected(client));
  if (shared) {
    followConnections(aedes, shared, authenticatedClients);
  }
  if (onPublish) {
    observe(aedes, onPublish);
  }

  const listeners: Listener[] = [];
  const streams = new Set<ClientStream>();
  const traffic: Traffic = { bytesIn: 0, bytesOut: 0, publishesIn: 0 };
  const connectionLimiter = new ConnectionLimiter(limits);
  const context: ListenerContext = {
    limits,
    connectionLimiter,
    traffic,
    origins: options.origins ?? (access.needsCredentials || options.authenticate ? 'any' : []),
    portTaken,
    accept: (stream: ClientStream, request?: IncomingMessage) => {
      streams.add(stream);
      stream.once('close', () => streams.delete(stream));
      applyClientPatches(aedes.handle(options.wrapStream?.(stream) ?? stream, request));
    },
    onError: (error: Error, listener: ListenerType, remoteAddress?: string) =>
      report(error, { listener, remoteAddress }),
  };
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    sessionExpiry?.stop();
    return (closing ??= shutDown(aedes, listeners, [...streams], history, storage));
  };
  try {
    await history?.open(aedes);
    for (const listener of wanted) {
      // One after the other, so that `portTaken: 'next'` is predictable.
      listeners.push(await openListener(listener, context));
    }
  } catch (error) {
    await close();
    throw error;
  }

  const clients = (): Client[] => Object.values(internals(aedes).clients);
  const endpoints = listeners.map(({ endpoint }) => endpoint);
  const first = (...types: ListenerType[]): Endpoint | undefined => endpoints.find(({ type }) => types.includes(type));
  return {
    tcp: first('tcp') ?? first('tls'),
    ws: first('ws') ?? first('wss'),
    endpoints,
    publish: (message) => publishTo(aedes, message),
    clients: () => clients().length,
    connections: () => clients().map((client) => connectionOf(client, authenticatedClients)),
    subscriptions: () =>
      new Map(Object.values(internals(aedes).clients).map((client) => [client.id, Object.keys(client.subscriptions)])),
    stats: () =>
      readStats({
        aedes,
        connectionLimiter,
        traffic,
        sessions: running,
        subscriptionLimits,
        storage: limitReports.counts,
        authenticatedClients,
        errors,
        history: history?.stats,
      }),
    reload: async () => {
      await access.reload();
      for (const client of clients()) {
        if (!authenticatedClients.recheck(client)) {
          client.emit('error', new Error('Its login is no longer valid'));
        }
      }
      await Promise.all(listeners.map((listener) => listener.reload()));
    },
    expireSessions: () => running.expire(),
    disconnectAll: () => {
      for (const listener of listeners) {
        listener.cut();
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function listenersOf({ tcp = {}, ws = {}, listeners = [] }: BrokerOptions): ListenerOptions[] {
  const all: ListenerOptions[] = [
    ...(tcp ? [{ type: 'tcp', ...tcp } as const] : []),
    ...(ws ? [{ type: 'ws', ...ws } as const] : []),
    ...listeners,
  ];
  if (all.length === 0 || all.some((each) => 'paths' in each && each.paths?.length === 0)) {
    throw new BrokerError('E_NOTHING', 'Nothing to listen on: tcp and ws are both off, or ws has no path');
  }
  return all;
}

/** @throws BrokerError `E_REMOTE` when a listener lets in whoever reaches it, and others than this machine do */
function requirePermission(listeners: ListenerOptions[], options: BrokerOptions, access: Access): void {
  if (access.needsCredentials || options.allowAnonymous === true || options.authenticate) {
    return;
  }
  for (const listener of listeners) {
    if (!('requestCert' in listener && listener.requestCert)) {
      requireLoopback(listener.host ?? DEFAULT_HOST);
    }
  }
}

/** How long closing waits for subscribers to take what was sent to them, in milliseconds. */
const LAST_WORDS = 1_000;

async function shutDown(
  aedes: Aedes,
  listeners: Listener[],
  streams: ClientStream[],
  history: AedesAdapter | undefined,
  storage: Storage | undefined
): Promise<void> {
  for (const listener of listeners) {
    listener.stop();
  }
  await new Promise<void>((resolve) => {
    aedes.close(resolve);
  });
  const deadline = performance.now() + LAST_WORDS;
  while (streams.some((stream) => !stream.drained) && performance.now() < deadline) {
    await sleep(5);
  }
  await Promise.all(listeners.map((listener) => listener.close()));
  await history?.close();
  await storage?.close();
}

/** Tells the other brokers who is connected here. Redis keeps what is said in order; a fault of it is reported there. */
function followConnections(
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

function observe(aedes: Aedes, onPublish: NonNullable<BrokerOptions['onPublish']>): void {
  // Not Aedes' `publish` event: that comes when the subscribers are done, so in another order.
  const hear = (packet: AedesPublishPacket, done: () => void): void => {
    if (!isSysFilter(packet.topic)) {
      onPublish(published(packet));
    }
    done();
  };
  aedes.subscribe('#', hear, () => {});
}

async function publishTo(aedes: Aedes, { topic, payload, qos = 0, retain = false }: Message): Promise<void> {
  if (aedes.closed) {
    throw new Error('The broker is closed');
  }
  const fault = topicFault(topic);
  if (fault) {
    throw new Error(`Topic ${JSON.stringify(topic.slice(0, 80))} ${fault}`);
  }
  const bytes = typeof payload === 'string' ? Buffer.from(payload) : Buffer.from(payload);
  await new Promise<void>((resolve, reject) => {
    aedes.publish({ cmd: 'publish', topic, payload: bytes, qos, retain, dup: false }, (error) => {
      if (error) {
        reject(error);
      } else {
        resolve();
      }
    });
  });
}

function connectionOf(client: Client, authenticatedClients: AuthenticatedClients): Connection {
  const { listener, remoteAddress } = client.conn as ClientStream;
  const user = authenticatedClients.userOf(client);
  return { clientId: client.id, listener, remoteAddress, ...(user !== undefined && { user }) };
}

/** `clientId` is there when a client published it; the types of Aedes leave it out. */
function published(packet: AedesPublishPacket & { clientId?: string }): PublishedMessage {
  const { topic, payload, qos, retain, clientId } = packet;
  return { topic, payload: typeof payload === 'string' ? Buffer.from(payload) : payload, qos, retain, clientId };
}
