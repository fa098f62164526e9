/** Shared by the broker's tests: clients, raw packets, and Aedes without the patches, for the control tests. */
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect as connectSocket, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Aedes, type AedesOptions } from 'aedes';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { connectPacket, packet, text } from '../../testing/mqtt-bytes';

/** Waits until a condition is true. After a timeout, the error names what the test waited for. */
export async function until(what: string, condition: () => boolean, timeout = 20_000): Promise<void> {
  const deadline = Date.now() + timeout;
  while (!condition()) {
    if (Date.now() > deadline) {
      throw new Error(`Not within ${timeout} ms: ${what}`);
    }
    await sleep(5);
  }
}

export interface Delivery {
  topic: string;
  text: string;
  qos: number;
  retain: boolean;
}

export interface TestClient extends AsyncDisposable {
  client: MqttClient;
  deliveries: Delivery[];
  texts: () => string[];
}

/** Connects an mqtt.js client that does not reconnect, and records its deliveries. */
export async function connectClient(url: string, options: IClientOptions = {}): Promise<TestClient> {
  // Not connectAsync: queued messages may arrive in the same read as CONNACK, before its promise resolves
  const client = mqtt.connect(url, { reconnectPeriod: 0, connectTimeout: 10_000, ...options });
  const deliveries: Delivery[] = [];
  client.on('message', (topic, payload, { qos, retain }) => {
    deliveries.push({ topic, text: payload.toString(), qos, retain });
  });
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.once('close', () => reject(new Error(`No MQTT connection to ${url}`)));
  });
  client.on('error', () => {});
  return {
    client,
    deliveries,
    texts: () => deliveries.map(({ text }) => text),
    [Symbol.asyncDispose]: () => client.endAsync(true),
  };
}

export interface RawClient extends Disposable {
  socket: Socket;
  /** Everything received so far. */
  bytes: () => Buffer;
}

/** Waits for an event of an mqtt.js client, whose types `events.once` does not take. */
export function next(client: MqttClient, event: 'connect' | 'close'): Promise<void> {
  return new Promise((resolve) => {
    client.once(event, () => resolve());
  });
}

/** Opens a TCP connection for raw bytes. */
export async function connectRaw(port: number): Promise<RawClient> {
  const socket = connectSocket(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.on('error', () => {});
  await once(socket, 'connect');
  return { socket, bytes: () => Buffer.concat(chunks), [Symbol.dispose]: () => socket.destroy() };
}

/** MQTT 3.1.1 packets, as bytes. */
export const packets = {
  connect: (clientId: string): Buffer => Buffer.from(connectPacket(clientId)),
  publish: (topic: string | Buffer, payload: string | Buffer, { retain = false } = {}): Buffer =>
    Buffer.from(packet(0x30 | (retain ? 1 : 0), [text(topic), Buffer.from(payload as string)])),
  subscribe: (...filters: string[]): Buffer =>
    Buffer.from(packet(0x82, [[0, 1], ...filters.flatMap((filter) => [text(filter), [0]])])),
};

/** The first bytes of a client over each type of listener: a CONNECT, an HTTP upgrade, a TLS handshake. */
export const FIRST_BYTES = {
  tcp: packets.connect('loris'),
  ws: Buffer.from('GET /mqtt HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n'),
  tls: Buffer.from([0x16, 0x03, 0x01, 0x00, 0xff]),
  wss: Buffer.from([0x16, 0x03, 0x01, 0x00, 0xff]),
};

export interface BareAedes extends AsyncDisposable {
  aedes: Aedes;
  tcpPort: number;
  tcpUrl: string;
  wsUrl: string;
  errors: Error[];
}

/** Aedes as its documentation starts it, without the patches: for the control tests. */
export async function startBareAedes(options: AedesOptions = {}): Promise<BareAedes> {
  const aedes = await Aedes.createBroker({ queueLimit: 100_000, ...options });
  const errors: Error[] = [];
  aedes.on('clientError', (_client, error) => errors.push(error));
  const tcp = createTcpServer((socket) => {
    sockets.push(socket);
    aedes.handle(socket);
  });
  const sockets: Socket[] = [];
  const http = createHttpServer();
  http.on('connection', (socket: Socket) => sockets.push(socket));
  const webSockets = new WebSocketServer({ server: http, perMessageDeflate: false });
  webSockets.on('connection', (ws, request) => aedes.handle(createWebSocketStream(ws), request));
  tcp.listen(0, '127.0.0.1');
  http.listen(0, '127.0.0.1');
  await Promise.all([once(tcp, 'listening'), once(http, 'listening')]);
  const tcpPort = (tcp.address() as AddressInfo).port;
  return {
    aedes,
    tcpPort,
    tcpUrl: `mqtt://127.0.0.1:${tcpPort}`,
    wsUrl: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`,
    errors,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) {
        socket.destroy();
      }
      await new Promise<void>((resolve) => {
        aedes.close(resolve);
      });
      await Promise.all([tcp, http].map((server) => new Promise((resolve) => server.close(resolve))));
    },
  };
}
