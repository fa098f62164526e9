import type { StoredMessage } from './message-segment';

/**
 * The order in which messages of several topics are read. Those of one millisecond have no order in a response, but in
 * Sparkplug a birth defines what later messages mean: the node's comes first, then those of its devices, then data.
 */
export function inOrder(a: Pick<StoredMessage, 'time' | 'topic'>, b: Pick<StoredMessage, 'time' | 'topic'>): number {
  return a.time - b.time || rank(a.topic) - rank(b.topic);
}

/** Whether a message of a topic defines what later ones mean: a birth of Sparkplug. */
export function isBirth(topic: string): boolean {
  return rank(topic) < 2;
}

function rank(topic: string): number {
  const type = topic.startsWith('spBv1.0/') ? topic.split('/', 3)[2] : '';
  return type === 'NBIRTH' ? 0 : type === 'DBIRTH' ? 1 : 2;
}
