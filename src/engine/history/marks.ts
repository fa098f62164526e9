/** Marks of historians are recorded among the messages, on topics that no wildcard matches [MQTT-4.7.2-1]. */
const MARK = '$mark/';

/** The record of a mark. */
export function markName(topic: string): string {
  return MARK + topic;
}

export function isMarkName(topic: string): boolean {
  return topic.startsWith(MARK);
}
