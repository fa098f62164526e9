import type { ISubscribePacket } from 'mqtt-packet';
import { matches } from '../topics';
import { accept, publish, ScriptedBroker, type ScriptedClient } from './scripted-broker';

/** The behaviour of a broker for a message that several subscriptions of one session match. */
export type Copies =
  /** One copy with the highest QoS, and with all identifiers. */
  | 'one'
  /** One copy that names only one of the subscriptions (Aedes 2.0.0-beta.1). */
  | 'one, first identifier'
  /** A copy for each subscription with its QoS and its identifier (mosquitto with MQTT 5; NATS). */
  | 'each'
  /** A copy for each, and each names all identifiers (Artemis). */
  | 'each, all identifiers'
  /** One copy for each QoS (RabbitMQ). */
  | 'one for each QoS';

export interface Behaviour {
  readonly copies?: Copies;
  /** Retained messages come at the first SUBSCRIBE of a filter only (rumqttd). */
  readonly retainedOnce?: boolean;
  /** Retained messages come for filters without wildcards only (RabbitMQ). */
  readonly retainedExactly?: boolean;
  /** Filters that are refused. */
  readonly refused?: readonly string[];
  /** Filters that are granted and bring nothing. */
  readonly silent?: readonly string[];
  /** Filters over which the connection is closed. */
  readonly closes?: readonly string[];
  /** A further connection of a client is closed. */
  readonly oneSession?: boolean;
  /** Milliseconds that packets to a connection take, by its number, and by the milliseconds that the broker has run. */
  readonly delayMs?: (connection: number, elapsed: number) => number;
}

interface Subscription {
  readonly filter: string;
  readonly qos: 0 | 1 | 2;
  readonly id: number | undefined;
}

interface Connected {
  readonly number: number;
  readonly subscriptions: Map<string, Subscription>;
  readonly asked: Set<string>;
  nextId: number;
  /** Packets that wait, and when the last of them is sent, by `performance.now()`. */
  readonly waiting: Array<() => void>;
  lastAt: number;
}

/** A broker whose ways with overlapping filters and retained messages the test chooses. */
export class OverlappingBroker implements AsyncDisposable {
  readonly #broker: ScriptedBroker;
  readonly #behaviour: Behaviour;
  readonly #connected = new Map<ScriptedClient, Connected>();
  readonly #retained = new Map<string, string>();
  readonly #startedAt = performance.now();
  #connections = 0;
  /** Messages that were sent. */
  sent = 0;

  private constructor(broker: ScriptedBroker, behaviour: Behaviour) {
    this.#broker = broker;
    this.#behaviour = behaviour;
  }

  static async start(behaviour: Behaviour = {}): Promise<OverlappingBroker> {
    const scripted = await ScriptedBroker.start();
    const broker = new OverlappingBroker(scripted, behaviour);
    scripted.script = (packet, client) => {
      switch (packet.cmd) {
        case 'connect':
          broker.#connect(client);
          return true;
        case 'subscribe':
          broker.#subscribe(client, packet);
          return true;
        case 'unsubscribe':
          for (const filter of packet.unsubscriptions) {
            broker.#connected.get(client)?.subscriptions.delete(filter);
          }
          broker.#later(client, () =>
            client.send({ cmd: 'unsuback', messageId: packet.messageId!, granted: packet.unsubscriptions.map(() => 0) })
          );
          return true;
      }
    };
    return broker;
  }

  get url(): string {
    return this.#broker.url;
  }

  /** Connections that are open. */
  get open(): number {
    return this.#broker.open;
  }

  /** Connections that were ever opened. */
  get connections(): number {
    return this.#connections;
  }

  get clients(): readonly ScriptedClient[] {
    return this.#broker.clients;
  }

  /** The filters of each open connection, oldest first. */
  get filters(): string[][] {
    return [...this.#connected]
      .filter(([client]) => client.socket.readyState === client.socket.OPEN)
      .map(([, { subscriptions }]) => [...subscriptions.keys()].toSorted());
  }

  publish(
    topic: string,
    payload: string | number,
    { qos = 0, retain = false }: { qos?: 0 | 1; retain?: boolean } = {}
  ): void {
    if (retain) {
      if (payload === '') {
        this.#retained.delete(topic);
      } else {
        this.#retained.set(topic, String(payload));
      }
    }
    for (const client of this.#connected.keys()) {
      this.#send(client, topic, payload, qos);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#broker[Symbol.asyncDispose]();
  }

  #connect(client: ScriptedClient): void {
    if (this.#behaviour.oneSession === true && this.open > 1) {
      client.socket.close();
      return;
    }
    const number = this.#connections++;
    this.#connected.set(client, {
      number,
      subscriptions: new Map(),
      asked: new Set(),
      nextId: 1,
      waiting: [],
      lastAt: 0,
    });
    client.socket.on('close', () => this.#connected.delete(client));
    accept(client);
  }

  #subscribe(client: ScriptedClient, { messageId, subscriptions, properties }: ISubscribePacket): void {
    const { refused = [], silent = [], closes = [], retainedOnce, retainedExactly } = this.#behaviour;
    const connected = this.#connected.get(client)!;
    const [{ topic: filter, qos }] = subscriptions;
    if (closes.includes(filter)) {
      client.socket.close(1002, 'access_refused');
      return;
    }
    const granted = refused.includes(filter) ? 0x80 : qos;
    this.#later(client, () => client.send({ cmd: 'suback', messageId, granted: [granted] }));
    if (granted === 0x80 || silent.includes(filter)) {
      return;
    }
    connected.subscriptions.set(filter, { filter, qos, id: properties?.subscriptionIdentifier });
    const isFirst = !connected.asked.has(filter);
    connected.asked.add(filter);
    for (const [topic, payload] of this.#retained) {
      if (
        matches(filter, topic) &&
        (isFirst || retainedOnce !== true) &&
        (filter === topic || retainedExactly !== true)
      ) {
        this.#later(client, () => publish(client, topic, payload, { retain: true }));
      }
    }
  }

  #send(client: ScriptedClient, topic: string, payload: string | number, qos: 0 | 1): void {
    const connected = this.#connected.get(client)!;
    const found = [...connected.subscriptions.values()].filter(({ filter }) => matches(filter, topic));
    if (found.length === 0) {
      return;
    }
    const { copies = 'one' } = this.#behaviour;
    const highest = found.reduce((best, each) => (each.qos > best.qos ? each : best));
    const all = found.flatMap(({ id }) => id ?? []);
    const named = (ids: number[]): object => (ids.length === 0 ? {} : { subscriptionIdentifier: ids });
    const send = (granted: number, ids: number[]): void => {
      const level = Math.min(granted, qos);
      const messageId = level === 0 ? undefined : (connected.nextId++ % 60_000) + 1;
      this.sent++;
      this.#later(client, () =>
        publish(client, topic, payload, {
          qos: level,
          ...(messageId === undefined ? undefined : { messageId }),
          ...(client.version === 5 ? { properties: named(ids) } : undefined),
        })
      );
    };
    switch (copies) {
      case 'one':
        send(highest.qos, all);
        break;
      case 'one, first identifier':
        send(highest.qos, all.slice(0, 1));
        break;
      case 'each':
        for (const each of found) {
          send(each.qos, each.id === undefined ? [] : [each.id]);
        }
        break;
      case 'each, all identifiers':
        for (const each of found) {
          send(each.qos, all);
        }
        break;
      case 'one for each QoS':
        for (const level of new Set(found.map((each) => each.qos))) {
          send(level, all);
        }
        break;
    }
  }

  /** In the order of the calls. */
  #later(client: ScriptedClient, send: () => void): void {
    const connected = this.#connected.get(client);
    const now = performance.now();
    const due = now + (this.#behaviour.delayMs?.(connected?.number ?? 0, now - this.#startedAt) ?? 0);
    if (connected === undefined || Math.max(due, connected.lastAt) <= now) {
      send();
      return;
    }
    connected.lastAt = Math.max(due, connected.lastAt);
    connected.waiting.push(send);
    // Timers of nearly the same time do not keep their order.
    setTimeout(() => {
      const next = connected.waiting.shift();
      if (client.socket.readyState === client.socket.OPEN) {
        next?.();
      }
    }, connected.lastAt - now);
  }
}
