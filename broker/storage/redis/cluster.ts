import { setTimeout as sleep } from 'node:timers/promises';
import { BrokerError } from '../../errors';
import type { Storage } from '../storage';
import type { PersistenceBroker } from '../memory/aedes-shapes';
import { limitPersistence } from './limits';
import { RedisConnections } from './connections';
import { patchEmitter } from './emitter-patch';
import { patchPersistence } from './persistence-patch';
import { createEmitter, createPersistence, type RedisClient, type RedisOptions } from './client';
import { RedisQueues } from './queues';
import { RedisSessions } from './sessions';

/** Milliseconds that Redis may take to answer when the broker starts. */
const START_TIMEOUT = 5_000;
/** The longest time between two attempts to reach Redis, in milliseconds. */
const MAX_RETRY_DELAY = 2_000;
/** Milliseconds for the commands that are on their way to Redis when the broker stops. */
const STOP_TIMEOUT = 1_000;

/**
 * The state that several brokers share over Redis: messages, retained messages, sessions and their queues. A client may
 * connect to any of them, and come back to another.
 *
 * @param url `redis://[user:password@]host[:port][/database]`, or `rediss:` for TLS
 * @throws BrokerError (`E_CLUSTER`) if the URL is not valid, or Redis does not answer
 */
export async function openClusterStorage(url: string): Promise<Storage> {
  const options = parse(url);
  const where = `${options.host}:${options.port}`;
  const mq = createEmitter(options);
  const conn = mq.pubConn.duplicate();
  const connections = [mq.pubConn, mq.subConn, conn];
  let lastError = 'no answer';
  for (const connection of connections) {
    connection.on('error', (error: Error) => {
      lastError = error.message || (error as NodeJS.ErrnoException).code || lastError;
    });
  }
  patchEmitter(mq);
  // All of them: a message for a connection that is not open is lost.
  if (!(await answer(connections))) {
    hangUp(connections);
    throw new BrokerError(
      'E_CLUSTER',
      `${where}: Redis cannot be used: ${lastError}. Check that Redis is running, and that the URL is right`
    );
  }
  const persistence = createPersistence(conn);
  const queues = new RedisQueues(conn);
  const atBrokers = new RedisConnections(conn);
  const bounds = limitPersistence(persistence, conn, queues);
  patchPersistence(persistence, conn);

  let onFault: ((error: Error) => void) | undefined;
  let broker: PersistenceBroker | undefined;
  let closing: Promise<void> | undefined;
  const setup = persistence.setup.bind(persistence);
  persistence.setup = async (given) => {
    broker = given;
    await setup(given);
    given.on?.('clientDisconnect', (client) => queues.left(client));
    atBrokers.start(given.id);
  };
  watch(connections, {
    away: () => {
      if (!closing) {
        onFault?.(
          new Error(
            `${where}: Redis cannot be reached (${lastError}). Until it is back, the broker drops messages of QoS 0, and ` +
              'acknowledges no others. Check that Redis is running'
          )
        );
      }
    },
    back: () => sendForMissed(broker),
  });
  return {
    persistence,
    mq,
    shared: { ...bounds, sessions: new RedisSessions(conn, queues, persistence), connections: atBrokers },
    onFault: (listener) => {
      onFault = listener;
    },
    close: () =>
      (closing ??= (async () => {
        const done = atBrokers.stop().then(() => Promise.allSettled(connections.map((each) => each.quit())));
        await Promise.race([done.catch(() => {}), sleep(STOP_TIMEOUT)]);
        hangUp(connections);
      })()),
  };
}

/** Calls `away` when the first of the connections is lost, and `back` when the last one is back. */
function watch(connections: readonly RedisClient[], events: { away(): void; back(): void }): void {
  let isAway = false;
  for (const connection of connections) {
    connection.on('close', () => {
      if (!isAway) {
        isAway = true;
        events.away();
      }
    });
    connection.on('ready', () => {
      if (isAway && connections.every(({ status }) => status === 'ready')) {
        isAway = false;
        events.back();
      }
    });
  }
}

/**
 * Messages that other brokers published while this broker could not reach Redis are in the queues of its sessions. Nothing
 * would send them before the clients come back, so this sends them.
 */
function sendForMissed(broker: PersistenceBroker | undefined): void {
  for (const client of Object.values(broker?.clients ?? {})) {
    if (client.clean === false) {
      client.conn?.destroy();
    }
  }
}

async function answer(connections: readonly RedisClient[]): Promise<boolean> {
  const abort = new AbortController();
  const answered = await Promise.race([
    Promise.all(connections.map((connection) => connection.ping())).then(
      () => true,
      () => false
    ),
    sleep(START_TIMEOUT, false, { signal: abort.signal }),
  ]);
  abort.abort();
  return answered;
}

function hangUp(connections: readonly RedisClient[]): void {
  for (const connection of connections) {
    connection.disconnect();
  }
}

function parse(text: string): RedisOptions {
  let url: URL;
  try {
    url = new URL(text);
  } catch (cause) {
    throw new BrokerError('E_CLUSTER', `Expected a URL like redis://127.0.0.1:6379, got "${text}"`, { cause });
  }
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') {
    throw new BrokerError('E_CLUSTER', `Expected a URL that starts with redis:// or rediss://, got "${text}"`);
  }
  const database = url.pathname.slice(1);
  if (!/^\d*$/.test(database)) {
    throw new BrokerError('E_CLUSTER', `Expected a database number after the host, got "${database}"`);
  }
  return {
    host: url.hostname.replace(/^\[|\]$/g, '') || '127.0.0.1',
    port: Number(url.port || 6379),
    ...(url.username && { username: decodeURIComponent(url.username) }),
    ...(url.password && { password: decodeURIComponent(url.password) }),
    ...(database && { db: Number(database) }),
    ...(url.protocol === 'rediss:' && { tls: {} }),
    maxRetriesPerRequest: null,
    retryStrategy: (attempt) => Math.min(attempt * 50, MAX_RETRY_DELAY),
  };
}
