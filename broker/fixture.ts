import { setTimeout as sleep } from 'node:timers/promises';
import { startBroker as startRealBroker, type Broker, type BrokerOptions, type PublishedMessage } from './broker';
import type { ErrorOrigin } from './client-errors';
import { FaultInjector, type Faults } from './faults';
import { BrokerError } from './ports';
import type { Storage } from './storage';
import { SessionPersistence } from './storage/persistence';

export type { Fault, Faults, FaultTarget } from './faults';

/** The broker's options without those that are the fixture's own business: ports are free ones, taken anew each time. */
export interface FixtureOptions extends Omit<BrokerOptions, 'portTaken' | 'storage' | 'wrapStream' | 'now'> {
  /** Retained messages and sessions survive `stop` and `restart`, in memory. Default: they are gone. */
  keepState?: boolean;
  /** A store; or opens one for each start, such as `() => openDiskStorage(directory)`. */
  storage?: BrokerOptions['storage'] | (() => Storage | Promise<Storage>);
}

/** The time that the broker goes by for the age of sessions: the real time, and what it was advanced by. */
export interface TestClock {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Moves on at once; sessions that are too old then are ended when this resolves. */
  advance(milliseconds: number): Promise<void>;
}

export interface ReceivedMessage extends PublishedMessage {
  /** The payload as text, for assertions. */
  text: string;
}

export interface ClientErrorRecord extends ErrorOrigin {
  error: Error;
}

/** A real broker for a test, that records what happens to it and can fail on purpose. */
export interface TestBroker extends Broker {
  /** Every message published since the start, by clients and by `publish`, in order; kept over `stop` and `restart`. */
  readonly received: readonly ReceivedMessage[];
  /** Every client that was dropped or refused, and why. */
  readonly clientErrors: readonly ClientErrorRecord[];
  /**
   * The first message on this topic, already published or still to come.
   *
   * @param timeout milliseconds; default 5,000
   * @throws Error when none comes in time, naming the topics that did
   */
  message(topic: string, timeout?: number): Promise<ReceivedMessage>;
  /** Goes down: nobody listens on the ports, every client is cut off. */
  stop(): Promise<void>;
  /**
   * Comes (back) up on the same ports. Retained messages and sessions are gone, as with any broker that keeps them in
   * memory, unless `keepState` or `storage` is given.
   */
  restart(): Promise<void>;
  /** Makes things go wrong, for one client or all. */
  readonly faults: Faults;
  readonly clock: TestClock;
}

/** How long `restart` waits for a port of its own that somebody else got hold of meanwhile, in milliseconds. */
const PORT_PATIENCE = 5_000;

/**
 * Starts the broker on free ports of the loopback interface, TCP and WebSocket, in milliseconds.
 *
 * @example
 * await using broker = await startBroker();
 * await broker.publish({ topic: 'home/kitchen/temperature', payload: '21.5', retain: true });
 */
export async function startBroker(options: FixtureOptions = {}): Promise<TestBroker> {
  const received: ReceivedMessage[] = [];
  const clientErrors: ClientErrorRecord[] = [];
  const arrivals = new Set<(message: ReceivedMessage) => void>();
  const { keepState = false, storage, ...brokerOptions } = options;
  const faults = new FaultInjector();
  const kept = keepState ? inMemory() : undefined;
  let ahead = 0;
  const now = (): number => Date.now() + ahead;

  const start = async (tcpPort: number, wsPort: number): Promise<Broker> =>
    startRealBroker({
      ...brokerOptions,
      storage: kept ?? (typeof storage === 'function' ? await storage() : storage),
      wrapStream: faults.wrap,
      now,
      tcp: options.tcp !== false && { ...options.tcp, port: tcpPort },
      ws: options.ws !== false && { ...options.ws, port: wsPort },
      onPublish: (message) => {
        const record = { ...message, text: message.payload.toString() };
        received.push(record);
        for (const arrival of arrivals) {
          arrival(record);
        }
        options.onPublish?.(message);
      },
      onClientError: (error, origin) => {
        clientErrors.push({ error, ...origin });
        options.onClientError?.(error, origin);
      },
    });

  let broker = await start((options.tcp && options.tcp.port) || 0, (options.ws && options.ws.port) || 0);
  let up = true;
  const { tcp, ws } = broker;

  const stop = async (): Promise<void> => {
    up = false;
    await broker.close();
  };
  const restart = async (): Promise<void> => {
    await stop();
    broker = await patiently(() => start(tcp?.port ?? 0, ws?.port ?? 0));
    up = true;
  };
  return {
    tcp,
    ws,
    received,
    clientErrors,
    publish: (message) => broker.publish(message),
    clients: () => (up ? broker.clients() : 0),
    connections: () => (up ? broker.connections() : []),
    subscriptions: () => (up ? broker.subscriptions() : new Map()),
    endpoints: broker.endpoints,
    stats: () => broker.stats(),
    reload: () => broker.reload(),
    dropClients: () => broker.dropClients(),
    message: (topic, timeout = 5_000) => nextMessage(topic, timeout, received, arrivals),
    sweepSessions: () => broker.sweepSessions(),
    faults,
    clock: {
      now,
      advance: (milliseconds) => {
        ahead += milliseconds;
        return broker.sweepSessions();
      },
    },
    stop,
    restart,
    close: stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** A store that stays when the broker that used it is closed. */
function inMemory(): Storage {
  return { persistence: new SessionPersistence(), close: () => Promise.resolve() };
}

/** Starts on ports that were ours a moment ago, and that an outgoing connection of anybody may hold for a while. */
async function patiently(start: () => Promise<Broker>): Promise<Broker> {
  const deadline = Date.now() + PORT_PATIENCE;
  for (;;) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one attempt at a time
      return await start();
    } catch (error) {
      if (!(error instanceof BrokerError) || error.code !== 'EADDRINUSE' || Date.now() > deadline) {
        throw error;
      }
    }
    // oxlint-disable-next-line no-await-in-loop -- a pause between attempts
    await sleep(20);
  }
}

function nextMessage(
  topic: string,
  timeout: number,
  received: readonly ReceivedMessage[],
  arrivals: Set<(message: ReceivedMessage) => void>
): Promise<ReceivedMessage> {
  const earlier = received.find((message) => message.topic === topic);
  if (earlier) {
    return Promise.resolve(earlier);
  }
  return new Promise((resolve, reject) => {
    const arrival = (message: ReceivedMessage): void => {
      if (message.topic === topic) {
        arrivals.delete(arrival);
        clearTimeout(timer);
        resolve(message);
      }
    };
    const timer = setTimeout(() => {
      arrivals.delete(arrival);
      const others = [...new Set(received.map((message) => message.topic))].slice(0, 10).join(', ') || 'nothing';
      reject(new Error(`No message on ${topic} within ${timeout} ms; published so far: ${others}`));
    }, timeout);
    arrivals.add(arrival);
  });
}
