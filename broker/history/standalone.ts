import { setTimeout as sleep } from 'node:timers/promises';
import mqtt, { type IClientOptions, type IClientSubscribeOptions, type IPublishPacket, type MqttClient } from 'mqtt';
import { HistoryService, type HistoryStats } from './service';
import { disjointSubscriptions, type RecordedSubscription } from './subscriptions';
import type { Requester } from './request-handler';
import type { HistoryOptions } from './options';

/** Milliseconds between two connection attempts. */
const RECONNECT_PERIOD = 2_000;
/**
 * Largest part of a response, in bytes. Over a WebSocket, mosquitto 2.0.11 (Debian's) sends the rest of a packet of more
 * than 4,096 bytes up to a second late, one such packet after the other, or never.
 */
const MAX_PART_BYTES = 3_500;
/** How long `close` waits for the broker to acknowledge the removed status, in milliseconds; otherwise the will removes it. */
const CLOSE_TIMEOUT = 1_000;

/** Options of {@link startStandaloneHistorian}: the connection to the broker, and the history. */
export interface StandaloneOptions {
  /** URL of the broker: `mqtt:`, `mqtts:`, `ws:` or `wss:`. */
  url: string;
  username?: string;
  password?: string;
  /** Default: a random one. */
  clientId?: string;
  /** PEM of the authority that signed the broker's certificate. */
  ca?: Buffer;
  /** The filters to record, the limits, and the folder for a history that survives a restart. */
  history: HistoryOptions;
  /** The historian's clock, in milliseconds since 1970. Default: that of the machine. */
  now?: () => number;
  /** Called after each connect, once every subscription was granted. */
  onConnected?: () => void;
  /** Receives errors of the connection, of subscriptions, of requests and of the disk. */
  onError?: (error: Error) => void;
}

/** A running historian. It reconnects by itself, for as long as it is not closed. */
export interface StandaloneHistorian extends AsyncDisposable {
  /** Current numbers, and counters since the start. */
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
  const now = options.now ?? Date.now;
  const service = new HistoryService(history, now, onError);
  await service.open();
  service.outages.begin(now());
  const { topics, filters } = service;
  // Only a common cover brings messages that are not to be recorded
  const isWider = subscriptionsOf(service, 5).recorded.some(({ filter }) => !filters.includes(filter));
  const isRecorded = (topic: string): boolean => !isWider || service.filterOf(topic) !== undefined;
  const connection: IClientOptions = {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(clientId !== undefined && { clientId }),
    ...(ca && { ca }),
    reconnectPeriod: RECONNECT_PERIOD,
    // No queue while offline: nobody waits for a response of a minute ago
    queueQoSZero: false,
    resubscribe: false,
    // Empty and retained: removes the status
    will: { topic: topics.status, payload: Buffer.alloc(0), qos: 1, retain: true },
  };

  let isReported = false;
  /** Reports each outage once, not every attempt. */
  const reportOutage = (reason: string): void => {
    if (!isReported) {
      isReported = true;
      onError(new Error(`${url}: ${reason}. Messages published until the connection is back are not recorded`));
    }
  };
  const connect = (version: 4 | 5): MqttClient => {
    const made = mqtt.connect(url, { ...connection, protocolVersion: version });
    let wasConnected = false;
    let heardAt = now();
    made.on('packetreceive', () => {
      heardAt = now();
    });
    made.on('connect', () => {
      isReported = false;
      wasConnected = true;
      announce(made, service, version, now).then(onConnected, (error: Error) => {
        // An outage is reported by its own event
        if (made.connected) {
          onError(new Error(`${url}: ${error.message}`, { cause: error }));
        }
      });
    });
    made.on('error', ({ message }) => {
      if (version === 5 && !wasConnected && isVersionRefused(message)) {
        made.end(true);
        client = connect(4);
      } else {
        reportOutage(message || 'no connection');
      }
    });
    made.on('close', () => {
      if (client === made) {
        service.outages.begin(heardAt);
        reportOutage('the connection was closed');
      }
    });
    made.on('message', (_topic, payload, packet) => receive(made, service, version, isRecorded, packet, payload));
    return made;
  };
  // MQTT 5 has user properties; a broker without it gets a connection of MQTT 3.1.1
  let client: MqttClient = connect(5);

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

/** Whether a broker has refused the version of MQTT: reason codes 0x01 [MQTT-3.1.2-2] and 0x84 [MQTT5-3.1.2-2]. */
function isVersionRefused(message: string): boolean {
  return /unacceptable protocol version|unsupported protocol version/i.test(message);
}

/** The filters that a historian subscribes to. */
function subscriptionsOf(
  { topics, filters }: HistoryService,
  version: 4 | 5
): ReturnType<typeof disjointSubscriptions> {
  const requests = version === 5 ? [topics.requestFilter, topics.requestTopic] : [topics.requestFilter];
  return disjointSubscriptions(filters, [topics.markFilter, ...requests]);
}

/** Subscribes to everything that a historian needs, and then publishes its status. */
async function announce(client: MqttClient, service: HistoryService, version: 4 | 5, now: () => number): Promise<void> {
  const { topics, marks } = service;
  const sendMark = (topic: string): void => {
    if (client.connected) {
      client.publish(topic, '', { qos: 1 }, () => {});
    }
  };
  const { recorded, reserved } = subscriptionsOf(service, version);
  // A historian that may not subscribe to its marks responds without marks
  const marked = (
    reserved.includes(topics.markFilter) ? client.subscribeAsync(topics.markFilter, { qos: 1 }) : Promise.resolve()
  ).then(
    () => marks.setSender(sendMark),
    () => marks.setSender(undefined)
  );
  const results = await Promise.all([
    ...recorded.map((subscription) => subscribeRecorded(client, subscription, version)),
    ...reserved.filter((filter) => filter !== topics.markFilter).map((filter) => refusedOf(client, filter, { qos: 1 })),
  ]);
  const refused = results.flat();
  if (refused.length > 0) {
    throw new Error(
      `the broker refused the historian's subscriptions to ${refused.join(', ')}. Check the access rules of the broker`
    );
  }
  service.outages.end(now());
  await marked;
  await client.publishAsync(topics.status, service.status(version === 5), { qos: 1, retain: true });
}

/**
 * Subscribes to messages to record. They come at QoS 0: at QoS 1, mosquitto sends a subscriber 20 unacknowledged messages
 * at a time, and drops messages when more than 1,000 are queued.
 *
 * @returns the filters that the broker refused
 */
async function subscribeRecorded(
  client: MqttClient,
  { filter, parts }: RecordedSubscription,
  version: 4 | 5
): Promise<readonly string[]> {
  // MQTT 5 tells the RETAIN flag of the publisher, and can leave out the retained messages, whose time is unknown
  const options: IClientSubscribeOptions = version === 5 ? { qos: 0, rap: true, rh: 2 } : { qos: 0 };
  const refused = await refusedOf(client, filter, options);
  return refused.length === 0 || parts.length === 1
    ? refused
    : (await Promise.all(parts.map((part) => refusedOf(client, part, options)))).flat();
}

/** Subscribes with a SUBSCRIBE of its own: of several filters in one, mqtt.js does not say which one was refused. */
function refusedOf(client: MqttClient, filter: string, options: IClientSubscribeOptions): Promise<readonly string[]> {
  return client.subscribeAsync(filter, options).then(
    () => [],
    () => [filter]
  );
}

function receive(
  client: MqttClient,
  service: HistoryService,
  version: 4 | 5,
  isRecorded: (topic: string) => boolean,
  packet: IPublishPacket,
  payload: Buffer
): void {
  const { topic, retain, qos, properties = {} } = packet;
  const { topics, requestHandler, marks } = service;
  if (topics.isMark(topic)) {
    marks.received(topic);
  } else if (topic === topics.requestTopic || topics.isRequest(topic)) {
    const { responseTopic, correlationData } = properties;
    const request = topics.parseRequestTopic(topic);
    const asked = responseTopic === undefined ? request : topics.parseResponseTopic(responseTopic);
    if (asked && !retain) {
      const key = correlationData && `${asked.responseTopic}\n${correlationData.toString('base64')}`;
      requestHandler.handle(asked.clientId, requesterOf(client, correlationData), asked.responseTopic, payload, key);
    }
  } else if ((version === 5 || !retain) && isRecorded(topic)) {
    // With MQTT 3.1.1, messages with the flag are those that were retained: their time is unknown
    service.record({ topic, payload, retain, qos, userProperties: properties.userProperties });
  }
}

/** A requester with all rights: the rights of the broker's clients are unknown here. */
function requesterOf(client: MqttClient, correlationData: Buffer | undefined): Requester {
  return {
    grantedFilter: (filter) => Promise.resolve(filter),
    mayRead: () => true,
    maxPartBytes: MAX_PART_BYTES,
    send: (topic, message) =>
      new Promise((resolve) => {
        if (client.connected) {
          const options = { qos: 0, ...(correlationData && { properties: { correlationData } }) } as const;
          client.publish(topic, message, options, (error) => resolve(!error));
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
