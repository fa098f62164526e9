import { PUBLISH } from './codes';

/** Larger payloads are not copied: they are sent from where they are. */
const COPY_BYTES = 8 * 1024;

/** A PUBLISH as bytes, for any number of clients, which differ in its packet identifier only. */
export interface PublishBytes {
  /** The packet, or its part before {@link payload}. */
  readonly bytes: Buffer;
  /** Where {@link bytes} has the two bytes of the packet identifier; 0: a packet of QoS 0 has none. */
  readonly idAt: number;
  /** A large payload. */
  readonly payload: Buffer | undefined;
}

/** PUBLISH without DUP, which is for the repetitions of this broker only [MQTT-3.3.1-3]. */
export function publishBytes(topic: string, payload: Buffer, qos: number, retain: boolean): PublishBytes {
  const topicBytes = Buffer.byteLength(topic);
  const remaining = 2 + topicBytes + (qos > 0 ? 2 : 0) + payload.length;
  const isCopied = payload.length <= COPY_BYTES;
  const bytes = Buffer.allocUnsafe(1 + lengthBytes(remaining) + remaining - (isCopied ? 0 : payload.length));
  bytes[0] = (PUBLISH << 4) | (qos << 1) | (retain ? 1 : 0);
  let at = 1;
  for (let rest = remaining; ; rest >>>= 7) {
    if (rest < 0x80) {
      bytes[at++] = rest;
      break;
    }
    bytes[at++] = (rest & 0x7f) | 0x80;
  }
  bytes[at++] = topicBytes >> 8;
  bytes[at++] = topicBytes & 0xff;
  bytes.write(topic, at);
  at += topicBytes;
  const idAt = qos > 0 ? at : 0;
  at += qos > 0 ? 2 : 0;
  if (isCopied) {
    bytes.set(payload, at);
  }
  return { bytes, idAt, payload: isCopied ? undefined : payload };
}

function lengthBytes(remaining: number): number {
  if (remaining < 1 << 7) {
    return 1;
  }
  if (remaining < 1 << 14) {
    return 2;
  }
  return remaining < 1 << 21 ? 3 : 4;
}

/** The last message, as bytes by QoS: the next subscriber probably gets the same one. */
let last: { topic: string; payload: Buffer; byQos: Array<PublishBytes | undefined> } | undefined;

/** {@link publishBytes} without RETAIN, made once for all subscribers that a message goes to in turn. */
export function sharedPublishBytes(topic: string, payload: Buffer, qos: number): PublishBytes {
  if (last?.payload !== payload || last.topic !== topic) {
    last = { topic, payload, byQos: [undefined, undefined] };
  }
  return (last.byQos[qos] ??= publishBytes(topic, payload, qos, false));
}
