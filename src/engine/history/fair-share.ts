/** The stored messages of a topic, as far as an eviction needs them. */
export interface Share {
  /** Bytes of its messages, with their headers. */
  readonly bytes: number;
  /** The bytes that the eviction under way takes from it; 0 or less: none. */
  excess: number;
}

/**
 * Takes bytes from the topics that have the most, so that these end with the same number of bytes each: a topic that
 * sends once an hour keeps its messages next to one that sends a thousand times a second.
 */
export function markExcess(shares: Iterable<Share>, bytes: number): void {
  const topics = [...shares].toSorted((a, b) => b.bytes - a.bytes);
  let sum = 0;
  let level = 0;
  for (const [at, topic] of topics.entries()) {
    sum += topic.bytes;
    level = Math.max(0, (sum - bytes) / (at + 1));
    if (level >= (topics[at + 1]?.bytes ?? 0)) {
      break;
    }
  }
  for (const topic of topics) {
    topic.excess = topic.bytes - level;
  }
}
