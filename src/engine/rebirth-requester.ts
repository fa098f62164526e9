/**
 * A request waits for a random time of up to so many milliseconds: of all tabs that miss the same birth,
 * one sends a request, and the birth comes to all before most of the others would have.
 */
const LONGEST_WAIT_MS = 5_000;

/** A node gets no second request before this, and each time after twice as long, up to an hour. */
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** A connection that ends so soon after a command was ended over it: brokers of MQTT 3.1.1 can refuse in no other way. */
const REFUSED_WITHIN_MS = 2_000;

/** Nodes that are remembered; beyond them the one that needed nothing for the longest is forgotten. */
const MAX_NODES = 1_000;

interface Node {
  waiting: ReturnType<typeof setTimeout> | undefined;
  /** When the next request may be sent, and how long the pause before that was, in milliseconds of `performance.now()`. */
  notBefore: number;
  pause: number;
}

export interface RebirthDeps {
  /** Publishes with QoS 0, not retained [tck-id-payloads-ncmd-qos, tck-id-payloads-ncmd-retain]. @returns whether there was a connection. */
  publish(topic: string, payload: Uint8Array): boolean;
  /** The payload of a command. @param time milliseconds since 1970. */
  encode(time: number): Uint8Array;
  /** Milliseconds since 1970. */
  now(): number;
  /** From 0 up to, not including, 1. */
  random(): number;
}

/**
 * Requests rebirths of Sparkplug nodes on behalf of all streams of a connection: seldom, and never twice for one birth.
 * At QoS 0, no broker says whether it passed a command on; a node that does not respond gets ever fewer requests.
 */
export class RebirthRequester {
  readonly #deps: RebirthDeps;
  /** By the topic of their commands, the one that last needed something last. */
  readonly #nodes = new Map<string, Node>();
  #publishedAt = -Infinity;
  /** Until then there are no requests, because the broker ended the connection over it. */
  #refusedUntil = -Infinity;

  constructor(deps: RebirthDeps) {
    this.#deps = deps;
  }

  /** Births of a node are missing. */
  request(command: string): 'requested' | 'refused' {
    const now = performance.now();
    if (now < this.#refusedUntil) {
      return 'refused';
    }
    const node = this.#nodes.get(command) ?? { waiting: undefined, notBefore: -Infinity, pause: 0 };
    this.#nodes.delete(command);
    this.#nodes.set(command, node);
    const [oldest] = this.#nodes.keys();
    if (this.#nodes.size > MAX_NODES) {
      this.onBirth(oldest);
      this.#nodes.delete(oldest);
    }
    if (node.waiting === undefined && now >= node.notBefore) {
      node.waiting = setTimeout(() => this.#publish(command, node), this.#deps.random() * LONGEST_WAIT_MS);
    }
    return 'requested';
  }

  /** A birth has arrived, so a request for it is no longer needed. */
  onBirth(command: string): void {
    const node = this.#nodes.get(command);
    clearTimeout(node?.waiting);
    if (node !== undefined) {
      node.waiting = undefined;
    }
  }

  /** The connection has ended. */
  onDisconnected(): void {
    const now = performance.now();
    if (now - this.#publishedAt < REFUSED_WITHIN_MS) {
      this.#refusedUntil = now + LONGEST_PAUSE_MS;
    }
    this.#publishedAt = -Infinity;
    this.stop();
  }

  /** Cancels the requests that are not sent yet. */
  stop(): void {
    for (const command of this.#nodes.keys()) {
      this.onBirth(command);
    }
  }

  #publish(command: string, node: Node): void {
    node.waiting = undefined;
    if (this.#deps.publish(command, this.#deps.encode(this.#deps.now()))) {
      const now = performance.now();
      this.#publishedAt = now;
      // A need after a long pause has another cause.
      const again = now < node.notBefore + LONGEST_PAUSE_MS;
      node.pause = again ? Math.min(LONGEST_PAUSE_MS, 2 * node.pause) : FIRST_PAUSE_MS;
      node.notBefore = now + node.pause;
    }
  }
}
