import { isShared, isWide } from '../topics';
import type { MqttJsClient } from './mqttjs';
import { reasonWords } from './reason-codes';

type Qos = 0 | 1 | 2;

interface Wish {
  readonly qos: Qos;
  readonly id: number;
}

/** The client of a connection that stands, and what its broker says that it can do. */
export interface Link {
  readonly client: MqttJsClient;
  readonly protocolVersion: 4 | 5;
  /** The broker kept the session of the connection before, and with it the subscriptions. */
  readonly sessionPresent: boolean;
}

/** How long a filter is not asked for that the broker hung up on, in milliseconds. */
const QUARANTINE_MS = 5 * 60_000;

/** Times that the broker must hang up on one filter alone before that filter is to blame. */
const STRIKES = 2;

const HANGS_UP =
  'the broker closes the connection whenever it is asked for; most often its access rules do not allow it';

/**
 * Which filters are wanted, and what the broker has of them. This is known here and not by mqtt.js, whose own list
 * loses all filters of a packet of which one was refused: each filter has a packet of its own.
 */
export class Subscriptions {
  readonly #wishes = new Map<string, Wish>();
  /** What the broker's session has, as far as it has answered; `granted`: the QoS that it gave, which may be lower. */
  readonly #granted = new Map<string, Wish & { readonly granted: Qos }>();
  /** Asked and not answered on this connection, and how many times. */
  readonly #pending = new Map<string, number>();
  /** Not wanted any longer, and not yet known to be gone from the broker's session: what to call when they are. */
  readonly #dropped = new Map<string, () => void>();
  readonly #queue = new Set<string>();
  readonly #strikes = new Map<string, number>();
  readonly #quarantined = new Map<string, number>();
  readonly #onAnswer: (filter: string, refusal: string | undefined) => void;
  readonly #now: () => number;
  #link: Link | undefined;
  /** One filter at a time, because the last connection ended while some were unanswered. */
  #careful = false;

  /** @param onAnswer told what the broker said to a filter: `undefined`, or its reason to refuse. */
  constructor(onAnswer: (filter: string, refusal: string | undefined) => void, now: () => number) {
    this.#onAnswer = onAnswer;
    this.#now = now;
  }

  /** Asks for a filter. Asked again, the broker sends its retained messages again [MQTT-3.8.4-3]. */
  subscribe(filter: string, qos: Qos, id: number): void {
    this.#wishes.set(filter, { qos, id });
    this.#dropped.delete(filter);
    this.#ask(filter);
  }

  /** @param done called when the broker's session has the filter no longer. */
  unsubscribe(filter: string, done: () => void = () => undefined): void {
    this.#wishes.delete(filter);
    this.#strikes.delete(filter);
    this.#queue.delete(filter);
    if (this.#link !== undefined && !this.#granted.has(filter) && !this.#pending.has(filter)) {
      done();
      return;
    }
    this.#dropped.set(filter, done);
    if (this.#link !== undefined) {
      this.#drop(filter, this.#link);
    }
  }

  /** The QoS that the broker has granted. With 1 and 2, it stores messages while the session is away. */
  grantedQos(filter: string): Qos {
    return this.#granted.get(filter)?.granted ?? 0;
  }

  /** A connection stands: brings the broker's session up to date with what is wanted. */
  connected(link: Link): void {
    this.#link = link;
    if (!link.sessionPresent) {
      this.#granted.clear();
    }
    for (const filter of this.#dropped.keys()) {
      if (link.sessionPresent) {
        this.#drop(filter, link);
      } else {
        this.#gone(filter);
      }
    }
    for (const [filter, { qos, id }] of this.#wishes) {
      const has = this.#granted.get(filter);
      // Messages of QoS 0 are not stored meanwhile; asking again brings the retained ones at least.
      if (has === undefined || has.qos !== qos || has.id !== id || qos === 0) {
        this.#ask(filter);
      }
    }
  }

  /**
   * @param hungUp the other side ended it, rather than that it fell silent.
   * @returns the filters that it had not answered for.
   */
  disconnected(hungUp: boolean): string[] {
    const pending = [...this.#pending.keys()];
    if (hungUp && this.#link !== undefined && pending.length > 0) {
      if (this.#careful && pending.length === 1) {
        const [filter] = pending;
        const strikes = (this.#strikes.get(filter) ?? 0) + 1;
        this.#strikes.set(filter, strikes);
        if (strikes >= STRIKES) {
          this.#strikes.delete(filter);
          this.#quarantined.set(filter, this.#now() + QUARANTINE_MS);
        }
      }
      this.#careful = true;
    }
    this.#link = undefined;
    this.#pending.clear();
    this.#queue.clear();
    return hungUp ? pending : [];
  }

  #ask(filter: string): void {
    const link = this.#link;
    const wish = this.#wishes.get(filter);
    if (link === undefined || wish === undefined) {
      return;
    }
    const obstacle = this.#obstacle(filter, link);
    if (obstacle !== undefined) {
      this.#onAnswer(filter, obstacle);
    } else if (this.#careful && this.#pending.size > 0) {
      this.#queue.add(filter);
    } else {
      this.#send(link, filter, wish);
    }
  }

  #send({ client, protocolVersion }: Link, filter: string, wish: Wish): void {
    this.#pending.set(filter, (this.#pending.get(filter) ?? 0) + 1);
    // A broker may say that it has no subscription identifiers [MQTT5-3.2.2.3.12], and refuses who sends one then.
    const named = protocolVersion === 5 && client.serverProperties?.subscriptionIdentifiersAvailable !== false;
    const options = {
      qos: wish.qos,
      // Retained messages at each SUBSCRIBE (rh 0), since a stream that joins late needs them; without the flag when
      // they are new (rap false), which is how old ones are told; and those of this client too (nl false): what every
      // other tab sees, this one sees.
      ...(protocolVersion === 5 ? { rh: 0, rap: false, nl: false } : undefined),
      ...(named ? { properties: { subscriptionIdentifier: wish.id } } : undefined),
    };
    client.subscribe(filter, options, (error, _granted, packet) => {
      if (this.#link?.client !== client) {
        return;
      }
      const code = packet?.granted[0] as number | undefined;
      if (code === undefined && error?.message.startsWith('Invalid topic') !== true) {
        return; // the connection ended first; the next one asks again
      }
      const refusal =
        code === undefined
          ? 'it is not a valid topic filter'
          : code >= 0x80
            ? refusalOf(code, protocolVersion, packet?.properties?.reasonString)
            : undefined;
      this.#answered(filter, { ...wish, granted: code as Qos }, refusal);
    });
  }

  /** @param answered the QoS is of no meaning where it was refused. */
  #answered(filter: string, answered: Wish & { readonly granted: Qos }, refusal: string | undefined): void {
    const more = (this.#pending.get(filter) ?? 1) - 1;
    if (more > 0) {
      this.#pending.set(filter, more);
    } else {
      this.#pending.delete(filter);
    }
    this.#strikes.delete(filter);
    if (refusal === undefined) {
      this.#granted.set(filter, answered);
    } else {
      this.#granted.delete(filter);
    }
    if (this.#wishes.has(filter)) {
      this.#onAnswer(filter, refusal);
    }
    if (this.#careful && this.#pending.size === 0) {
      const [next] = this.#queue;
      this.#careful = next !== undefined;
      if (next !== undefined) {
        this.#queue.delete(next);
        this.#ask(next);
      }
    }
  }

  #drop(filter: string, { client }: Link): void {
    client.unsubscribe(filter, () => {
      // If the connection ended first, a session that is kept has the filter still, and the next connection drops it.
      if (this.#link?.client === client) {
        this.#granted.delete(filter);
        this.#gone(filter);
      }
    });
  }

  #gone(filter: string): void {
    const done = this.#dropped.get(filter);
    this.#dropped.delete(filter);
    done?.();
  }

  /** Why it is not even asked for: some brokers end the connection over a filter that they do not allow. */
  #obstacle(filter: string, { client, protocolVersion }: Link): string | undefined {
    const until = this.#quarantined.get(filter);
    if (until !== undefined && until > this.#now()) {
      return HANGS_UP;
    }
    this.#quarantined.delete(filter);
    const server = protocolVersion === 5 ? client.serverProperties : undefined;
    if (server?.sharedSubscriptionAvailable === false && isShared(filter)) {
      return reasonWords(0x9e);
    }
    return server?.wildcardSubscriptionAvailable === false && isWide(filter) ? reasonWords(0xa2) : undefined;
  }
}

/** SUBACK codes of 0x80 and above are refusals [MQTT-3.9.3-2]; 3.1.1 has the one and no reason. */
function refusalOf(code: number, protocolVersion: 4 | 5, said: string | undefined): string {
  return protocolVersion === 4
    ? 'the broker gives no reason; most often its access rules do not allow it'
    : code === 0x80 && (said === undefined || said === '')
      ? 'the broker gives no reason; most often its access rules do not allow it'
      : reasonWords(code, said);
}
