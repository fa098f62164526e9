/** Numbers of messages that went out of the queue, of one run of one broker. */
interface Handed {
  numbers: Set<number>;
  highest: number;
}

/**
 * What one connection of a session is sent out of its queue: with which message ids, and what is not to be sent live
 * beside it.
 *
 * A message is in the queue before it is published to the brokers. So what comes live while the queue is being sent is
 * in it, or was refused, and is held back; and the queue is at an end when nothing more is in it, and nothing came live
 * since it was asked.
 */
export class Delivery {
  /** Messages in flight by message id. */
  readonly inFlight = new Map<number, string>();
  readonly #handed = new Map<string, Handed>();
  #going = true;
  #heldBack = false;
  #current: string | undefined;
  #goOn: (() => void) | undefined;

  /** Still sending. */
  get going(): boolean {
    return this.#going;
  }

  /** The queue is about to be asked for more. */
  asks(): void {
    this.#heldBack = false;
  }

  /** There was nothing more in the queue. Returns whether that is the end of it. */
  isOver(): boolean {
    return !this.#heldBack;
  }

  /** Hands a queued message over; resolves when it is on its way: those behind it would overtake. */
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

  /** Whether a message that came live is not to be sent, because it comes, or came, out of the queue. */
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
      // A broker publishes in the order of its numbers: none of those is to come any more.
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

/** Which run of which broker numbered a message, and its number there. */
export function nameOf(brokerId: string, brokerCounter: number): string {
  return `${brokerId}:${brokerCounter}`;
}

function parseName(name: string): { brokerId: string; brokerCounter: number } {
  const colon = name.lastIndexOf(':');
  return { brokerId: name.slice(0, colon), brokerCounter: Number(name.slice(colon + 1)) };
}
