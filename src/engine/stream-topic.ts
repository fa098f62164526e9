import { hashBytes, type MessageContext, type SeriesBuilder } from '../payload';
import { isWide, pivot } from '../topics';
import { isOld } from './history/message-segment';
import type { IncomingMessage } from './incoming-message';
import type { StreamSpec } from './protocol';
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
  /** Hash of the newest payload, where the topic is known to have a retained one, or the payload is of before. */
  newest: number | undefined;
  /** When it came, in milliseconds since 1970. */
  newestAt: number;
  hasRetained: boolean;
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
  /** `undefined` for a message that only defines what later ones mean. */
  readonly topic: Topic | undefined;
  readonly message: IncomingMessage;
  readonly time: number;
}

/**
 * Whether a message is the retained one that a new connection brings again although it is known: no row of its own.
 * Topics that never had a retained message pay nothing for it.
 *
 * @param time of arrival, and `from`, before which no row is shown, in milliseconds since 1970.
 */
export function repeatsRetained(
  topic: Topic,
  { payload, retain }: IncomingMessage,
  time: number,
  from: number
): boolean {
  topic.hasRetained ||= retain;
  if (!topic.hasRetained && !isOld(topic.epoch)) {
    topic.newest = undefined;
    return false;
  }
  const hash = hashBytes(payload);
  if (retain && topic.newest === hash && topic.newestAt >= from) {
    return true;
  }
  topic.newest = hash;
  topic.newestAt = time;
  return false;
}

/** Topics that are remembered for each series that there may be: several can lead to one, and of a pivot many do. */
const TOPICS_PER_SERIES = 4;
const TOPICS_PER_PIVOT = 40;

/** Series beyond `maxSeries` that are remembered so as to count each once. */
const MAX_REFUSED = 10_000;

/** The topics of one stream. */
export class StreamTopics {
  readonly #topics = new Map<string, Topic>();
  readonly #pivot: StreamSpec['pivot'];
  readonly #limit: number;
  readonly #refused = new Set<string>();

  constructor({ pivot: filters, maxSeries }: StreamSpec) {
    this.#pivot = filters;
    this.#limit = (filters === undefined ? TOPICS_PER_SERIES : TOPICS_PER_PIVOT) * maxSeries;
  }

  /** How many topics and series there was no room for. */
  get refused(): number {
    return this.#refused.size;
  }

  /** Counts a topic, or a series of one, that there is no room for. */
  refuse(name: string): void {
    if (this.#refused.size < MAX_REFUSED) {
      this.#refused.add(name);
    }
  }

  /** The topic of this name; undefined if there is no room for another. */
  get(name: string): Topic | undefined {
    return this.#topics.get(name) ?? this.#open(name);
  }

  #open(name: string): Topic | undefined {
    if (this.#topics.size >= this.#limit) {
      this.refuse(name);
      return undefined;
    }
    const topic: Topic = {
      name,
      pivot: this.#pivotOf(name),
      plain: undefined,
      labelled: new Map(),
      epoch: -1,
      newest: undefined,
      newestAt: 0,
      hasRetained: false,
      refused: false,
    };
    this.#topics.set(name, topic);
    return topic;
  }

  #pivotOf(name: string): Topic['pivot'] {
    // No message comes by a topic with a wildcard: it is that of a series.
    const found = this.#pivot === undefined || isWide(name) ? undefined : pivot(this.#pivot, name);
    const topic = found && this.get(found.topic);
    return topic && { topic, field: found.field };
  }
}
