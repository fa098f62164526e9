import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** A way to Redis on which one connection is slow. */
export interface SlowRedis extends AsyncDisposable {
  readonly url: string;
}

/**
 * Passes everything on to a Redis server, and holds back what one client sends first.
 *
 * @param slow number of the connection, from 0 in the order in which they are made
 * @param delay milliseconds
 */
export async function slowRedis(url: string, slow: number, delay: number): Promise<SlowRedis> {
  const sockets = new Set<Socket>();
  let next = 0;
  const server = createServer((near) => {
    const far = connect(Number(new URL(url).port), '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => socket.destroy()).on('close', () => (near.destroy(), far.destroy()));
    }
    let last = next++ === slow ? sleep(delay) : Promise.resolve();
    near.on('data', (bytes) => {
      last = last.then(() => void far.write(bytes));
    });
    far.pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `redis://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      sockets.forEach((socket) => socket.destroy());
      server.close();
      await once(server, 'close');
    },
  };
}
