/** Numbers of the messages that were sent from the queue, of one run of one broker. */
interface Handed {
  numbers: Set<number>;
  highest: number;
}

/**
 * The delivery of a session's queue over one connection: it knows the message ids, and which messages are not to be sent
 * live as well.
 *
 * A message is in the queue before it is published to the brokers. So a message that arrives live while the queue is
 * being sent is in the queue, or was refused, and is held back. The queue is finished when it is empty, and no message has
 * arrived live since it was read.
 */
export class Delivery {
  /** Messages in flight by message id. */
  readonly inFlight = new Map<number, string>();
  readonly #handed = new Map<string, Handed>();
  #going = true;
  #heldBack = false;
  #current: string | undefined;
  #goOn: (() => void) | undefined;

  /** True while the queue is being sent. */
  get going(): boolean {
    return this.#going;
  }

  /** The queue is about to be read again. */
  asks(): void {
    this.#heldBack = false;
  }

  /** The queue was empty. Returns whether the delivery is finished. */
  isOver(): boolean {
    return !this.#heldBack;
  }

  /** Passes a queued message on; resolves when it is sent, because later ones would overtake it. */
  hand(name: string): Promise<void> {
    const { brokerId, brokerCounter } = parseName(name);
    const handed = this.#handed.get(brokerId) ?? { numbers: new Set(), highest: 0 };
    this.#handed.set(brokerId, handed);
    handed.numbers.add(brokerCounter);
    handed.highest = Math.max(handed.highest, brokerCounter);
    this.#current = name;
    return new Promise((resolve) => {
      this.#goOn = resolve;
    });
  }

  /** A message is being sent. */
  taken(name: string): void {
    if (this.#current === name) {
      this.#goOn?.();
    }
  }

  /** Whether a live message is not to be sent, because it is, or was, sent from the queue. */
  holdsBack(brokerId: string, brokerCounter: number): boolean {
    const handed = this.#handed.get(brokerId);
    if (handed?.numbers.has(brokerCounter)) {
      return true;
    }
    if (this.#going) {
      this.#heldBack = true;
      return true;
    }
    if (handed && brokerCounter > handed.highest) {
      // A broker publishes in the order of its numbers: none of these numbers can come any more.
      this.#handed.delete(brokerId);
    }
    return false;
  }

  end(): void {
    this.#going = false;
    this.#current = undefined;
    this.#goOn?.();
  }
}

/** The run of a broker that numbered a message, and the number. */
export function nameOf(brokerId: string, brokerCounter: number): string {
  return `${brokerId}:${brokerCounter}`;
}

function parseName(name: string): { brokerId: string; brokerCounter: number } {
  const colon = name.lastIndexOf(':');
  return { brokerId: name.slice(0, colon), brokerCounter: Number(name.slice(colon + 1)) };
}
