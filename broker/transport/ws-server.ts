import { createServer as createHttpServer, STATUS_CODES, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TlsOptions as NodeTlsOptions } from 'node:tls';
import { WebSocketServer, type ServerOptions } from 'ws';
import type { ListenerContext } from './listener-options';
import { originFault } from './origins';
import { mqttWsStream } from './ws-stream';

export interface WebServerOptions extends ListenerContext {
  type: 'ws' | 'wss';
  paths: string[];
  secure: NodeTlsOptions | undefined;
  /** Told when a connection has become a WebSocket. */
  arrived: (socket: Socket) => void;
}

/** Sub-protocols in the order of preference: MQTT 3.1.1, and the name that MQTT 3.1 used. */
const SUBPROTOCOLS = ['mqtt', 'mqttv3.1'];

type WebServer = ReturnType<typeof createHttpServer> | ReturnType<typeof createHttpsServer>;

/** HTTP(S) over connections that are handed to it, for MQTT over WebSockets on the given paths. */
export function createWebServer(options: WebServerOptions): WebServer {
  const { type, limits, traffic, paths, secure, accept, onError, arrived } = options;
  const server: WebServer = secure
    ? createHttpsServer({ ...secure, handshakeTimeout: limits.connectTimeout })
    : createHttpServer();
  server.on('request', (_request, response) => {
    response.writeHead(426, { 'content-type': 'text/plain', connection: 'close', upgrade: 'websocket' });
    response.end('This is an MQTT broker. Connect over a WebSocket.\n');
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
    const refusal = refuseUpgrade(request, paths) ?? refuseOrigin(request, options);
    if (refusal) {
      onError(new Error(`WebSocket refused: ${refusal.reason}`), type, socket.remoteAddress);
      answerAndClose(socket, refusal.status, refusal.reason);
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (ws) => {
      arrived(socket);
      accept(mqttWsStream(ws, socket, { ...limits, traffic }, type), request);
    });
  });
  server.on('clientError', (error: Error, socket: Socket) => {
    onError(error, type, socket.remoteAddress);
    answerAndClose(socket, 400, 'Not HTTP');
  });
  server.on('tlsClientError', (error: Error, socket: Socket) => onError(error, type, socket.remoteAddress));
  webSockets.on('wsClientError', (error, socket) => {
    onError(error, type, (socket as Socket).remoteAddress);
    answerAndClose(socket as Socket, 400, error.message);
  });
  return server;
}

interface Refusal {
  status: number;
  reason: string;
}

function refuseUpgrade(request: IncomingMessage, paths: string[]): Refusal | undefined {
  const path = (request.url ?? '').split('?', 1)[0];
  if (!paths.includes(path)) {
    return { status: 404, reason: `no MQTT listener at this path; use ${paths.join(' or ')}` };
  }
  // None offered is let in: some devices do not send the header that [MQTT-6.0.0-3] asks for.
  const offered = request.headers['sec-websocket-protocol']?.split(',').map((name) => name.trim());
  if (offered && !offered.some((name) => SUBPROTOCOLS.includes(name))) {
    return { status: 400, reason: `subprotocol must be ${SUBPROTOCOLS.join(' or ')}` };
  }
  return undefined;
}

function refuseOrigin(request: IncomingMessage, { origins }: WebServerOptions): Refusal | undefined {
  const reason = originFault(request, origins);
  return reason === undefined ? undefined : { status: 403, reason };
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
