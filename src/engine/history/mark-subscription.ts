/** How long the broker may take to send the SUBACK, in milliseconds. */
const SUBACK_TIMEOUT_MS = 2_000;

/** Marks that are remembered. */
const MAX_SEEN = 100;

/**
 * The marks of a historian, on the connection with the live messages: a mark shows which of these the
 * historian's response has (docs/history.md).
 */
export class MarkSubscription {
  readonly #root: string;
  readonly #clientId: () => string | undefined;
  readonly #send: (filter: string) => void;
  /** Topics of marks that have come. */
  readonly seen = new Set<string>();
  #prefix: string | undefined;
  #isRefused = false;
  #waiting: Array<(isGranted: boolean) => void> = [];

  /**
   * @param root the root topic of requests and responses.
   * @param clientId of the connection.
   * @param send subscribes the connection to a filter, behind its other subscriptions.
   */
  constructor(root: string, clientId: () => string | undefined, send: (filter: string) => void) {
    this.#root = root;
    this.#clientId = clientId;
    this.#send = send;
  }

  /**
   * Subscribes again each time: when the SUBACK has come, the broker has all subscriptions before this one, so that no
   * message falls between the mark and the first live message.
   *
   * @returns the client id; `undefined` without a SUBACK in time, and after a refusal, which is remembered.
   */
  async subscribe(): Promise<string | undefined> {
    const clientId = this.#clientId();
    if (clientId === undefined || this.#isRefused) {
      return undefined;
    }
    this.#prefix = `${this.#root}/mark/${encodeURIComponent(clientId)}/`;
    const granted = new Promise<boolean>((resolve) => {
      const timeout = setTimeout(() => resolve(false), SUBACK_TIMEOUT_MS);
      this.#waiting.push((isGranted) => {
        clearTimeout(timeout);
        resolve(isGranted);
      });
    });
    this.#send(`${this.#prefix}+`);
    return (await granted) ? clientId : undefined;
  }

  onSubscribed(filter: string, refusal: string | undefined): void {
    if (this.#prefix !== undefined && filter === `${this.#prefix}+`) {
      this.#isRefused = refusal !== undefined;
      for (const resolve of this.#waiting.splice(0)) {
        resolve(refusal === undefined);
      }
    }
  }

  /** @returns whether a topic is that of a mark, which is then {@link seen}. */
  take(topic: string): boolean {
    if (this.#prefix === undefined || !topic.startsWith(this.#prefix)) {
      return false;
    }
    this.seen.add(topic);
    if (this.seen.size > MAX_SEEN) {
      this.seen.delete(this.seen.values().next().value!);
    }
    return true;
  }
}
