/* oxlint-disable eslint/no-underscore-dangle -- the name that Aedes gives it */
import type { AedesPublishPacket } from 'aedes';
import type { ClientStream } from '../transport/client-stream';
import { publishBytes, sharedPublishBytes } from '../transport/publish-packet';
import type { ClientInternals } from './internals';

const MAX_MESSAGE_ID = 65_535;

/**
 * Sends a message to a client whose session ends with its connection: what Aedes does in `deliver0` and `deliverQoS`, in the
 * same turn and with the bytes that the other subscribers get.
 *
 * The caller has made sure that this is not a repetition for an overlapping filter.
 *
 * @param qos at which the client gets it
 */
export function sendLive(client: ClientInternals, packet: AedesPublishPacket, qos: 0 | 1 | 2): void {
  if (packet.brokerId) {
    client.duplicates[packet.brokerId] = packet.brokerCounter;
  }
  const allowed = client.broker.authorizeForward(client, packet);
  if (!allowed || client.closed || !(client.connected || client.connecting)) {
    return;
  }
  const { topic, retain } = allowed;
  const payload = typeof allowed.payload === 'string' ? Buffer.from(allowed.payload) : allowed.payload;
  const bytes = retain ? publishBytes(topic, payload, qos, true) : sharedPublishBytes(topic, payload, qos);
  (client.conn as ClientStream).sendPublish(bytes, qos > 0 ? nextMessageId(client) : 0);
}

function nextMessageId(client: ClientInternals): number {
  const messageId = client._nextId;
  client._nextId = messageId >= MAX_MESSAGE_ID ? 1 : messageId + 1;
  return messageId;
}
