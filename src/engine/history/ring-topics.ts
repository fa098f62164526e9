import type { Share } from './fair-share';

/** A topic of the ring's messages. */
export interface RingTopic extends Share {
  readonly name: string;
  bytes: number;
  messages: number;
  /** The origin of its newest message. */
  newest: Origin | undefined;
  /** When the newest of its messages came that are no longer stored, in milliseconds since 1970. */
  lostUntil: number;
}

/** The source of messages, as their headers name it: a topic and a connection. */
export interface Origin {
  readonly id: number;
  readonly topic: RingTopic;
  readonly epoch: number;
  messages: number;
}

/** Topics without a stored message of which is remembered when they lost their last one; then the oldest are forgotten. */
const MAX_LOST = 1_000;

/** The topics of a ring: how much is stored of each, and until when messages of it were lost. */
export class RingTopics {
  readonly #byName = new Map<string, RingTopic>();
  /** By their ids; those that are free are `undefined`. */
  readonly #origins: Array<Origin | undefined> = [];
  readonly #freeIds: number[] = [];
  /** Of topics without a stored message, by their names. */
  readonly #lost = new Map<string, number>();

  all(): IterableIterator<RingTopic> {
    return this.#byName.values();
  }

  /** Of a message that is stored. */
  origin(id: number): Origin {
    return this.#origins[id]!;
  }

  /** Counts a message in. @returns its origin. */
  add(name: string, epoch: number, size: number): Origin {
    const topic = this.#byName.get(name);
    let origin = topic?.newest;
    if (origin?.epoch !== epoch) {
      origin = this.#open(topic, name, epoch);
    }
    origin.messages++;
    origin.topic.messages++;
    origin.topic.bytes += size;
    return origin;
  }

  /** Counts a message out. */
  remove(origin: Origin, size: number): void {
    const { topic } = origin;
    origin.messages--;
    topic.messages--;
    topic.bytes -= size;
    if (topic.messages === 0) {
      this.#byName.delete(topic.name);
      this.lose(topic.name, topic.lostUntil);
      this.#free(topic.newest!);
    }
    if (origin.messages === 0 && topic.newest !== origin) {
      this.#free(origin);
    }
  }

  /** A message of a topic is not stored, or no longer. @param time when it came, in milliseconds since 1970. */
  lose(name: string, time: number): void {
    const topic = this.#byName.get(name);
    if (topic !== undefined) {
      topic.lostUntil = Math.max(topic.lostUntil, time);
    } else if (time > -Infinity) {
      const before = this.#lost.get(name) ?? -Infinity;
      this.#lost.delete(name);
      this.#lost.set(name, Math.max(before, time));
      if (this.#lost.size > MAX_LOST) {
        this.#lost.delete(this.#lost.keys().next().value!);
      }
    }
  }

  /** A viewer must not know of losses on these topics. */
  forgetLost(isUnwanted: (topic: string) => boolean): void {
    for (const name of this.#lost.keys()) {
      if (isUnwanted(name)) {
        this.#lost.delete(name);
      }
    }
  }

  /** Until when messages of topics were lost, in milliseconds since 1970; of at most {@link MAX_LOST} topics. */
  lost(matches: (topic: string) => boolean): Map<string, number> {
    const found = new Map<string, number>();
    for (const [name, time] of this.#lost) {
      if (matches(name)) {
        found.set(name, time);
      }
    }
    for (const { name, lostUntil } of this.#byName.values()) {
      if (found.size >= MAX_LOST) {
        break;
      }
      if (lostUntil > -Infinity && matches(name)) {
        found.set(name, lostUntil);
      }
    }
    return found;
  }

  /** Several origins may have the same topic and epoch: a search for the earlier one would cost more than a new one. */
  #open(topic: RingTopic | undefined, name: string, epoch: number): Origin {
    const id = this.#freeIds.pop() ?? this.#origins.length;
    const origin: Origin = { id, topic: topic ?? this.#openTopic(name), epoch, messages: 0 };
    this.#origins[id] = origin;
    const before = origin.topic.newest;
    origin.topic.newest = origin;
    if (before?.messages === 0) {
      this.#free(before);
    }
    return origin;
  }

  #openTopic(name: string): RingTopic {
    const lostUntil = this.#lost.get(name) ?? -Infinity;
    this.#lost.delete(name);
    const topic = { name, bytes: 0, messages: 0, excess: 0, newest: undefined, lostUntil };
    this.#byName.set(name, topic);
    return topic;
  }

  #free({ id }: Origin): void {
    this.#origins[id] = undefined;
    this.#freeIds.push(id);
  }
}
