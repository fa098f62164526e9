// A process that is a broker for any WebSocket client: it accepts, grants, and sends PUBLISH packets in frames of the
// requested number, at a steady rate or as fast as the client reads.
import { once } from 'node:events';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Endpoints, SendOrder, Sent } from '../endpoints';
import { CONNACK, packets, subackFor } from '../../../testing/mqtt-bytes';
import { pieces } from '../messages';

const MOST_WAITING_BYTES = 256 * 1024;
const PACE_MS = 4;

/** One for a panel; topic browser and inspector of the query editor have sessions of their own. */
const clients = new Set<WebSocket>();
let stopped = false;

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: 0,
  perMessageDeflate: false,
  handleProtocols: () => 'mqtt',
});
server.on('connection', (socket) => {
  clients.add(socket);
  socket.once('close', () => clients.delete(socket));
  socket.on('message', (data: Buffer) => {
    for (const packet of packets(data)) {
      const type = packet[0] & 0xf0;
      if (type === 0x10) {
        socket.send(CONNACK);
      } else if (type === 0x80) {
        socket.send(subackFor(packet));
      } else if (type === 0xc0) {
        socket.send(Uint8Array.of(0xd0, 0x00));
      }
    }
  });
});
await once(server, 'listening');

process.on('message', (order: SendOrder | 'stop') => {
  if (order === 'stop') {
    stopped = true;
  } else {
    stopped = false;
    void send(order).then((sent) => process.send?.({ sent } satisfies Sent));
  }
});
process.once('disconnect', () => process.exit(1));
const address = server.address();
const port = typeof address === 'object' && address !== null ? address.port : 0;
process.send?.({ url: `ws://127.0.0.1:${port}/mqtt`, tcpPort: 0 } satisfies Endpoints);

/** Sends the same to all clients, at the pace of the slowest. @returns the number of messages for each. */
async function send({ count = Infinity, rate, perFrame = 1, topics }: SendOrder): Promise<number> {
  const frames = pieces(perFrame, topics);
  const began = performance.now();
  let sent = 0;
  // Without an end, it goes on for clients that connect again.
  const open = (): boolean => !stopped && sent < count && (count === Infinity || clients.size > 0);
  const hasRoom = (): boolean => [...clients].every(({ bufferedAmount }) => bufferedAmount < MOST_WAITING_BYTES);
  for (let i = 0; open();) {
    const due = rate === undefined ? Infinity : ((performance.now() - began) / 1000) * rate;
    while (open() && sent + perFrame <= due && hasRoom()) {
      const frame = frames[i++ % frames.length];
      clients.forEach((client) => client.send(frame));
      sent += perFrame;
    }
    await (rate === undefined ? setImmediate() : sleep(PACE_MS));
  }
  return sent;
}
