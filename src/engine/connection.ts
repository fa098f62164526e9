import { backoff } from './backoff';
import { type Attempt, faultOf } from './faults';
import { type IClientOptions, MqttClient, type MqttJsClient } from './mqttjs';
import type { ConnectionOptions, ConnectionStatus } from './protocol';
import { createTransport, type OpenSocket } from './transport';

/** A refused connection is tried again as seldom as one that has failed this often. */
const REFUSED_COUNTS_AS = 10;

export interface ConnectionEvents {
  onStatus(status: ConnectionStatus): void;
  /**
   * `payload` is a view of the received chunk: it must be read before this returns. `ids`: the subscription
   * identifiers that this copy of the message was sent for, where the broker says so.
   */
  onMessage(topic: string, payload: Uint8Array, retained: boolean, ids: readonly number[]): void;
  /** The broker answered a SUBSCRIBE. `refusal`: its reason where it refused. */
  onSubscribed(filter: string, refusal: string | undefined): void;
}

export interface ConnectionDeps {
  readonly openSocket: OpenSocket;
  readonly now: () => number;
  readonly random: () => number;
}

/**
 * One MQTT connection that is kept up for as long as it is wanted. Each attempt is a client of its own, so that
 * nothing of a failed one is left over; which filters are subscribed to is known here and not by mqtt.js, whose
 * own list loses all filters of a packet of which one was refused.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #events: ConnectionEvents;
  readonly #deps: ConnectionDeps;
  readonly #filters = new Map<string, { readonly qos: 0 | 1 | 2; readonly id: number }>();
  /** Unique in each tab: two clients with one id drive each other out without end. */
  readonly #clientId: string;
  #client: MqttJsClient | undefined;
  #status: ConnectionStatus;
  #failures = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;
  /** Counts connections, to tell what came over this one from what came before. */
  epoch = 0;

  constructor(options: ConnectionOptions, events: ConnectionEvents, deps: ConnectionDeps) {
    this.#options = options;
    this.#events = events;
    this.#deps = deps;
    this.#clientId = `${options.clientIdPrefix}-${randomPart(deps.random)}`;
    this.#status = { state: 'connecting', since: deps.now() };
    events.onStatus(this.#status);
    this.#attempt();
  }

  /**
   * Asks for a filter. Asked again, the broker sends its retained messages again [MQTT-3.8.4-3].
   *
   * @param id the subscription identifier, from 1; MQTT 5 brokers name it with each message.
   */
  subscribe(filter: string, qos: 0 | 1 | 2, id: number): void {
    this.#filters.set(filter, { qos, id });
    if (this.#status.state === 'connected') {
      this.#sendSubscribe(filter, qos, id);
    }
  }

  unsubscribe(filter: string): void {
    this.#filters.delete(filter);
    if (this.#status.state === 'connected') {
      // An UNSUBSCRIBE that goes unanswered has been overtaken by the end of the connection.
      this.#client?.unsubscribe(filter, () => undefined);
    }
  }

  /** Says goodbye to the broker and ends. */
  stop(done: () => void): void {
    this.#stopped = true;
    clearTimeout(this.#retry);
    const client = this.#client;
    this.#client = undefined;
    if (client === undefined) {
      done();
    } else {
      client.end(this.#status.state !== 'connected', {}, done);
    }
  }

  #attempt(): void {
    let socket;
    const seen: { -readonly [K in keyof Attempt]: Attempt[K] } = {
      url: this.#options.url,
      opened: false,
      connected: false,
    };
    try {
      socket = this.#deps.openSocket(this.#options.url, ['mqtt']);
    } catch (error) {
      // The constructor throws for what it will never open: a malformed URL, or ws:// on an https:// page.
      const reason = error instanceof Error ? error.message : String(error);
      this.#setStatus({
        state: 'stopped',
        since: this.#deps.now(),
        fault: { code: 'url', message: `This browser does not open ${this.#options.url}: ${reason}` },
      });
      return;
    }
    const transport = createTransport(socket, {
      onOpen: () => (seen.opened = true),
      onClose: (code) => (seen.closeCode = code),
      onPublish: (topic, payload, retained, ids) => receive(topic, payload, retained, ids),
      protocolVersion: this.#options.protocolVersion,
    });
    const client = new MqttClient(() => transport, this.#clientOptions());
    const receive: ConnectionEvents['onMessage'] = (...message) => {
      if (this.#client === client) {
        this.#events.onMessage(...message);
      }
    };
    this.#client = client;
    let failed = false;
    const fail = (): void => {
      if (!failed) {
        failed = true;
        this.#failed(client, seen);
      }
    };
    client.on('connect', () => {
      seen.connected = true;
      this.#connected();
    });
    client.on('message', (topic, payload, { retain, properties }) => {
      const ids = properties?.subscriptionIdentifier ?? [];
      receive(topic, payload, retain, typeof ids === 'number' ? [ids] : ids);
    });
    client.on('error', (error) => {
      seen.error = error;
      seen.timedOut = error.message === 'connack timeout';
    });
    client.on('close', fail);
  }

  #clientOptions(): IClientOptions {
    const { keepalive, connectTimeout } = this.#options;
    return {
      protocol: this.#options.url.startsWith('wss:') ? 'wss' : 'ws',
      protocolVersion: this.#options.protocolVersion,
      protocolId: 'MQTT',
      clientId: this.#clientId,
      clean: true,
      keepalive,
      connectTimeout: connectTimeout * 1_000,
      reconnectPeriod: 0,
      resubscribe: false,
      // Its default logger costs a quarter of the receive path even when it is off.
      log: () => undefined,
      timerVariant: 'native',
    };
  }

  #connected(): void {
    this.#failures = 0;
    this.epoch++;
    this.#setStatus({ state: 'connected', since: this.#deps.now() });
    for (const [filter, { qos, id }] of this.#filters) {
      this.#sendSubscribe(filter, qos, id);
    }
  }

  /** One filter to a packet: a refused filter must not take others with it. */
  #sendSubscribe(filter: string, qos: 0 | 1 | 2, id: number): void {
    const client = this.#client;
    // A broker may say that it has no subscription identifiers [MQTT5-3.2.2.3.12], and refuses who sends one then.
    const named =
      this.#options.protocolVersion === 5 && client?.serverProperties?.subscriptionIdentifiersAvailable !== false;
    const properties = named ? { properties: { subscriptionIdentifier: id } } : {};
    client?.subscribe(filter, { qos, ...properties }, (error, _granted, packet) => {
      if (this.#client !== client || !this.#filters.has(filter)) {
        return;
      }
      const code = packet?.granted[0] as number | undefined;
      if (code === undefined) {
        return; // the connection ended first; the next one asks again
      }
      // 0x80 and above are refusals [MQTT-3.9.3-2]; 3.1.1 has the one code and no reason.
      const reason =
        code === 0x80 ? 'the broker gives no reason; most often its access rules do not allow it' : error?.message;
      this.#events.onSubscribed(filter, code >= 0x80 ? (reason ?? `reason code ${code}`) : undefined);
    });
  }

  #failed(client: MqttJsClient, attempt: Attempt): void {
    if (this.#client !== client) {
      return;
    }
    client.end(true);
    this.#client = undefined;
    if (this.#stopped) {
      return;
    }
    const fault = faultOf(attempt);
    const before = this.#status;
    const now = this.#deps.now();
    const since = before.state === 'connected' ? now : before.since;
    this.#failures++;
    const everConnected = this.epoch > 0;
    this.#setStatus({ state: everConnected ? 'reconnecting' : 'connecting', since, fault });
    // The same credentials are refused the next time too, and some brokers lock out who keeps trying.
    const failures = fault.code === 'refused' ? REFUSED_COUNTS_AS : this.#failures;
    this.#retry = setTimeout(() => this.#attempt(), backoff(failures, this.#deps.random()));
  }

  #setStatus(status: ConnectionStatus): void {
    this.#status = status;
    this.#events.onStatus(status);
  }
}

function randomPart(random: () => number): string {
  return Array.from({ length: 12 }, () => Math.floor(random() * 36).toString(36)).join('');
}
