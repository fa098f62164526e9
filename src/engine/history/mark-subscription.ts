import { getOrSet } from '../../utils/get-or-set';

/** How long the broker may take to send the SUBACK, in milliseconds. */
const SUBACK_TIMEOUT_MS = 2_000;

/** Marks that are remembered. */
const MAX_SEEN = 100;

/** A session with live messages. Filters that overlap are in several sessions. */
export interface MarkSession {
  readonly connection: {
    readonly clientId: string | undefined;
    subscribe(filter: string, qos: 0 | 1 | 2, id: number): void;
  };
}

/** Functions that need no `this`. */
export interface MarkEvents {
  /** The first one, which receives the marks, and further ones. */
  sessions(): readonly MarkSession[];
  /** Subscribes to all filters that streams want. */
  subscribeStreams(): void;
  /** The highest QoS of the live messages. */
  qos(): 0 | 1 | 2;
}

/** The subscription identifier of marks: the largest there is [MQTT5-3.8.2.1.2]. */
const MARKS_ID = 268_435_455;

/**
 * The marks of a historian, on the connection with the live messages: a mark shows which of these the
 * historian's response has (docs/history.md).
 */
export class MarkSubscription {
  readonly #root: string;
  readonly #events: MarkEvents;
  /** Topics of marks that have come, and behind which all sessions are. */
  readonly seen = new Set<string>();
  #prefix: string | undefined;
  #isRefused = false;
  readonly #waiting = new Map<string, Array<(isGranted: boolean) => void>>();

  /** @param root the root topic of requests and responses. */
  constructor(root: string, events: MarkEvents) {
    this.#root = root;
    this.#events = events;
  }

  /** Subscribes the first session to a filter, behind its other subscriptions. */
  subscribeFirst(filter: string, qos: 0 | 1 | 2): void {
    this.#events.subscribeStreams();
    this.#first?.subscribe(filter, qos, MARKS_ID);
  }

  /**
   * Subscribes again each time: when the SUBACK has come, the broker has all subscriptions before this one, so that no
   * message falls between the mark and the first live message.
   *
   * @returns the client id; `undefined` without a SUBACK in time, and after a refusal, which is remembered.
   */
  async subscribe(): Promise<string | undefined> {
    const clientId = this.#first?.clientId;
    if (clientId === undefined || this.#isRefused) {
      return undefined;
    }
    const filter = this.#filterOf(clientId);
    this.#prefix = filter.slice(0, -1);
    const granted = this.#suback(filter);
    this.subscribeFirst(filter, this.#events.qos());
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
    return this.#events.sessions().length > 1;
  }

  /**
   * Resolves when each further session has brought what the broker sent it before now: a SUBACK comes behind that. Its
   * filter is that of its own marks, which every client may read, and of which there are none.
   */
  async passOthers(): Promise<void> {
    await Promise.all(
      this.#events
        .sessions()
        .slice(1)
        .map(async ({ connection }) => {
          const { clientId } = connection;
          if (clientId !== undefined) {
            const filter = this.#filterOf(clientId);
            const suback = this.#suback(filter);
            connection.subscribe(filter, 0, MARKS_ID);
            await suback;
          }
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

  get #first(): MarkSession['connection'] | undefined {
    return this.#events.sessions().at(0)?.connection;
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
