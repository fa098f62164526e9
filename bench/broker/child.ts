// A broker in a process of its own: `ours`, `ours history` with a folder for it, or `bare` for Aedes as its documentation
// starts it.
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { Aedes } from 'aedes';
import { createWebSocketStream, WebSocketServer } from 'ws';
import { startBroker } from '../../broker/broker';

export interface ChildPorts {
  tcp: number;
  ws: number;
}

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function ours(): Promise<ChildPorts> {
  const [, , , keeps, directory] = process.argv;
  const broker = await startBroker({
    tcp: { port: 0 },
    ws: { port: 0 },
    ...(keeps === 'history' && { history: { filters: ['#'], ...(directory !== undefined && { directory }) } }),
  });
  return { tcp: broker.tcp?.port ?? 0, ws: broker.ws?.port ?? 0 };
}

async function bare(): Promise<ChildPorts> {
  const aedes = await Aedes.createBroker({ queueLimit: 100_000 });
  const tcp = createTcpServer({ noDelay: true }, (socket) => aedes.handle(socket));
  const http = createHttpServer();
  const webSockets = new WebSocketServer({ server: http, perMessageDeflate: false });
  webSockets.on('connection', (ws, request) => aedes.handle(createWebSocketStream(ws), request));
  return { tcp: await listen(tcp), ws: await listen(http) };
}

process.on('message', () => {
  globalThis.gc?.();
  process.send?.({ bytes: process.memoryUsage().rss });
});
process.send?.(await (process.argv[2] === 'bare' ? bare() : ours()));
