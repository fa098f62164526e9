import type { IncomingMessage } from 'node:http';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions as NodeTlsOptions } from 'node:tls';
import type { Admission } from './connection-limiter';
import type { ClientStream, ListenerType } from './client-stream';
import type { Traffic } from './rate-limiter';
import type { Limits } from '../limits';
import type { Origins } from './origins';
import { listen, urlOf, type PortRequest } from './ports';
import { mqttTcpStream } from './tcp-stream';
import { readTls, type TlsOptions } from './tls-files';
import { createWebServer } from './ws-server';

export interface TcpListenerOptions {
  type: 'tcp';
  /** Default: `127.0.0.1`. */
  host?: string;
  /** Default: 1883 (tls 8883, ws 9001, wss 9443); 0 takes any free one. */
  port?: number;
}

export interface TlsListenerOptions extends Omit<TcpListenerOptions, 'type'>, TlsOptions {
  type: 'tls';
}

export interface WsListenerOptions extends Omit<TcpListenerOptions, 'type'> {
  type: 'ws';
  /** Paths that MQTT is spoken at. Default: `/` and `/mqtt`. */
  paths?: string[];
}

export interface WssListenerOptions extends Omit<WsListenerOptions, 'type'>, TlsOptions {
  type: 'wss';
}

export type ListenerOptions = TcpListenerOptions | TlsListenerOptions | WsListenerOptions | WssListenerOptions;

/** Where a listener can be reached. */
export interface Endpoint {
  type: ListenerType;
  host: string;
  port: number;
  /** The port that was asked for; differs from `port` when it was taken, or when it was 0. */
  requestedPort: number;
  url: string;
}

export interface Listener {
  endpoint: Endpoint;
  /** Cuts every connection. */
  cut(): void;
  /** Reads the certificate files again; new connections get them. */
  reload(): Promise<void>;
  /** Lets nobody in any more; those who are in stay. */
  stop(): void;
  /** Stops listening and cuts every connection; resolves when no handle is left. */
  close(): Promise<void>;
}

/** What all listeners of a broker share. */
export interface ListenerContext {
  limits: Limits;
  admission: Admission;
  traffic: Traffic;
  origins: Origins;
  portTaken: PortRequest['portTaken'];
  /** Takes a new connection. */
  accept: (stream: ClientStream, request?: IncomingMessage) => void;
  /** Told about connections that fail before they are one, and about a server that cannot accept. */
  onError: (error: Error, listener: ListenerType, remoteAddress?: string) => void;
}

export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_PORTS: Readonly<Record<ListenerType, number>> = { tcp: 1883, tls: 8883, ws: 9001, wss: 9443 };
export const DEFAULT_PATHS = ['/', '/mqtt'];

const SCHEMES = { tcp: 'mqtt', tls: 'mqtts', ws: 'ws', wss: 'wss' } as const;

/** How often a silent connection is probed, in milliseconds: one whose peer lost power is noticed in the end. */
const TCP_KEEPALIVE = 60_000;

/**
 * Listens for MQTT. Each connection is counted and admitted before TLS or HTTP sees it, and has `connectTimeout` to get
 * through them.
 *
 * @throws BrokerError when the port or the certificates cannot be had
 */
export async function openListener(options: ListenerOptions, context: ListenerContext): Promise<Listener> {
  const { type, host = DEFAULT_HOST, port: requestedPort = DEFAULT_PORTS[type] } = options;
  const { limits, admission, onError, portTaken } = context;
  const tls = 'cert' in options ? options : undefined;
  const secure = tls && {
    ...(await readTls(tls)),
    requestCert: tls.requestCert === true,
    rejectUnauthorized: tls.requestCert === true,
  };
  const paths = 'paths' in options && options.paths ? options.paths : DEFAULT_PATHS;

  const deadlines = new WeakMap<object, NodeJS.Timeout>();
  /** The connection speaks MQTT now; Aedes minds the time from here on. */
  const arrived = (socket: Socket): void => clearTimeout(deadlines.get(rawOf(socket)));
  const inner =
    type === 'tcp'
      ? undefined
      : type === 'tls'
        ? createMqttTlsServer(secure, context, arrived)
        : createWebServer({ ...context, type, paths, secure, arrived });

  const sockets = new Set<Socket>();
  const server = createTcpServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: TCP_KEEPALIVE }, (raw) => {
    sockets.add(raw);
    raw.once('close', () => sockets.delete(raw));
    const enter = (): void => {
      if (!inner) {
        context.accept(mqttTcpStream(raw, { ...limits, traffic: context.traffic }));
        return;
      }
      const deadline = setTimeout(() => {
        onError(new Error(`No ${type === 'tls' ? 'TLS' : 'WebSocket'} within ${limits.connectTimeout} ms`), type, name);
        raw.destroy();
      }, limits.connectTimeout);
      deadlines.set(raw, deadline);
      raw.once('close', () => clearTimeout(deadline));
      inner.emit('connection', raw);
    };
    const name = raw.remoteAddress;
    admission.admit(raw, enter, (error) => onError(error, type, name));
  });
  const cut = (): void => {
    for (const socket of sockets) {
      socket.destroy();
    }
  };
  let stopping: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopping ??= new Promise((resolve) => {
      server.close(() => resolve());
    }));
  const port = await listen(server, { host, port: requestedPort, portTaken });
  server.on('error', (error) => onError(error, type));
  const path = type === 'tcp' || type === 'tls' ? '' : paths.includes('/mqtt') ? '/mqtt' : paths[0];
  return {
    endpoint: { type, host, port, requestedPort, url: urlOf(SCHEMES[type], host, port, path) },
    cut,
    reload: async () => {
      if (tls && inner && 'setSecureContext' in inner) {
        inner.setSecureContext(await readTls(tls));
      }
    },
    stop: () => void stop(),
    close: () => {
      const stopped = stop();
      cut();
      return stopped;
    },
  };
}

/** TLS over connections that are handed to it; it does not listen itself. */
function createMqttTlsServer(
  secure: NodeTlsOptions | undefined,
  { limits, traffic, accept, onError }: ListenerContext,
  arrived: (socket: Socket) => void
): Server & { setSecureContext(options: NodeTlsOptions): void } {
  const server = createTlsServer({ ...secure, handshakeTimeout: limits.connectTimeout }, (socket) => {
    arrived(socket);
    accept(mqttTcpStream(socket, { ...limits, traffic }, 'tls'));
  });
  server.on('tlsClientError', (error, socket) => onError(error, 'tls', socket.remoteAddress));
  return server;
}

/** The TCP socket under a TLS one. */
function rawOf(socket: Socket & { _parent?: Socket }): Socket {
  // Node's own field; without it the deadline of the handshake would end an established connection.
  // oxlint-disable-next-line no-underscore-dangle -- there is no other way to it
  return socket._parent ?? socket;
}
