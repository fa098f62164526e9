import type { RebirthNeed } from '../payload';
import { FilterTrie } from '../topics';

/**
 * A node is asked after a while that is drawn by lot, up to so many milliseconds: of all tabs that miss the same birth,
 * one asks, and the birth comes to all before most of the others would have.
 */
const LONGEST_WAIT_MS = 5_000;

/** A node that was asked is not asked again before this, and each time after twice as long, up to an hour. */
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** A connection that ends so soon after a command was ended over it: brokers of MQTT 3.1.1 can refuse in no other way. */
const REFUSED_WITHIN_MS = 2_000;

/** Nodes that are remembered; beyond them the one that needed nothing for the longest is forgotten. */
const MAX_NODES = 1_000;

interface Node {
  waiting: ReturnType<typeof setTimeout> | undefined;
  /** When it may be asked again, and how long the pause before that was, in milliseconds of `performance.now()`. */
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
 * Asks Sparkplug nodes for a rebirth on behalf of all streams of a connection: seldom, and never twice for one birth.
 * At QoS 0, no broker says whether it passed a command on; a node that does not answer is asked ever more rarely.
 */
export class RebirthRequester {
  readonly #deps: RebirthDeps;
  /** By the topic of their commands, the one that last needed something last. */
  readonly #nodes = new Map<string, Node>();
  #askedAt = -Infinity;
  /** Until then nobody is asked, because the broker ended the connection over it. */
  #refusedUntil = -Infinity;

  constructor(deps: RebirthDeps) {
    this.#deps = deps;
  }

  /** Births of a node are missing. */
  request(command: string): 'asked' | 'refused' {
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
      node.waiting = setTimeout(() => this.#ask(command, node), this.#deps.random() * LONGEST_WAIT_MS);
    }
    return 'asked';
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
    if (now - this.#askedAt < REFUSED_WITHIN_MS) {
      this.#refusedUntil = now + LONGEST_PAUSE_MS;
    }
    this.#askedAt = -Infinity;
    this.stop();
  }

  /** Asks nobody any longer that has not been asked. */
  stop(): void {
    for (const command of this.#nodes.keys()) {
      this.onBirth(command);
    }
  }

  #ask(command: string, node: Node): void {
    node.waiting = undefined;
    if (this.#deps.publish(command, this.#deps.encode(this.#deps.now()))) {
      const now = performance.now();
      this.#askedAt = now;
      // After a long quiet it is another story.
      const again = now < node.notBefore + LONGEST_PAUSE_MS;
      node.pause = again ? Math.min(LONGEST_PAUSE_MS, 2 * node.pause) : FIRST_PAUSE_MS;
      node.notBefore = now + node.pause;
    }
  }
}

/** Tells whether some filters bring all that a rebirth has to bring; without that, asking for one would not help. */
export class BirthFilters {
  readonly #filters = new FilterTrie<true>();

  constructor(filters: readonly string[]) {
    for (const filter of filters) {
      this.#filters.add(filter, true);
    }
  }

  covers({ births }: RebirthNeed): boolean {
    return births.every((topic) => this.#filters.match(topic).size > 0);
  }
}
