import type { Client } from 'aedes';
import type { ErrorOrigin } from '../errors';
import type { ClientStream } from './client-stream';

/** Which client something is about, and where it is connected. Before CONNECT a client has no id. */
export function originOf(client: Client): ErrorOrigin & Pick<ClientStream, 'listener' | 'remoteAddress'> {
  const { listener, remoteAddress } = client.conn as ClientStream;
  return { clientId: client.id ?? undefined, listener, remoteAddress };
}
