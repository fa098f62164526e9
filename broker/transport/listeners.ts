import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TlsOptions as NodeTlsOptions } from 'node:tls';
import {
  DEFAULT_HOST,
  DEFAULT_PATHS,
  DEFAULT_PORTS,
  type Listener,
  type ListenerContext,
  type ListenerOptions,
} from './listener-options';
import { listen, urlOf } from './ports';
import { mqttTcpStream } from './tcp-stream';
import { readTls } from './tls-files';
import { createWebServer } from './ws-server';

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
  const { limits, connectionLimiter, onError, portTaken } = context;
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
        onError(
          new Error(`No ${type === 'tls' ? 'TLS handshake' : 'WebSocket'} within ${limits.connectTimeout} ms`),
          type,
          name
        );
        raw.destroy();
      }, limits.connectTimeout);
      deadlines.set(raw, deadline);
      raw.once('close', () => clearTimeout(deadline));
      inner.emit('connection', raw);
    };
    const name = raw.remoteAddress;
    connectionLimiter.admit(raw, enter, (error) => onError(error, type, name));
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
