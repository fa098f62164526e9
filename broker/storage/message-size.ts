/** What waits, for one session or for all of them. */
export interface QueueSize {
  messages: number;
  /** Bytes of topics and payloads. */
  bytes: number;
}

/** Bytes that a message counts for. */
export function sizeOf({ topic, payload }: { topic: string; payload: string | Uint8Array }): number {
  return topic.length + payload.length;
}
