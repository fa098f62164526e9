/** Counts messages, and reports when all have arrived. */
export class Meter {
  received = 0;
  #firstAt = 0;
  #lastAt = 0;
  #total = Infinity;
  #done: () => void = () => undefined;

  count(messages: number): void {
    if (messages === 0) {
      return;
    }
    this.#lastAt = performance.now();
    if (this.received === 0) {
      this.#firstAt = this.#lastAt;
    }
    this.received += messages;
    if (this.received >= this.#total) {
      this.#done();
    }
  }

  /** Milliseconds from the first message to number `total`, or to the last one before the time limit. */
  async until(total: number, withinMs: number): Promise<{ received: number; ms: number }> {
    this.#total = total;
    if (this.received < total) {
      await new Promise<void>((resolve) => {
        this.#done = resolve;
        setTimeout(resolve, withinMs);
      });
    }
    return { received: this.received, ms: this.#lastAt - this.#firstAt };
  }
}
