import { hashBytes, type MessageContext, type SeriesBuilder } from '../payload';
import type { IncomingMessage } from './incoming-message';
import type { SenderClock } from './sender-clock';

export interface Series {
  readonly builder: SeriesBuilder;
  dirty: boolean;
  readonly clock: SenderClock;
}

/** A topic and its series: the one of messages without labels, and those of each set of labels. */
export interface Topic {
  readonly name: string;
  /** The field of another topic's series that it is, where the query says so. */
  readonly pivot: { readonly topic: Topic; readonly field: string } | undefined;
  plain: Series | undefined;
  readonly labelled: Map<string, Series>;
  /** The connection over which its last message came. */
  epoch: number;
  /** Hash of the newest payload, once the topic is known to have a retained one. */
  newest: number | undefined;
  /** It would have opened a series beyond the last that there is room for: its messages are not looked at. */
  refused: boolean;
}

/** A message while its rows are extracted. */
export interface StreamMessage extends MessageContext {
  readonly topic: Topic;
  readonly retain: boolean;
}

/** A message that is to be decoded. */
export interface Received {
  readonly topic: Topic;
  readonly message: IncomingMessage;
  readonly time: number;
}

/**
 * Whether a message is the retained one that a new connection brings again although it is known: no row of its own.
 * Topics that never had a retained message pay nothing for it.
 */
export function repeatsRetained(topic: Topic, payload: Uint8Array, retain: boolean): boolean {
  if (!retain && topic.newest === undefined) {
    return false;
  }
  const hash = hashBytes(payload);
  const repeats = retain && topic.newest === hash;
  topic.newest = hash;
  return repeats;
}
