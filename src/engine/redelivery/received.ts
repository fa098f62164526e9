/** Messages of QoS 1 that are remembered: as many as may be on their way to one client (MQTT 5: Receive Maximum). */
export const REMEMBERED = 1_000;

/** A message of QoS 1 that has become a row. */
export interface Received {
  /** Hash of the topic. */
  readonly topic: number;
  /** Hash of topic and payload. */
  readonly hash: number;
  /** The packet identifier that it had last. */
  id: number;
  /** The connection that brought it last, counted from 1. */
  connection: number;
  /** Its identifier has been used again within the connection, so the broker has the acknowledgement. */
  isAcknowledged: boolean;
  /** A retained message, which says nothing about the order of live ones. */
  readonly isRetained: boolean;
}

/** Messages of one topic before a connection was lost, and those of them that the broker may send again. */
export interface TopicPast {
  /** Oldest first. What a broker sends again is the end of it [MQTT-4.6.0-1]. */
  readonly messages: readonly Received[];
  /** The chance that a new message of this topic equals one of them. */
  readonly chance: number;
}

/** The last messages of QoS 1 of a session, over all of its connections. */
export class ReceivedMessages {
  #all: Received[] = [];
  readonly #byId = new Map<number, Received>();

  /** The message that had an identifier last. */
  withId(id: number): Received | undefined {
    return this.#byId.get(id);
  }

  add(message: Omit<Received, 'isAcknowledged'>): void {
    const { id, connection } = message;
    const before = this.#byId.get(id);
    if (before?.connection === connection) {
      // An identifier is free again once the broker has its acknowledgement [MQTT-2.3.1-4].
      before.isAcknowledged = true;
    }
    const received: Received = { ...message, isAcknowledged: false };
    this.#all.push(received);
    this.#byId.set(id, received);
    if (this.#all.length >= 2 * REMEMBERED) {
      this.#forget();
    }
  }

  /** The broker has sent a message again, with another identifier it may be. */
  repeat(message: Received, id: number, connection: number): void {
    message.id = id;
    message.connection = connection;
    this.#byId.set(id, message);
  }

  /** Messages of each topic, by the hash of the topic, except those whose acknowledgement the broker has. */
  byTopic(): Map<number, TopicPast> {
    this.#forget();
    const topics = new Map<number, Received[]>();
    for (const message of this.#all) {
      const own = topics.get(message.topic);
      if (own === undefined) {
        topics.set(message.topic, [message]);
      } else {
        own.push(message);
      }
    }
    return new Map(
      [...topics].map(([topic, all]) => {
        const live = all.filter(({ isRetained }) => !isRetained);
        const repeats = live.length - new Set(live.map(({ hash }) => hash)).size;
        // Laplace's rule of succession: what is known of few messages is little.
        const chance = (repeats + 1) / (live.length + 2);
        return [topic, { messages: all.filter(({ isAcknowledged }) => !isAcknowledged), chance }];
      })
    );
  }

  #forget(): void {
    const forgotten = this.#all.slice(0, -REMEMBERED);
    for (const message of forgotten) {
      if (this.#byId.get(message.id) === message) {
        this.#byId.delete(message.id);
      }
    }
    this.#all = this.#all.slice(-REMEMBERED);
  }
}
