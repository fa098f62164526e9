import { Readable } from 'node:stream';
import type { Aedes, AedesPublishPacket, Client } from 'aedes';
import type { ClientStream } from '../transport/client-stream';
import { internals } from './internals';

/**
 * Sends the queue of a session as fast as its client takes it. All at once, a queue larger than the backlog limit would
 * disconnect the client that came back for it, each time it comes back.
 *
 * The messages go out without RETAIN, which marks the retained messages that answer a SUBSCRIBE [MQTT-3.3.1-9]; Aedes
 * 1.2.0 leaves the flag as the publisher set it.
 */
export function paceSessionQueues(aedes: Aedes): void {
  const { persistence } = internals(aedes);
  const outgoingStream = persistence.outgoingStream.bind(persistence);
  persistence.outgoingStream = (client) => {
    const stream = outgoingStream(client);
    // Undefined when the queue is read to end a session.
    const connection = (client as Partial<Client>).conn as ClientStream | undefined;
    return connection ? Readable.from(paced(stream, connection), { highWaterMark: 1 }) : stream;
  };
}

async function* paced(stream: Readable, connection: ClientStream): AsyncGenerator {
  for await (const packet of stream as AsyncIterable<AedesPublishPacket>) {
    await new Promise<void>((resolve) => {
      connection.whenRoom(resolve);
    });
    if (connection.destroyed) {
      return;
    }
    packet.retain = false;
    yield packet;
  }
}
