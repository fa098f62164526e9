import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { HistoryService, type HistoryStats } from './service';
import type { Requester } from './request-handler';
import type { HistoryOptions } from './options';

/** Milliseconds between two attempts to connect. */
const RECONNECT_PERIOD = 2_000;
/** How long closing waits for a broker to take the goodbye, in milliseconds; the will says it otherwise. */
const CLOSE_TIMEOUT = 1_000;

export interface StandaloneOptions {
  /** The broker: `mqtt:`, `mqtts:`, `ws:` or `wss:`. */
  url: string;
  username?: string;
  password?: string;
  /** Default: one that mqtt.js makes up. */
  clientId?: string;
  /** PEM of the authority that signed the broker's certificate. */
  ca?: Buffer;
  history: HistoryOptions;
  /** Told about every time that it is connected, with all it subscribed to granted. */
  onConnected?: () => void;
  /** Told about what goes wrong, in words: the broker refuses, goes away, or grants less than asked; the disk fails. */
  onError?: (error: Error) => void;
}

export interface StandaloneHistorian extends AsyncDisposable {
  readonly stats: HistoryStats;
  /** Says that there is no historian any more, and writes what is not written yet. */
  close(): Promise<void>;
}

/**
 * A historian beside a broker that is not ours, as a client of it: it subscribes to what it keeps and to the asks, and
 * publishes the answers. It tells whoever may publish an ask whatever it may read itself: who may read whose answers is
 * for the rules of that broker to say.
 *
 * @throws BrokerError `E_HISTORY` or `E_DATA` when history cannot be kept as asked
 * @throws RangeError when a limit is out of bounds
 */
export async function startStandaloneHistorian(options: StandaloneOptions): Promise<StandaloneHistorian> {
  const {
    url,
    username,
    password,
    clientId,
    ca,
    history,
    onConnected = () => {},
    onError: onFault = () => {},
  } = options;
  const keeper = new HistoryService(history, Date.now, onFault);
  await keeper.open();
  const { topics, filters } = keeper;
  const connection: IClientOptions = {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(clientId !== undefined && { clientId }),
    ...(ca && { ca }),
    protocolVersion: 4,
    reconnectPeriod: RECONNECT_PERIOD,
    // What is said while it is away is lost anyway, and an answer of a minute ago nobody waits for
    queueQoSZero: false,
    resubscribe: false,
    // Retained and empty: there is no historian any more
    will: { topic: topics.status, payload: Buffer.alloc(0), qos: 1, retain: true },
  };
  const client = mqtt.connect(url, connection);

  let said = false;
  /** Once each time that the broker cannot be had, not once for each attempt. */
  const away = (reason: string): void => {
    if (!said) {
      said = true;
      onFault(new Error(`${url}: ${reason}; what is published there meanwhile is not kept`));
    }
  };
  client.on('connect', () => {
    said = false;
    subscribe(client, filters, topics.requestFilter)
      .then(() => client.publishAsync(topics.status, keeper.status, { qos: 1, retain: true }))
      .then(onConnected, (error: Error) => {
        // Away again meanwhile: that is said elsewhere
        if (client.connected) {
          onFault(error);
        }
      });
  });
  client.on('error', ({ message }) => away(message || 'no connection'));
  client.on('close', () => away('the connection was closed'));
  client.on('message', (topic, payload, { retain }) => {
    const ask = topics.parseRequestTopic(topic);
    if (ask && !retain) {
      keeper.requestHandler.handle(ask.clientId, readerOf(client), ask.responseTopic, payload);
    } else if (!retain) {
      // Retained: nobody knows since when, and where it is told it was kept when it came
      keeper.record(topic, payload, false);
    }
  });

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    said = true;
    return (closing ??= end(client, keeper));
  };
  return {
    get stats() {
      return keeper.stats;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Asks for the filters one by one: of several that are asked for together, mqtt.js does not say which was refused.
 *
 * What is kept comes at QoS 0: mosquitto has 20 messages of QoS 1 under way to a subscriber at a time, and throws away
 * what is more than 1,000 behind.
 *
 * @throws Error naming what the broker does not let it have
 */
async function subscribe(client: MqttClient, filters: readonly string[], asks: string): Promise<void> {
  const asked = [...filters, asks];
  const results = await Promise.allSettled(
    asked.map((filter) => client.subscribeAsync(filter, { qos: filter === asks ? 1 : 0 }))
  );
  const refused = asked.filter((_filter, index) => results[index].status === 'rejected');
  if (refused.length > 0) {
    throw new Error(`The broker does not let the historian subscribe to ${refused.join(', ')}: see to its rules`);
  }
}

/** Everybody: what a client may read is not known here. */
function readerOf(client: MqttClient): Requester {
  return {
    grantedFilter: (filter) => Promise.resolve(filter),
    mayRead: () => true,
    send: (topic, message) =>
      new Promise((resolve) => {
        if (client.connected) {
          client.publish(topic, message, { qos: 0 }, (error) => resolve(!error));
        } else {
          resolve(false);
        }
      }),
  };
}

async function end(client: MqttClient, keeper: HistoryService): Promise<void> {
  if (client.connected) {
    const said = client.publishAsync(keeper.topics.status, '', { qos: 1, retain: true }).catch(() => {});
    await Promise.race([said, sleep(CLOSE_TIMEOUT, undefined, { ref: false })]);
  }
  await client.endAsync(true);
  await keeper.close();
}
