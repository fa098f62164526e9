/**
 * The page's half of credit-based flow control: the engine sends a batch only after the batch before it was
 * acknowledged, so that a page that cannot keep up is not flooded. The engine holds rows back meanwhile.
 */
export class FlowControl {
  readonly #sendAck: () => void;
  /** By the page's own clock (`performance.now()`). */
  #notBefore = 0;

  constructor(sendAck: () => void) {
    this.#sendAck = sendAck;
  }

  /**
   * A panel shows the last batch no earlier than `time`, in milliseconds of `performance.now()`. Acknowledging the
   * batch only then makes the next batch arrive when it can be shown at once.
   */
  deferAckUntil(time: number): void {
    this.#notBefore = Math.max(this.#notBefore, time);
  }

  /** The page has worked off a batch: acknowledges it, now or when a panel shows it. */
  ack(): void {
    const wait = this.#notBefore - performance.now();
    if (wait > 0) {
      setTimeout(this.#sendAck, wait);
    } else {
      this.#sendAck();
    }
  }
}
