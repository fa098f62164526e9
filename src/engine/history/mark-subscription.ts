import { getOrSet } from '../../utils/get-or-set';

/** How long the broker may take to send the SUBACK, in milliseconds. */
const SUBACK_TIMEOUT_MS = 2_000;

/** Marks that are remembered. */
const MAX_SEEN = 100;

/** A further session with live messages, whose filters overlap with those of the others. */
export interface FurtherSession {
  readonly connection: {
    readonly clientId: string | undefined;
    subscribe(filter: string, qos: 0 | 1 | 2, id: number): void;
  };
}

/** The subscription identifier of the filter that nothing comes for. */
const BARRIER_ID = 268_435_454;

/**
 * The marks of a historian, on the connection with the live messages: a mark shows which of these the
 * historian's response has (docs/history.md).
 */
export class MarkSubscription {
  readonly #root: string;
  readonly #clientId: () => string | undefined;
  readonly #send: (filter: string) => void;
  readonly #others: () => readonly FurtherSession[];
  /** Topics of marks that have come, and behind which all sessions are. */
  readonly seen = new Set<string>();
  #prefix: string | undefined;
  #isRefused = false;
  readonly #waiting = new Map<string, Array<(isGranted: boolean) => void>>();

  /**
   * @param root the root topic of requests and responses.
   * @param clientId of the connection.
   * @param send subscribes the connection to a filter, behind its other subscriptions.
   * @param others the further sessions.
   */
  constructor(
    root: string,
    clientId: () => string | undefined,
    send: (filter: string) => void,
    others: () => readonly FurtherSession[]
  ) {
    this.#root = root;
    this.#clientId = clientId;
    this.#send = send;
    this.#others = others;
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
    const filter = this.#filterOf(clientId);
    this.#prefix = filter.slice(0, -1);
    const granted = this.#suback(filter);
    this.#send(filter);
    await this.passOthers();
    return (await granted) ? clientId : undefined;
  }

  onSubscribed(filter: string, refusal: string | undefined): void {
    if (this.#prefix !== undefined && filter === `${this.#prefix}+`) {
      this.#isRefused = refusal !== undefined;
    }
    const waiting = this.#waiting.get(filter) ?? [];
    this.#waiting.delete(filter);
    for (const resolve of waiting) {
      resolve(refusal === undefined);
    }
  }

  /** Whether a topic is that of a mark. */
  isMark(topic: string): boolean {
    return this.#prefix !== undefined && topic.startsWith(this.#prefix);
  }

  /** Whether there are sessions that bring messages, and no mark. */
  get hasOthers(): boolean {
    return this.#others().length > 0;
  }

  /**
   * Resolves when each further session has brought what the broker sent it before now: a SUBACK comes behind that. Its
   * filter is that of its own marks, which every client may read, and of which there are none.
   */
  async passOthers(): Promise<void> {
    await Promise.all(
      this.#others().map(({ connection }) => {
        const { clientId } = connection;
        if (clientId === undefined) {
          return false;
        }
        const filter = this.#filterOf(clientId);
        const suback = this.#suback(filter);
        connection.subscribe(filter, 0, BARRIER_ID);
        return suback;
      })
    );
  }

  /** All sessions are behind a mark. */
  see(topic: string): void {
    this.seen.add(topic);
    if (this.seen.size > MAX_SEEN) {
      this.seen.delete(this.seen.values().next().value!);
    }
  }

  #filterOf(clientId: string): string {
    return `${this.#root}/mark/${encodeURIComponent(clientId)}/+`;
  }

  /** Resolves to whether a filter is granted; false without a SUBACK in time. */
  #suback(filter: string): Promise<boolean> {
    return new Promise<boolean>((resolve) => {
      const timeout = setTimeout(() => resolve(false), SUBACK_TIMEOUT_MS);
      getOrSet(this.#waiting, filter, () => []).push((isGranted) => {
        clearTimeout(timeout);
        resolve(isGranted);
      });
    });
  }
}
