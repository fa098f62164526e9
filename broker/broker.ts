import type { Aedes, Client } from 'aedes';
import { internals } from './aedes/internals';
import { applyClientPatches } from './aedes/patches';
import { Access } from './auth/access';
import type { AuthenticatedClients } from './auth/authenticated-clients';
import { createCore, type BrokerCore } from './core';
import { BrokerError, type ReportError } from './errors';
import { importHistory } from './history/import';
import { resolveLimits } from './limits';
import type { Broker, BrokerOptions, Connection, Message } from './options';
import { readStats } from './stats';
import { publishSysTopics } from './sys-topics';
import { validateTopic } from './topic';
import type { ListenerType } from './transport/client-stream';
import { ListenerGroup } from './transport/listener-group';
import { DEFAULT_HOST, type ListenerOptions } from './transport/listener-options';
import { originOf } from './transport/origin';
import { requireLoopback } from './transport/ports';

export type { Broker, BrokerOptions, Connection, Message, PastMessage, PublishedMessage } from './options';

/**
 * Starts a broker for MQTT 3.1 and 3.1.1. Without options it listens on loopback, at port 1883 for TCP and 9001 for
 * WebSockets, and accepts every client.
 *
 * @throws BrokerError when a port, the users, the ACL, a key, a certificate, the storage or the history cannot be used, or
 *   when a listener without authentication would be open to other machines; everything is closed again then
 * @throws RangeError when a limit is out of range
 * @example
 * await using broker = await startBroker({ tcp: { port: 0 }, ws: false });
 * const client = await mqtt.connectAsync(broker.tcp!.url);
 * client.on('message', (topic, payload) => process.stdout.write(`${topic} ${payload}\n`));
 * await client.subscribeAsync('home/#');
 * await broker.publish({ topic: 'home/kitchen/temperature', payload: '21.5', retain: true });
 */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const limits = resolveLimits(options.limits);
  const wanted = listenersOf(options);
  const access = await Access.open(options);
  requirePermission(wanted, options, access);

  const errors = { count: 0 };
  const reportError: ReportError = (error, origin) => {
    errors.count += 1;
    options.onClientError?.(error, origin);
  };
  const core = await createCore(options, limits, access, reportError);
  const listeners = new ListenerGroup({
    limits,
    origins: options.origins ?? (access.needsCredentials || options.authenticate ? 'any' : []),
    portTaken: options.portTaken ?? 'fail',
    onConnection: (stream, request) =>
      applyClientPatches(core.aedes.handle(options.wrapStream?.(stream) ?? stream, request)),
    onError: (error, listener, remoteAddress) => reportError(error, { listener, remoteAddress }),
  });
  try {
    await core.history?.open(core.aedes);
    await listeners.open(wanted);
  } catch (error) {
    await shutDown(core, listeners);
    throw error;
  }
  const handle = createHandle(core, listeners, access, errors, options.now ?? Date.now);
  const { sysInterval = 0 } = options;
  if (sysInterval > 0) {
    const stop = publishSysTopics(core.aedes, {
      interval: sysInterval * 1_000,
      stats: () => handle.stats(),
      onError: (error) => reportError(error, {}),
    });
    core.aedes.once('closed', stop);
  }
  return handle;
}

function createHandle(
  core: BrokerCore,
  listeners: ListenerGroup,
  access: Access,
  errors: { count: number },
  now: () => number
): Broker {
  const { aedes, authenticatedClients, sessionExpiry } = core;
  const { endpoints, connectionLimiter, traffic } = listeners;
  const first = (...types: ListenerType[]) => endpoints.find(({ type }) => types.includes(type));
  const clients = () => Object.values(internals(aedes).clients);
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= shutDown(core, listeners));
  return {
    tcp: first('tcp') ?? first('tls'),
    ws: first('ws') ?? first('wss'),
    endpoints,
    publish: (message) => publish(aedes, message),
    importHistory: (messages, until) => importHistory(aedes, core.history, messages, now(), until),
    clients: () => clients().length,
    connections: () => clients().map((client) => connectionOf(client, authenticatedClients)),
    subscriptions: () => new Map(clients().map(({ id, subscriptions }) => [id, Object.keys(subscriptions)])),
    stats: () =>
      readStats({
        ...core,
        connectionLimiter,
        traffic,
        sessions: sessionExpiry,
        storage: core.limitReports.counts,
        errors,
        history: core.history?.stats,
      }),
    reload: async () => {
      await access.reload();
      for (const client of clients()) {
        if (!authenticatedClients.recheck(client)) {
          client.emit('error', new Error('The credentials are no longer valid'));
        }
      }
      await listeners.reload();
    },
    expireSessions: () => sessionExpiry.expire(),
    disconnectAll: () => listeners.disconnectAll(),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** The listeners of all three options. */
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

/** @throws BrokerError `E_REMOTE` when a listener without authentication can be reached from other machines */
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

/** Milliseconds that closing waits for clients to read what was sent to them. */
const DRAIN_TIMEOUT = 1_000;

async function shutDown(
  { aedes, sessionExpiry, history, storage }: BrokerCore,
  listeners: ListenerGroup
): Promise<void> {
  sessionExpiry.stop();
  listeners.stop();
  await new Promise<void>((resolve) => {
    aedes.close(resolve);
  });
  await listeners.drain(DRAIN_TIMEOUT);
  await listeners.close();
  await history?.close();
  await storage?.close();
}

async function publish(aedes: Aedes, { topic, payload, qos = 0, retain = false }: Message): Promise<void> {
  if (aedes.closed) {
    throw new Error('The broker is closed');
  }
  const fault = validateTopic(topic);
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
  const user = authenticatedClients.userOf(client);
  return { ...originOf(client), clientId: client.id, ...(user !== undefined && { user }) };
}
