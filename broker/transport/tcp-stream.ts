import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { ClientStream, type ClientStreamOptions, SlowConsumerError, type Wire } from './client-stream';
import type { RateLimiterOptions } from './rate-limiter';
import type { Limits } from '../limits';

/** The limits of a stream. */
export type StreamLimits = Pick<Limits, 'packetBytes' | 'backlogBytes' | 'drainTimeout'> &
  Partial<Pick<Limits, 'frameBytes'>> &
  RateLimiterOptions;

/**
 * A TCP or TLS socket as the stream that Aedes is handed; see {@link ClientStream} for why Aedes is not handed the
 * socket itself.
 */
export function mqttTcpStream(socket: Socket, limits: StreamLimits, listener: 'tcp' | 'tls' = 'tcp'): ClientStream {
  const wire: Wire = {
    send: (bytes, taken) => {
      if (socket.writable) {
        socket.write(bytes, taken);
      }
    },
    backlog: () => (socket.destroyed ? 0 : socket.writableLength),
    pause: () => socket.pause(),
    resume: () => socket.resume(),
    end: () => socket.destroySoon(),
    cut: () => socket.destroy(),
  };
  const stream = new ClientStream({ ...limits, ...clientOf(socket), wire, listener });
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
      stream.destroy(
        new SlowConsumerError(`Subscriber read none of its ${waiting} unsent bytes for ${drainTimeout} ms`)
      );
    }
  });
}

/** Properties of a connection that identify its client. */
export function clientOf(socket: Socket): Pick<ClientStreamOptions, 'remoteAddress' | 'certificateUser'> {
  return { remoteAddress: socket.remoteAddress, certificateUser: certificateUser(socket) };
}

/**
 * The common name of the certificate that the client showed. Only for a certificate that was verified: without
 * `requestCert` none is asked for.
 */
function certificateUser(socket: Socket): string | undefined {
  if (!(socket instanceof TLSSocket) || !socket.authorized) {
    return undefined;
  }
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  return typeof name === 'string' && name !== '' ? name : undefined;
}
