import type { Client } from 'aedes';
import type { ErrorOrigin } from '../errors';
import type { ClientStream } from './client-stream';

/** The client that something is about, and its address. Before CONNECT a client has no id. */
export function originOf(client: Client): ErrorOrigin & Pick<ClientStream, 'listener' | 'remoteAddress'> {
  const { listener, remoteAddress } = client.conn as ClientStream;
  return { clientId: client.id ?? undefined, listener, remoteAddress };
}
