import type { IncomingMessage } from 'node:http';
import { Aedes, type AedesPublishPacket, type Client } from 'aedes';
import { internals } from './aedes-internals';
import { reportErrors, type ErrorOrigin } from './client-errors';
import type { ClientStream } from './client-stream';
import { keepOrder } from './delivery';
import { resolveLimits, type Limits } from './limits';
import { listenTcp, listenWs, type Endpoint, type Listener } from './listeners';
import { queueOnce } from './offline-queue';
import { createPolicy, type PolicyHooks } from './policy';
import { BrokerError, requireLoopback } from './ports';
import { isSysFilter, topicFault } from './topic';

export interface TcpOptions {
  /** Default: `127.0.0.1`. */
  host?: string;
  /** Default: 1883; 0 takes any free one. */
  port?: number;
}

export interface WsOptions {
  /** Default: `127.0.0.1`. */
  host?: string;
  /** Default: 9001; 0 takes any free one. */
  port?: number;
  /** Paths that MQTT is spoken at. Default: `/` and `/mqtt`. */
  paths?: string[];
}

export interface BrokerOptions extends PolicyHooks {
  /** MQTT over TCP, or false for none. */
  tcp?: TcpOptions | false;
  /** MQTT over WebSockets, or false for none. */
  ws?: WsOptions | false;
  /** What to do when a port is taken: fail (default), or take the next free one, which the endpoint then tells. */
  portTaken?: 'fail' | 'next';
  /** Lets `host` be an address that other machines reach. Default: false. */
  allowRemote?: boolean;
  limits?: Partial<Limits>;
  /** Told about every message that is published, in order, as it is handed to its subscribers. */
  onPublish?: (message: PublishedMessage) => void;
  /**
   * Told about every client that is dropped or refused for a reason: malformed bytes, a limit, a bad login, a refused
   * topic, a broken connection. None of these ever ends the process.
   */
  onClientError?: (error: Error, origin: ErrorOrigin) => void;
}

export interface Message {
  topic: string;
  payload: string | Uint8Array;
  /** Default: 0. */
  qos?: 0 | 1 | 2;
  /** Default: false. */
  retain?: boolean;
}

export interface PublishedMessage {
  topic: string;
  payload: Buffer;
  qos: 0 | 1 | 2;
  retain: boolean;
  /** Who published it; undefined for `Broker.publish`. */
  clientId: string | undefined;
}

export interface Connection {
  clientId: string;
  listener: 'tcp' | 'ws';
  remoteAddress: string | undefined;
}

export interface Broker {
  readonly tcp: Endpoint | undefined;
  readonly ws: Endpoint | undefined;
  /**
   * Publishes as the broker itself; resolves when the message was handed to the subscribers.
   *
   * @throws Error when the topic is not one, or the broker is closed
   */
  publish: (message: Message) => Promise<void>;
  /** How many clients are connected. */
  clients(): number;
  connections(): Connection[];
  /** The filters that each connected client is subscribed to, by client id. */
  subscriptions(): Map<string, string[]>;
  /** Cuts every connection; the clients may come back. */
  dropClients(): void;
  /** Drops the clients and leaves no handle behind. Calling it again does nothing more. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const DEFAULT_HOST = '127.0.0.1';
const DEFAULT_TCP_PORT = 1883;
const DEFAULT_WS_PORT = 9001;

/**
 * Starts a broker for MQTT 3.1 and 3.1.1, on loopback unless told otherwise.
 *
 * @throws BrokerError when it may not or cannot listen; nothing is left open then
 * @throws RangeError when a limit is out of bounds
 */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const { tcp = {}, ws = {}, portTaken = 'fail', allowRemote = false, onPublish } = options;
  const limits = resolveLimits(options.limits);
  if ((!tcp && !ws) || (ws && ws.paths?.length === 0)) {
    throw new BrokerError('E_NOTHING', 'Nothing to listen on: tcp and ws are both off, or ws has no path');
  }
  for (const listener of [tcp, ws]) {
    if (listener) {
      requireLoopback(listener.host ?? DEFAULT_HOST, allowRemote);
    }
  }
  const report = options.onClientError ?? ((): void => {});
  const policy = createPolicy(options);
  const aedes = await Aedes.createBroker({
    ...policy.hooks,
    connectTimeout: limits.connectTimeout,
    drainTimeout: limits.drainTimeout,
    queueLimit: limits.queueLimit,
    maxInflightInbound: limits.inflightInbound,
  });
  policy.guard(aedes);
  queueOnce(aedes);
  keepOrder(aedes);
  reportErrors(aedes, report);
  if (onPublish) {
    // Not Aedes' `publish` event: that comes when the subscribers are done, so in another order.
    const observe = (packet: AedesPublishPacket, done: () => void): void => {
      if (!isSysFilter(packet.topic)) {
        onPublish(published(packet));
      }
      done();
    };
    aedes.subscribe('#', observe, () => {});
  }

  const listeners: Listener[] = [];
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= shutDown(aedes, listeners));
  const common = {
    limits,
    portTaken,
    accept: (stream: ClientStream, request?: IncomingMessage) => {
      aedes.handle(stream, request);
    },
    onError: (error: Error, listener: 'tcp' | 'ws', remoteAddress?: string) =>
      report(error, { listener, remoteAddress }),
  };
  const open = async (starting: Promise<Listener>): Promise<Endpoint> => {
    const listener = await starting;
    listeners.push(listener);
    return listener.endpoint;
  };
  let tcpEndpoint: Endpoint | undefined;
  let wsEndpoint: Endpoint | undefined;
  try {
    if (tcp) {
      const { host = DEFAULT_HOST, port = DEFAULT_TCP_PORT } = tcp;
      tcpEndpoint = await open(listenTcp({ ...common, host, port }));
    }
    if (ws) {
      const { host = DEFAULT_HOST, port = DEFAULT_WS_PORT, paths = ['/', '/mqtt'] } = ws;
      wsEndpoint = await open(listenWs({ ...common, host, port, paths }));
    }
  } catch (error) {
    await close();
    throw error;
  }

  const clients = (): Client[] => Object.values(internals(aedes).clients);
  return {
    tcp: tcpEndpoint,
    ws: wsEndpoint,
    publish: (message) => publishTo(aedes, message),
    clients: () => clients().length,
    connections: () => clients().map(connectionOf),
    subscriptions: () =>
      new Map(Object.values(internals(aedes).clients).map((client) => [client.id, Object.keys(client.subscriptions)])),
    dropClients: () => {
      for (const listener of listeners) {
        listener.cut();
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function shutDown(aedes: Aedes, listeners: Listener[]): Promise<void> {
  // The listeners first, so that nobody comes in while Aedes lets the others go.
  await Promise.all(listeners.map((listener) => listener.close()));
  await new Promise<void>((resolve) => {
    aedes.close(resolve);
  });
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

function connectionOf(client: Client): Connection {
  const { listener, remoteAddress } = client.conn as ClientStream;
  return { clientId: client.id, listener, remoteAddress };
}

/** `clientId` is there when a client published it; the types of Aedes leave it out. */
function published(packet: AedesPublishPacket & { clientId?: string }): PublishedMessage {
  const { topic, payload, qos, retain, clientId } = packet;
  return { topic, payload: typeof payload === 'string' ? Buffer.from(payload) : payload, qos, retain, clientId };
}
