/** The behaviour of a broker for messages of QoS 1 that were not acknowledged when the connection was lost. */
export interface RedeliveryBehaviour {
  readonly name: string;
  /** It marks what it sends again, as it must [MQTT-3.3.1-1]. */
  readonly dup: boolean;
  /**
   * Packet identifiers of what is sent again: `same`, as it must be [MQTT-4.4.0-1]; `next`, as for new messages;
   * `restart`, as for new messages, which begin with 1 over each connection.
   */
  readonly ids: 'same' | 'next' | 'restart';
  /** The first identifier of the session. */
  readonly firstId: number;
  /** The highest identifier, behind which comes 1. */
  readonly lastId: number;
  readonly isShuffled?: boolean;
  /** Messages that are sent again come later, among new ones. */
  readonly isLate?: boolean;
  /** CONNACK says so; messages come again all the same. */
  readonly sessionPresent: boolean;
}

/** As they were seen of real brokers: docs/brokers.md. */
export const REDELIVERY_BEHAVIOURS: readonly RedeliveryBehaviour[] = [
  { name: 'mosquitto', dup: true, ids: 'same', firstId: 1, lastId: 65_535, sessionPresent: true },
  { name: 'Artemis', dup: false, ids: 'next', firstId: 1, lastId: 65_535, sessionPresent: true },
  { name: 'Aedes 1.2', dup: false, ids: 'same', firstId: 40_213, lastId: 65_535, sessionPresent: true },
  { name: 'rumqttd', dup: false, ids: 'same', firstId: 1, lastId: 100, sessionPresent: true },
  { name: 'ActiveMQ Classic', dup: true, ids: 'same', firstId: 1, lastId: 65_535, sessionPresent: false },
  { name: 'NATS', dup: true, ids: 'restart', firstId: 1, lastId: 65_535, isLate: true, sessionPresent: true },
  { name: 'mochi', dup: true, ids: 'same', firstId: 1, lastId: 65_535, isShuffled: true, sessionPresent: true },
];

export interface SentMessage {
  readonly topic: string;
  readonly payload: string;
  readonly id: number;
  readonly dup: boolean;
}

interface Unacknowledged {
  readonly topic: string;
  readonly payload: string;
  id: number | undefined;
}

/** The session of one client in a broker, which stores what the client has not acknowledged. */
export class RedeliveringSession {
  readonly #behaviour: RedeliveryBehaviour;
  readonly #random: (below: number) => number;
  #stored: Unacknowledged[] = [];
  #late: Unacknowledged[] = [];
  #nextId: number;

  constructor(behaviour: RedeliveryBehaviour, random: (below: number) => number) {
    this.#behaviour = behaviour;
    this.#random = random;
    this.#nextId = behaviour.firstId;
  }

  /** A message is published. @param isConnected whether it goes to the client now. */
  publish(topic: string, payload: string, isConnected: boolean): SentMessage | undefined {
    const message: Unacknowledged = { topic, payload, id: undefined };
    this.#stored.push(message);
    return isConnected ? this.#send(message) : undefined;
  }

  /** @returns what is sent as soon as the client is back. */
  connect(): SentMessage[] {
    const { ids, isShuffled, isLate } = this.#behaviour;
    if (ids === 'restart') {
      this.#nextId = 1;
    }
    const again = this.#stored.filter(({ id }) => id !== undefined);
    if (isShuffled === true) {
      for (let i = again.length - 1; i > 0; i--) {
        const j = this.#random(i + 1);
        [again[i], again[j]] = [again[j], again[i]];
      }
    }
    this.#late = isLate === true ? again : [];
    const unsent = this.#stored.filter(({ id }) => id === undefined);
    return [...(isLate === true ? [] : again), ...unsent].map((message) => this.#send(message));
  }

  /** @returns what a broker sends again later, without what has been acknowledged. */
  later(): SentMessage[] {
    const late = this.#late.filter((message) => this.#stored.includes(message));
    this.#late = [];
    return late.map((message) => this.#send(message));
  }

  acknowledge(id: number): void {
    this.#stored = this.#stored.filter((message) => message.id !== id || this.#late.includes(message));
  }

  #send(message: Unacknowledged): SentMessage {
    const { dup, ids } = this.#behaviour;
    const isAgain = message.id !== undefined;
    if (!isAgain || ids !== 'same') {
      message.id = this.#takeId();
    }
    return { topic: message.topic, payload: message.payload, id: message.id!, dup: dup && isAgain };
  }

  #takeId(): number {
    const { lastId } = this.#behaviour;
    const used = new Set(this.#stored.map(({ id }) => id));
    do {
      const id = this.#nextId;
      this.#nextId = id >= lastId ? 1 : id + 1;
      if (!used.has(id)) {
        return id;
      }
    } while (used.size < lastId);
    throw new Error('no packet identifier is free');
  }
}
