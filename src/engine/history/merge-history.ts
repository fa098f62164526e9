import type { StoredMessage } from './message-segment';

/** Two clocks and the way between them: the historian's time and this browser's of one message differ by up to this. */
const TOLERANCE_MS = 250;

interface TopicHistory {
  readonly messages: readonly StoredMessage[];
  /** Those that were recorded here as well. */
  readonly known: Set<StoredMessage>;
  /** The first that may still match what was recorded. */
  next: number;
}

/**
 * Merges messages of a historian with those that were recorded here, each message once: a message that both have stays
 * as it was recorded, with its time of arrival. What the broker sent as retained is old: where the historian has the
 * message itself, with its time, that one stays. Equal messages that were sent twice stay two.
 *
 * @param history in any order; its times are by this browser's clock.
 * @param recorded in the order of arrival.
 * @returns in the order of time.
 */
export function mergeHistory(history: readonly StoredMessage[], recorded: readonly StoredMessage[]): StoredMessage[] {
  const topics = byTopic(history);
  const live = recorded.filter((message) => {
    const topic = topics.get(message.topic);
    if (topic === undefined) {
      return true;
    }
    if (message.retain) {
      return !isKnownRetained(topic, message);
    }
    const match = nearest(topic, message);
    if (match !== undefined) {
      topic.known.add(topic.messages[match]);
      topic.next = match + 1;
    }
    return true;
  });
  const past = [...topics.values()]
    .flatMap(({ messages, known }) => messages.filter((message) => !known.has(message)))
    .toSorted((a, b) => a.time - b.time);
  return inOrder(past, live);
}

function byTopic(history: readonly StoredMessage[]): Map<string, TopicHistory> {
  const lists = new Map<string, StoredMessage[]>();
  for (const message of history) {
    const list = lists.get(message.topic);
    if (list === undefined) {
      lists.set(message.topic, [message]);
    } else {
      list.push(message);
    }
  }
  return new Map(
    [...lists].map(([topic, list]) => [
      topic,
      { messages: list.toSorted((a, b) => a.time - b.time), known: new Set(), next: 0 },
    ])
  );
}

/** The equal message that is nearest in time, behind those that others have matched: messages keep their order. */
function nearest({ messages, next }: TopicHistory, message: StoredMessage): number | undefined {
  let found: number | undefined;
  for (let at = next; at < messages.length && messages[at].time <= message.time + TOLERANCE_MS; at++) {
    const distance = Math.abs(messages[at].time - message.time);
    if (
      distance <= TOLERANCE_MS &&
      isEqual(messages[at].payload, message.payload) &&
      (found === undefined || distance < Math.abs(messages[found].time - message.time))
    ) {
      found = at;
    }
  }
  return found;
}

/** Whether the newest message before it, which is what the broker had retained, is among those of the historian. */
function isKnownRetained({ messages }: TopicHistory, message: StoredMessage): boolean {
  return messages.some(({ time, payload }) => time <= message.time + TOLERANCE_MS && isEqual(payload, message.payload));
}

function inOrder(past: readonly StoredMessage[], live: readonly StoredMessage[]): StoredMessage[] {
  const merged: StoredMessage[] = [];
  let at = 0;
  for (const message of live) {
    while (at < past.length && past[at].time <= message.time) {
      merged.push(past[at++]);
    }
    merged.push(message);
  }
  return [...merged, ...past.slice(at)];
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}
