import type { IncomingMessage } from '../engine/incoming-message';

/** A payload: bytes, text, or what is written as JSON. */
export function bytesOf(payload: unknown): Uint8Array {
  if (payload instanceof Uint8Array) {
    return payload;
  }
  return new TextEncoder().encode(typeof payload === 'string' ? payload : JSON.stringify(payload));
}

/** A live message of QoS 0 as the engine receives it. */
export function incoming(topic: string, payload: unknown, over: Partial<IncomingMessage> = {}): IncomingMessage {
  return {
    topic,
    payload: bytesOf(payload),
    qos: 0,
    retain: false,
    dup: false,
    messageId: undefined,
    subscriptionIdentifiers: [],
    userProperties: undefined,
    ...over,
  };
}
