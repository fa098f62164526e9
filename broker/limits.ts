/** Limits on the resources that clients use. Every limit has a default, and none can be turned off. */
export interface Limits {
  /**
   * Maximum size of an MQTT control packet, including its fixed header, in bytes, from the first byte of a connection. A
   * larger packet closes the connection (WebSocket: close code 1009).
   */
  packetBytes: number;
  /** Maximum size of a packet before CONNACK, in bytes: of CONNECT itself, with its will. */
  connectBytes: number;
  /**
   * Maximum size of a WebSocket message, in bytes (close code 1009). It is larger than `packetBytes`, because a client may
   * put many packets into one message, as mqtt.js does with packets that it queued while offline. Before CONNACK,
   * `connectBytes` applies instead.
   */
  frameBytes: number;
  /**
   * Maximum unsent bytes of a subscriber, in addition to the kernel's buffers. A subscriber with more is disconnected, and
   * delays no other client.
   */
  backlogBytes: number;
  /** Milliseconds until a subscriber that reads none of its unsent bytes is disconnected; at most 5,000. */
  drainTimeout: number;
  /** Maximum packets of a client before CONNACK; at least 1,000. */
  queueLimit: number;
  /** Milliseconds for the TLS and HTTP handshakes, and again for CONNECT. */
  connectTimeout: number;
  /** Maximum QoS 2 messages of a publisher without PUBREL. */
  inflightInbound: number;
  /** Maximum connections, including those that have not sent CONNECT. */
  connections: number;
  /** Maximum connections from one address. */
  connectionsPerAddress: number;
  /** Maximum new connections per second from one address; further ones wait, for at most `connectTimeout`. */
  connectsPerSecond: number;
  /** Maximum messages per second from one client; further ones are read later, which slows the publisher down. */
  publishesPerSecond: number;
  /**
   * Maximum SUBSCRIBE and UNSUBSCRIBE packets per second from one client, where every 64 bytes count as one packet; further
   * ones are read later.
   */
  subscribesPerSecond: number;
  /** Maximum subscriptions of a client; further filters are refused with SUBACK 0x80. */
  subscriptionsPerClient: number;
  /** Maximum size of a client's filters, in bytes; further filters are refused with SUBACK 0x80. */
  subscriptionBytesPerClient: number;
  /** Maximum levels of a topic or filter. */
  topicLevels: number;
  /** Maximum length of a client id, in UTF-16 units. */
  clientIdLength: number;
  /** Maximum queued QoS 1 and 2 messages of a session; further ones are not queued. */
  queueMessages: number;
  /** Maximum bytes of topics and payloads in the queue of a session; further messages are not queued. */
  queueBytes: number;
  /** Maximum queued QoS 1 and 2 messages of all sessions. */
  queueTotal: number;
  /** Maximum bytes of topics and payloads in the queues of all sessions. */
  queueTotalBytes: number;
  /** Maximum retained messages; messages on further topics are delivered and not retained. */
  retainedMessages: number;
  /** Maximum bytes of topics and payloads of all retained messages. */
  retainedBytes: number;
  /** Maximum sessions that outlive their connection; further ones are refused (CONNACK 3). */
  sessions: number;
  /** Seconds until the session of a disconnected client expires. */
  sessionExpiry: number;
}

/** Default, smallest and largest value. */
export type Range = readonly [defaultValue: number, min: number, max: number];

/** The range of each limit. The ranges of `drainTimeout` and `queueLimit` avoid bugs of Aedes. */
export const LIMIT_RANGES: Readonly<Record<keyof Limits, Range>> = {
  packetBytes: [1 << 20, 64, 268_435_460],
  connectBytes: [64 << 10, 64, 268_435_460],
  frameBytes: [4 << 20, 64, 1 << 30],
  backlogBytes: [4 << 20, 1_024, 1 << 30],
  drainTimeout: [5_000, 1, 5_000],
  queueLimit: [10_000, 1_000, 1_000_000],
  connectTimeout: [10_000, 1, 600_000],
  inflightInbound: [1_000, 1, 65_535],
  connections: [20_000, 1, 1_000_000],
  connectionsPerAddress: [10_000, 1, 1_000_000],
  connectsPerSecond: [1_000, 1, 1_000_000],
  publishesPerSecond: [100_000, 1, 10_000_000],
  subscribesPerSecond: [2_000, 1, 10_000_000],
  subscriptionsPerClient: [1_000, 1, 1_000_000],
  subscriptionBytesPerClient: [256 << 10, 64, 1 << 30],
  topicLevels: [64, 1, 100],
  clientIdLength: [256, 23, 65_535],
  queueMessages: [10_000, 1, 10_000_000],
  queueBytes: [64 << 20, 64, Number.MAX_SAFE_INTEGER],
  queueTotal: [1_000_000, 1, 100_000_000],
  queueTotalBytes: [256 << 20, 64, Number.MAX_SAFE_INTEGER],
  retainedMessages: [100_000, 1, 100_000_000],
  retainedBytes: [256 << 20, 64, Number.MAX_SAFE_INTEGER],
  sessions: [10_000, 1, 10_000_000],
  sessionExpiry: [7 * 24 * 3_600, 1, 10 * 366 * 24 * 3_600],
};

/** The limits of a broker that sets none; units as at {@link Limits}. */
export const DEFAULT_LIMITS: Readonly<Limits> = resolveRanges(LIMIT_RANGES, {}, 'limits');

/**
 * The given limits over the defaults.
 *
 * @throws RangeError when a limit is not a whole number within its range
 */
export function resolveLimits(given: Partial<Limits> = {}): Limits {
  return resolveRanges(LIMIT_RANGES, given, 'limits');
}

/**
 * The given values over the defaults of their ranges.
 *
 * @param group the name of the group, for the message
 * @throws RangeError when a value is not a whole number within its range
 */
export function resolveRanges<K extends string>(
  ranges: Readonly<Record<K, Range>>,
  given: Readonly<Partial<Record<K, number>>>,
  group: string
): Record<K, number> {
  const names = Object.keys(ranges) as K[];
  return Object.fromEntries(
    names.map((name) => {
      const [defaultValue, min, max] = ranges[name];
      const value = given[name] ?? defaultValue;
      if (!Number.isInteger(value) || value < min || value > max) {
        throw new RangeError(
          `Expected ${group}.${name} to be a whole number from ${min} to ${max}, got ${String(value)}`
        );
      }
      return [name, value];
    })
  ) as Record<K, number>;
}
