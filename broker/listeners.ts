import { createServer as createHttpServer, STATUS_CODES, type IncomingMessage } from 'node:http';
import { createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { WebSocketServer, type ServerOptions } from 'ws';
import type { ClientStream } from './client-stream';
import type { Limits } from './limits';
import { listen, urlOf, type PortRequest } from './ports';
import { mqttTcpStream } from './tcp-stream';
import { mqttWsStream } from './ws-stream';

/** Where a listener can be reached. */
export interface Endpoint {
  host: string;
  port: number;
  /** The port that was asked for; differs from `port` when it was taken, or when it was 0. */
  askedPort: number;
  url: string;
}

export interface Listener {
  endpoint: Endpoint;
  /** Cuts every connection. */
  cut(): void;
  /** Stops listening and cuts every connection; resolves when no handle is left. */
  close(): Promise<void>;
}

export interface ListenerOptions extends PortRequest {
  limits: Limits;
  /** Takes a new connection. */
  accept(stream: ClientStream, request?: IncomingMessage): void;
  /** Told about connections that fail before they are one, and about a server that cannot accept. */
  onError(error: Error, listener: 'tcp' | 'ws', remoteAddress?: string): void;
}

/** Sub-protocols in the order of preference: MQTT 3.1.1, and the name that MQTT 3.1 used. */
const SUBPROTOCOLS = ['mqtt', 'mqttv3.1'];

/** Listens for MQTT over TCP. */
export async function listenTcp(options: ListenerOptions): Promise<Listener> {
  const server = createTcpServer({ noDelay: true }, (socket) => {
    options.accept(mqttTcpStream(socket, options.limits));
  });
  const cut = trackSockets(server);
  const port = await listen(server, options);
  server.on('error', (error) => options.onError(error, 'tcp'));
  return {
    endpoint: { host: options.host, port, askedPort: options.port, url: urlOf('mqtt', options.host, port) },
    cut,
    close: () => closeServer(server, cut),
  };
}

/** Listens for MQTT over WebSockets, on the given paths. */
export async function listenWs(options: ListenerOptions & { paths: string[] }): Promise<Listener> {
  const { limits, paths } = options;
  const server = createHttpServer((_request, response) => {
    response.writeHead(426, { 'content-type': 'text/plain', connection: 'close', upgrade: 'websocket' });
    response.end('This is an MQTT broker. It is reached over a WebSocket.\n');
  });
  // ws has closeTimeout; its types lag behind.
  const serverOptions: ServerOptions & { closeTimeout: number } = {
    noServer: true,
    clientTracking: false,
    maxPayload: limits.frameBytes,
    perMessageDeflate: false,
    closeTimeout: limits.drainTimeout,
    handleProtocols: (offered) => SUBPROTOCOLS.find((name) => offered.has(name)) ?? false,
  };
  const webSockets = new WebSocketServer(serverOptions);
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const refusal = refuseUpgrade(request, paths);
    if (refusal) {
      options.onError(new Error(`WebSocket refused: ${refusal.reason}`), 'ws', socket.remoteAddress);
      answerAndClose(socket, refusal.status, refusal.reason);
      return;
    }
    socket.setNoDelay(true);
    webSockets.handleUpgrade(request, socket, head, (ws) => {
      options.accept(mqttWsStream(ws, socket, limits), request);
    });
  });
  server.on('clientError', (error: Error, socket: Socket) => {
    options.onError(error, 'ws', socket.remoteAddress);
    answerAndClose(socket, 400, 'Not HTTP');
  });
  webSockets.on('wsClientError', (error, socket) => {
    options.onError(error, 'ws', (socket as Socket).remoteAddress);
    answerAndClose(socket as Socket, 400, error.message);
  });
  const cut = trackSockets(server);
  const port = await listen(server, options);
  server.on('error', (error) => options.onError(error, 'ws'));
  const path = paths.includes('/mqtt') ? '/mqtt' : paths[0];
  return {
    endpoint: { host: options.host, port, askedPort: options.port, url: urlOf('ws', options.host, port, path) },
    cut,
    close: () => closeServer(server, cut),
  };
}

function refuseUpgrade(request: IncomingMessage, paths: string[]): { status: number; reason: string } | undefined {
  const path = (request.url ?? '').split('?', 1)[0];
  if (!paths.includes(path)) {
    return { status: 404, reason: `no MQTT at this path; it is at ${paths.join(' and ')}` };
  }
  // None offered is let in: some devices do not send the header that [MQTT-6.0.0-3] asks for.
  const offered = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim());
  if (offered && !offered.some((name) => SUBPROTOCOLS.includes(name))) {
    return { status: 400, reason: `sub-protocol has to be ${SUBPROTOCOLS.join(' or ')}` };
  }
  return undefined;
}

function answerAndClose(socket: Socket, status: number, reason: string): void {
  // The peer may be gone already, which is no news.
  socket.on('error', () => socket.destroy());
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const body = `${reason}\n`;
  socket.write(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Type: text/plain\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
  );
  socket.destroySoon();
}

/** Follows the sockets of a server, upgraded ones too; the function it returns cuts them all. */
function trackSockets(server: Server): () => void {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return () => {
    for (const socket of sockets) {
      socket.destroy();
    }
  };
}

function closeServer(server: Server, cut: () => void): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    cut();
  });
}
