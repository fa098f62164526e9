import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { HistoryService, type HistoryStats } from './service';
import type { Requester } from './request-handler';
import type { HistoryOptions } from './options';

/** Milliseconds between two connection attempts. */
const RECONNECT_PERIOD = 2_000;
/** How long `close` waits for the broker to acknowledge the removed status, in milliseconds; otherwise the will removes it. */
const CLOSE_TIMEOUT = 1_000;

export interface StandaloneOptions {
  /** URL of the broker: `mqtt:`, `mqtts:`, `ws:` or `wss:`. */
  url: string;
  username?: string;
  password?: string;
  /** Default: a random one. */
  clientId?: string;
  /** PEM of the authority that signed the broker's certificate. */
  ca?: Buffer;
  history: HistoryOptions;
  /** Called after each connect, once every subscription was granted. */
  onConnected?: () => void;
  /** Receives errors of the connection, of subscriptions, of requests and of the disk. */
  onError?: (error: Error) => void;
}

export interface StandaloneHistorian extends AsyncDisposable {
  readonly stats: HistoryStats;
  /** Removes the status, disconnects, and writes pending messages to the disk. */
  close(): Promise<void>;
}

/**
 * Starts a historian for any broker, as an MQTT client: it subscribes to the recorded filters and to the requests, and
 * publishes the responses. It answers every request with all that it can read itself: only the access control of the
 * broker decides who may send requests and read responses.
 *
 * @throws BrokerError `E_HISTORY` for an invalid filter or root, `E_DATA` when the folder cannot be used
 * @throws RangeError when a limit is out of range
 */
export async function startStandaloneHistorian(options: StandaloneOptions): Promise<StandaloneHistorian> {
  const { url, username, password, clientId, ca, history, onConnected = () => {}, onError = () => {} } = options;
  const service = new HistoryService(history, Date.now, onError);
  await service.open();
  const { topics, filters } = service;
  const connection: IClientOptions = {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(clientId !== undefined && { clientId }),
    ...(ca && { ca }),
    protocolVersion: 4,
    reconnectPeriod: RECONNECT_PERIOD,
    // No queue while offline: nobody waits for a response of a minute ago
    queueQoSZero: false,
    resubscribe: false,
    // Empty and retained: removes the status
    will: { topic: topics.status, payload: Buffer.alloc(0), qos: 1, retain: true },
  };
  const client = mqtt.connect(url, connection);

  let isReported = false;
  /** Reports each outage once, not every attempt. */
  const reportOutage = (reason: string): void => {
    if (!isReported) {
      isReported = true;
      onError(new Error(`${url}: ${reason}. Messages published until the connection is back are not recorded`));
    }
  };
  client.on('connect', () => {
    isReported = false;
    // Without the right to its marks, a historian answers without them
    const marks = client.subscribeAsync(topics.markFilter, { qos: 1 }).then(
      () => service.marks.setSender(sendMark),
      () => service.marks.setSender(undefined)
    );
    subscribe(client, filters, topics.requestFilter)
      .then(() => marks)
      .then(() => client.publishAsync(topics.status, service.status(false), { qos: 1, retain: true }))
      .then(onConnected, (error: Error) => {
        // An outage is reported by its own event
        if (client.connected) {
          onError(error);
        }
      });
  });
  client.on('error', ({ message }) => reportOutage(message || 'no connection'));
  client.on('close', () => reportOutage('the connection was closed'));
  const sendMark = (topic: string): void => {
    if (client.connected) {
      client.publish(topic, '', { qos: 1 }, () => {});
    }
  };
  client.on('message', (topic, payload, { retain, qos }) => {
    if (topics.isMark(topic)) {
      service.marks.received(topic);
      return;
    }
    const request = topics.parseRequestTopic(topic);
    if (request && !retain) {
      service.requestHandler.handle(request.clientId, requesterOf(client), request.responseTopic, payload);
    } else if (!retain) {
      // Retained messages are not recorded: their time is unknown, and live ones are recorded when they arrive
      service.record({ topic, payload, retain: false, qos });
    }
  });

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    isReported = true;
    return (closing ??= end(client, service));
  };
  return {
    get stats() {
      return service.stats;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/**
 * Subscribes to each filter with a SUBSCRIBE of its own: of several filters in one packet, mqtt.js does not say which one
 * was refused.
 *
 * Recorded messages come at QoS 0: at QoS 1, mosquitto sends a subscriber 20 unacknowledged messages at a time, and drops
 * messages when more than 1,000 are queued.
 *
 * @throws Error naming the refused filters
 */
async function subscribe(client: MqttClient, filters: readonly string[], requestFilter: string): Promise<void> {
  const all = [...filters, requestFilter];
  const results = await Promise.allSettled(
    all.map((filter) => client.subscribeAsync(filter, { qos: filter === requestFilter ? 1 : 0 }))
  );
  const refused = all.filter((_filter, index) => results[index].status === 'rejected');
  if (refused.length > 0) {
    throw new Error(
      `The broker refused the historian's subscriptions to ${refused.join(', ')}: check its access control`
    );
  }
}

/** A requester with all rights: the rights of the broker's clients are unknown here. */
function requesterOf(client: MqttClient): Requester {
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

async function end(client: MqttClient, service: HistoryService): Promise<void> {
  if (client.connected) {
    const removed = client.publishAsync(service.topics.status, '', { qos: 1, retain: true }).catch(() => {});
    await Promise.race([removed, sleep(CLOSE_TIMEOUT, undefined, { ref: false })]);
  }
  await client.endAsync(true);
  await service.close();
}
