import { connect as connectTcp, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { WebSocket } from 'ws';
import { PacketSplitter, type PacketName } from '../../broker/fixture/packet-splitter';
import { connect, DISCONNECT } from './wire';

/** A connection to a broker that sends and receives whole packets. */
export interface Client {
  /** Sends a packet. @returns false if the buffer is full; `whenReady` resolves when it is not. */
  send(bytes: Buffer): boolean;
  whenReady(): Promise<void>;
  onPacket: (name: PacketName, bytes: Buffer) => void;
  /** Stops or continues reading. */
  pause(): void;
  resume(): void;
  readonly isOpen: boolean;
  close(): void;
}

export interface Login {
  username?: string;
  password?: string;
}

/** Bytes that a WebSocket may buffer before the sender has to wait. */
const BACKLOG_BYTES = 1 << 20;
const CONNECT_MS = 20_000;

/**
 * Connects, sends CONNECT and waits for CONNACK.
 *
 * @param url `mqtt:`, `mqtts:`, `ws:` or `wss:`
 * @throws {Error} if the connection or the client is refused
 */
export async function openClient(url: string, clientId: string, login: Login = {}): Promise<Client> {
  const client = /^wss?:/.test(url) ? webSocketClient(url) : socketClient(new URL(url));
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${url} did not answer within ${CONNECT_MS} ms`)), CONNECT_MS);
    const settle = (error?: Error): void => {
      clearTimeout(timer);
      if (error) {
        client.close();
        reject(error);
      } else {
        resolve();
      }
    };
    client.onClose = () => settle(new Error(`${url} closed the connection`));
    client.onOpen = () => client.send(connect(clientId, login));
    client.onPacket = (name, bytes) =>
      settle(
        name === 'connack' && bytes[3] === 0 ? undefined : new Error(`${url} refused the client: code ${bytes[3]}`)
      );
  });
  client.onPacket = () => {};
  client.onClose = () => {};
  return client;
}

interface Opening extends Client {
  onOpen: () => void;
  onClose: () => void;
}

function socketClient(url: URL): Opening {
  const tls = /^(mqtts|tls|ssl):$/.test(url.protocol);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port || (tls ? 8883 : 1883));
  // Load tests often run against self-signed certificates.
  const socket: Socket = tls ? connectTls({ host, port, rejectUnauthorized: false }) : connectTcp({ host, port });
  socket.setNoDelay(true);
  const splitter = new PacketSplitter();
  const client: Opening = {
    send: (bytes) => {
      corkForTurn(socket);
      return socket.writable && socket.write(bytes);
    },
    whenReady: () => new Promise((resolve) => socket.once('drain', resolve)),
    onPacket: () => {},
    onOpen: () => {},
    onClose: () => {},
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    get isOpen() {
      return !socket.destroyed;
    },
    close: () => {
      if (socket.writable) {
        // Also what is still to be written of this turn
        socket.uncork();
        socket.end(DISCONNECT);
      }
      socket.destroySoon();
    },
  };
  socket.once(tls ? 'secureConnect' : 'connect', () => client.onOpen());
  socket.on('data', (chunk) => split(splitter, chunk, client));
  socket.on('error', () => client.onClose());
  socket.on('close', () => client.onClose());
  return client;
}

function webSocketClient(url: string): Opening {
  const ws = new WebSocket(url, 'mqtt', { perMessageDeflate: false, rejectUnauthorized: false });
  let stream: Duplex | undefined;
  ws.on('upgrade', ({ socket }) => (stream = socket));
  const splitter = new PacketSplitter();
  const client: Opening = {
    send: (bytes) => {
      if (ws.readyState === WebSocket.OPEN) {
        // Each packet has a frame of its own, as clients send them
        corkForTurn(stream!);
        ws.send(bytes);
      }
      return ws.bufferedAmount < BACKLOG_BYTES;
    },
    whenReady: async () => {
      while (ws.bufferedAmount >= BACKLOG_BYTES / 2 && ws.readyState === WebSocket.OPEN) {
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    onPacket: () => {},
    onOpen: () => {},
    onClose: () => {},
    pause: () => ws.pause(),
    resume: () => ws.resume(),
    get isOpen() {
      return ws.readyState === WebSocket.OPEN;
    },
    close: () => ws.close(),
  };
  ws.on('open', () => client.onOpen());
  ws.on('message', (data) => split(splitter, data as Buffer, client));
  ws.on('error', () => client.onClose());
  ws.on('close', () => client.onClose());
  return client;
}

/** One write for the packets of a turn: a load that makes a system call for each is slower than the brokers. */
function corkForTurn(stream: Duplex): void {
  if (stream.writableCorked === 0) {
    stream.cork();
    setImmediate(() => stream.uncork());
  }
}

function split(splitter: PacketSplitter, chunk: Buffer, client: Client): void {
  for (const { name, bytes } of splitter.take(chunk)) {
    client.onPacket(name, bytes);
  }
}
