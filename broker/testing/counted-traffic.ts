/** Traffic of which every message is counted, for the tests that kill brokers. */
import mqtt, { type MqttClient } from 'mqtt';

/** Messages that each publisher has unacknowledged at a time. */
export const WINDOW = 20;

export interface Publisher {
  client: MqttClient;
  published: number;
  /** Those that the broker acknowledged. */
  acknowledged: Set<number>;
  /** Published and settled: acknowledged, or given up by mqtt.js, which does that to what it has not sent yet. */
  settled: number;
}

/**
 * A client with a lasting session that comes back at once, to the next of its servers.
 *
 * @param unanswered is told the client id when a CONNECT got no answer in the 30 seconds that mqtt.js waits for one
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

/** Publishes 0, 1, 2… on a topic, keeping `WINDOW` in flight, until it is told to stop. */
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
      // Not faster than what a test needs
      setTimeout(publishNext, 1);
    });
  };
  for (let n = 0; n < WINDOW; n += 1) {
    publishNext();
  }
  return publisher;
}

/** How often each number came, by topic. */
export class Received {
  readonly #counts = new Map<string, Map<number, number>>();

  constructor(client: MqttClient) {
    client.on('message', (topic, payload) => {
      const own = this.#counts.get(topic) ?? new Map<number, number>();
      const n = Number(payload.toString());
      this.#counts.set(topic, own.set(n, (own.get(n) ?? 0) + 1));
    });
  }

  /** What was acknowledged to these publishers, by topic, and has not come. */
  missing(publishers: Record<string, Publisher>): string[] {
    return Object.entries(publishers).flatMap(([topic, { acknowledged }]) =>
      [...acknowledged].filter((n) => !this.#counts.get(topic)?.has(n)).map((n) => `${topic} ${n}`)
    );
  }

  /** What came more than once. */
  again(...topics: string[]): string[] {
    return topics.flatMap((topic) =>
      [...(this.#counts.get(topic) ?? [])].filter(([, count]) => count > 1).map(([n]) => `${topic} ${n}`)
    );
  }
}
