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

/** How long a filter is not subscribed to after the broker closed the connection over it, in milliseconds. */
const QUARANTINE_MS = 5 * 60_000;

/** How often the broker must close the connection over one filter alone before that filter is the cause. */
const STRIKES = 2;

const CLOSES =
  'the broker closes the connection whenever the browser subscribes to it; most often its access rules do not allow it';

/**
 * The wanted filters, and their state in the broker. It is known here and not by mqtt.js, whose own list loses all
 * filters of a packet of which one was refused: each filter has a packet of its own.
 */
export class Subscriptions {
  readonly #wishes = new Map<string, Wish>();
  /**
   * The filters of the broker's session, as far as SUBACKs have come; `granted`: the QoS of the SUBACK, which may be
   * lower.
   */
  readonly #granted = new Map<string, Wish & { readonly granted: Qos }>();
  /** SUBSCRIBEs of this connection without a SUBACK, and how many. */
  readonly #pending = new Map<string, number>();
  /** Not wanted any longer, and not yet known to be gone from the broker's session: what to call when they are. */
  readonly #dropped = new Map<string, () => void>();
  readonly #queue = new Set<string>();
  readonly #strikes = new Map<string, number>();
  readonly #quarantined = new Map<string, number>();
  readonly #onSuback: (filter: string, refusal: string | undefined) => void;
  readonly #now: () => number;
  #link: Link | undefined;
  /** One filter at a time, because the last connection ended before all SUBACKs had come. */
  #careful = false;

  /** @param onSuback called after a SUBACK: `undefined`, or the reason why the broker refuses the filter. */
  constructor(onSuback: (filter: string, refusal: string | undefined) => void, now: () => number) {
    this.#onSuback = onSuback;
    this.#now = now;
  }

  /** Subscribes to a filter. At each SUBSCRIBE, the broker sends the retained messages again [MQTT-3.8.4-3]. */
  subscribe(filter: string, qos: Qos, id: number): void {
    this.#wishes.set(filter, { qos, id });
    this.#dropped.delete(filter);
    this.#request(filter);
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
        this.#unsubscribed(filter);
      }
    }
    for (const [filter, { qos, id }] of this.#wishes) {
      const has = this.#granted.get(filter);
      // Messages of QoS 0 are not stored meanwhile; another SUBSCRIBE brings the retained ones at least.
      if (has === undefined || has.qos !== qos || has.id !== id || qos === 0) {
        this.#request(filter);
      }
    }
  }

  /**
   * @param isClosed the other side closed the connection, rather than that it fell silent.
   * @returns the filters without a SUBACK.
   */
  disconnected(isClosed: boolean): string[] {
    const pending = [...this.#pending.keys()];
    if (isClosed && this.#link !== undefined && pending.length > 0) {
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
    return isClosed ? pending : [];
  }

  #request(filter: string): void {
    const link = this.#link;
    const wish = this.#wishes.get(filter);
    if (link === undefined || wish === undefined) {
      return;
    }
    const obstacle = this.#obstacle(filter, link);
    if (obstacle !== undefined) {
      this.#onSuback(filter, obstacle);
    } else if (this.#careful && this.#pending.size > 0) {
      this.#queue.add(filter);
    } else {
      this.#send(link, filter, wish);
    }
  }

  #send({ client, protocolVersion }: Link, filter: string, wish: Wish): void {
    this.#pending.set(filter, (this.#pending.get(filter) ?? 0) + 1);
    // A broker may say that it has no subscription identifiers [MQTT5-3.2.2.3.12], and refuses a SUBSCRIBE that has one.
    const named = protocolVersion === 5 && client.serverProperties?.subscriptionIdentifiersAvailable !== false;
    const options = {
      qos: wish.qos,
      // Retained messages at each SUBSCRIBE (rh 0), since a stream that joins late needs them; without the flag when
      // they are new (rap false), which distinguishes old ones; and those of this client too (nl false): what every
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
        return; // the connection ended first; the next one subscribes again
      }
      const refusal =
        code === undefined
          ? 'it is not a valid topic filter'
          : code >= 0x80
            ? refusalOf(code, protocolVersion, packet?.properties?.reasonString)
            : undefined;
      this.#acknowledged(filter, { ...wish, granted: code as Qos }, refusal);
    });
  }

  /** @param acknowledged the QoS has no meaning if the filter was refused. */
  #acknowledged(filter: string, acknowledged: Wish & { readonly granted: Qos }, refusal: string | undefined): void {
    const more = (this.#pending.get(filter) ?? 1) - 1;
    if (more > 0) {
      this.#pending.set(filter, more);
    } else {
      this.#pending.delete(filter);
    }
    this.#strikes.delete(filter);
    if (refusal === undefined) {
      this.#granted.set(filter, acknowledged);
    } else {
      this.#granted.delete(filter);
    }
    if (this.#wishes.has(filter)) {
      this.#onSuback(filter, refusal);
    }
    if (this.#careful && this.#pending.size === 0) {
      const [next] = this.#queue;
      this.#careful = next !== undefined;
      if (next !== undefined) {
        this.#queue.delete(next);
        this.#request(next);
      }
    }
  }

  #drop(filter: string, { client }: Link): void {
    client.unsubscribe(filter, () => {
      // If the connection ended first, a session that is kept has the filter still, and the next connection drops it.
      if (this.#link?.client === client) {
        this.#granted.delete(filter);
        this.#unsubscribed(filter);
      }
    });
  }

  #unsubscribed(filter: string): void {
    const done = this.#dropped.get(filter);
    this.#dropped.delete(filter);
    done?.();
  }

  /** Why there is no SUBSCRIBE: some brokers end the connection over a filter that they do not allow. */
  #obstacle(filter: string, { client, protocolVersion }: Link): string | undefined {
    const until = this.#quarantined.get(filter);
    if (until !== undefined && until > this.#now()) {
      return CLOSES;
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
function refusalOf(code: number, protocolVersion: 4 | 5, reason: string | undefined): string {
  return protocolVersion === 4
    ? 'the broker gives no reason; most often its access rules do not allow it'
    : code === 0x80 && (reason === undefined || reason === '')
      ? 'the broker gives no reason; most often its access rules do not allow it'
      : reasonWords(code, reason);
}
