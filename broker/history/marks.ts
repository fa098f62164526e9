/** How long a mark may take to come back, in milliseconds; without it, the response is selected then. */
const MARK_TIMEOUT = 1_000;
/** After so many marks in a row that did not come back, the broker's access control hides them: none is published. */
const MAX_LOST = 3;

/**
 * Marks: messages that a historian publishes for the client of a request, and receives itself. A broker delivers a mark
 * to both in the same place among the other messages. Messages before the mark are in the response, and messages after it
 * are not, so that the client can join the response and its live messages without a gap and without a repetition, even
 * if payloads are equal and clocks differ.
 */
export class Marks {
  #sender: ((topic: string) => void) | undefined;
  #lost = 0;
  readonly #waiting = new Map<string, () => void>();

  /** @param sender publishes a mark; undefined if the historian receives no marks */
  setSender(sender: ((topic: string) => void) | undefined): void {
    this.#sender = sender;
    this.#lost = 0;
  }

  /**
   * Publishes a mark, and waits until it comes back.
   *
   * @param onMark called synchronously when the mark comes back; not called if it does not come back in time
   */
  publish(topic: string, onMark: () => void): Promise<void> {
    const sender = this.#sender;
    if (sender === undefined || this.#lost >= MAX_LOST) {
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(topic);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#lost += 1;
        end();
      }, MARK_TIMEOUT);
      this.#waiting.set(topic, () => {
        this.#lost = 0;
        onMark();
        end();
      });
      sender(topic);
    });
  }

  /** A message on a mark topic has arrived. */
  received(topic: string): void {
    this.#waiting.get(topic)?.();
  }
}
