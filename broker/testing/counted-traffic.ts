/** Traffic with numbered messages, for the tests that kill brokers. */
import mqtt, { type MqttClient } from 'mqtt';
import { until } from './clients';

/** Maximum unacknowledged messages of a publisher. */
export const MAX_IN_FLIGHT = 20;

export interface Publisher {
  client: MqttClient;
  published: number;
  /** Messages that the broker acknowledged. */
  acknowledged: Set<number>;
  /** Messages that are acknowledged, or that mqtt.js dropped before it sent them. */
  settled: number;
}

/**
 * A client with a persistent session that reconnects at once, to the next of its servers.
 *
 * @param unanswered called with the client id when mqtt.js received no CONNACK within its 30 seconds
 */
export function connectLasting(clientId: string, ports: number[], unanswered: string[]): MqttClient {
  const client = mqtt.connect({
    clientId,
    clean: false,
    reconnectPeriod: 10,
    protocol: 'mqtt',
    servers: ports.map((port) => ({ host: '127.0.0.1', port })),
  });
  client.on('error', ({ message }) => {
    if (message === 'connack timeout') {
      unanswered.push(clientId);
    }
  });
  return client;
}

/** Publishes 0, 1, 2… on a topic, with {@link MAX_IN_FLIGHT} in flight, until it is stopped. */
export function publishOn(
  client: MqttClient,
  topic: string,
  options: { qos: 1 | 2; retain?: boolean },
  goingOn: () => boolean
): Publisher {
  const publisher: Publisher = { client, published: 0, acknowledged: new Set(), settled: 0 };
  const publishNext = (): void => {
    if (!goingOn()) {
      return;
    }
    const number = publisher.published;
    publisher.published += 1;
    client.publish(topic, String(number), options, (error) => {
      publisher.settled += 1;
      if (!error) {
        publisher.acknowledged.add(number);
      }
      // No faster than the test needs
      setTimeout(publishNext, 1);
    });
  };
  for (let n = 0; n < MAX_IN_FLIGHT; n += 1) {
    publishNext();
  }
  return publisher;
}

/** How often each number arrived, by topic. */
export class Received {
  readonly #counts = new Map<string, Map<number, number>>();

  constructor(client: MqttClient) {
    client.on('message', (topic, payload) => {
      const own = this.#counts.get(topic) ?? new Map<number, number>();
      const n = Number(payload.toString());
      this.#counts.set(topic, own.set(n, (own.get(n) ?? 0) + 1));
    });
  }

  /** Acknowledged messages of these publishers that did not arrive, by topic. */
  missing(publishers: Record<string, Publisher>): string[] {
    return Object.entries(publishers).flatMap(([topic, { acknowledged }]) =>
      [...acknowledged].filter((n) => !this.#counts.get(topic)?.has(n)).map((n) => `${topic} ${n}`)
    );
  }

  /** Messages that arrived more than once. */
  again(...topics: string[]): string[] {
    return topics.flatMap((topic) =>
      [...(this.#counts.get(topic) ?? [])].filter(([, count]) => count > 1).map(([n]) => `${topic} ${n}`)
    );
  }
}

/** Waits until each message that was published is acknowledged or given up. */
export async function allSettled(publishers: readonly Publisher[]): Promise<void> {
  await until(
    'every message to be settled',
    () => publishers.every(({ published, settled }) => published === settled),
    60_000
  );
}
