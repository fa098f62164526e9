// A process that publishes over TCP: `publisher.mjs <port>`. It writes prepared bytes as fast as the broker reads; or,
// with a rate, one message at a time at uneven intervals, whose payload is the time of sending.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SendOrder, Sent } from '../endpoints';
import { pieces, TOPICS } from '../messages';
import { connectPacket, publishPacket } from '../../../testing/mqtt-bytes';

const MESSAGES_PER_WRITE = 64;

const socket = connect({ host: '127.0.0.1', port: Number(process.argv[2]), noDelay: true });
await once(socket, 'connect');
socket.write(connectPacket('bench-publisher'));
await once(socket, 'data');
socket.resume();

process.on('message', (order: SendOrder) => {
  const { count = 0, rate } = order;
  const done = rate === undefined ? blast(socket, count) : stamp(socket, count, rate, order.sawtoothMs);
  void done.then((sent) => process.send?.({ sent } satisfies Sent));
});
process.once('disconnect', () => process.exit(1));
process.send?.({ sent: 0 } satisfies Sent);

async function blast(to: Socket, count: number): Promise<number> {
  const chunks = pieces(MESSAGES_PER_WRITE);
  let sent = 0;
  for (let i = 0; sent < count; i++) {
    sent += MESSAGES_PER_WRITE;
    if (!to.write(chunks[i % chunks.length])) {
      await once(to, 'drain');
    }
  }
  return sent;
}

async function stamp(to: Socket, count: number, rate: number, sawtoothMs?: number): Promise<number> {
  let due = performance.now();
  for (let i = 0; i < count; i++) {
    // Even intervals would synchronise with the ticks that are measured.
    due += (0.5 + Math.random()) * (1000 / rate);
    const waitMs = due - performance.now();
    // A timer takes a millisecond at least: at a high rate, some messages follow each other.
    if (waitMs > 0) {
      await sleep(waitMs);
    }
    const now = performance.timeOrigin + performance.now();
    const payload = sawtoothMs === undefined ? String(now) : (now % sawtoothMs).toFixed(1);
    to.write(publishPacket(TOPICS[0], payload));
  }
  return count;
}
