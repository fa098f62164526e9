import type { Client } from 'aedes';
import type { ErrorOrigin } from '../errors';
import type { ClientStream } from '../transport/client-stream';

/** Which client an error is about, and where it is connected. */
export function originOf(client: Client): ErrorOrigin {
  const { listener, remoteAddress } = client.conn as ClientStream;
  return { clientId: client.id, listener, remoteAddress };
}
