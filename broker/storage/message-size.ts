/** Size of one queue, or of all queues. */
export interface QueueSize {
  messages: number;
  /** Bytes of topics and payloads. */
  bytes: number;
}

/** Size of a message for the limits, in bytes: topic and payload. */
export function sizeOf({ topic, payload }: { topic: string; payload: string | Uint8Array }): number {
  return topic.length + payload.length;
}
