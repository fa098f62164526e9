import type { Socket } from 'node:net';
import { ClientStream, SlowConsumerError, type Wire } from './client-stream';
import type { Limits } from './limits';

/** What a stream needs to know of the limits. */
export type StreamLimits = Pick<Limits, 'packetBytes' | 'backlogBytes' | 'drainTimeout'>;

/**
 * A TCP or TLS socket as the stream that Aedes is handed; see {@link ClientStream} for why Aedes is not handed the
 * socket itself.
 */
export function mqttTcpStream(socket: Socket, limits: StreamLimits): ClientStream {
  const wire: Wire = {
    send: (bytes) => {
      if (socket.writable) {
        socket.write(bytes);
      }
    },
    backlog: () => socket.writableLength,
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    end: () => socket.destroySoon(),
    cut: () => socket.destroy(),
  };
  const stream = new ClientStream({
    wire,
    listener: 'tcp',
    remoteAddress: socket.remoteAddress,
    packetBytes: limits.packetBytes,
    backlogBytes: limits.backlogBytes,
  });
  socket.on('data', (chunk) => stream.receive(chunk));
  socket.on('end', () => stream.finish());
  socket.on('close', () => stream.finish());
  socket.on('error', (error) => stream.fail(error));
  dropWhenStalled(socket, stream, limits.drainTimeout);
  return stream;
}

/**
 * Drops a consumer that has bytes waiting and took none of them for `drainTimeout` milliseconds, even when nothing
 * further is written to it. A socket's own timeout is what tells progress from a stall: it starts afresh at every read
 * and write, and Node compares the kernel's queue before it fires, so that one large packet on a slow line counts as
 * moving.
 */
export function dropWhenStalled(socket: Socket, stream: ClientStream, drainTimeout: number): void {
  socket.setTimeout(drainTimeout);
  // Not as setTimeout's own callback, which is called once only: the first silence of a quiet connection would use it up.
  socket.on('timeout', () => {
    // Not the stream's backlog: what was written in this very turn, after a long silence, has not been offered yet.
    const waiting = socket.writableLength;
    if (stream.destroyed) {
      // Closed by us, and the other side does not take the rest.
      socket.destroy();
    } else if (waiting > 0) {
      stream.destroy(new SlowConsumerError(`Subscriber took none of ${waiting} waiting bytes for ${drainTimeout} ms`));
    }
  });
}
