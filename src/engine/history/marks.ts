import type { StoredMessage } from './message-segment';

/** Marks of historians are recorded among the messages, on topics that no wildcard matches [MQTT-4.7.2-1]. */
const MARK = '$mark/';

/** The record of a mark. */
export function markName(topic: string): string {
  return MARK + topic;
}

/**
 * @param isLast all sessions are behind it; otherwise those of another epoch may still bring messages from before it, up
 * to another record of the mark.
 */
export function markMessage(topic: string, time: number, epoch: number, isLast: boolean): StoredMessage {
  const qos = isLast ? 0 : 1;
  const payload = new Uint8Array(0);
  return { topic: markName(topic), payload, retain: false, qos, userProperties: undefined, time, epoch };
}

export function isMarkName(topic: string): boolean {
  return topic.startsWith(MARK);
}
