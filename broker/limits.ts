/** What clients may cost the broker. Every limit has a default; none can be switched off by leaving it out. */
export interface Limits {
  /**
   * The largest MQTT control packet that is accepted, fixed header included, in bytes; counted from the first byte of a
   * connection on. A larger one ends the connection (WebSocket: close code 1009).
   */
  packetBytes: number;
  /** The largest packet before CONNECT was answered, in bytes: CONNECT itself, with its will. */
  connectBytes: number;
  /**
   * The largest WebSocket message that is accepted, in bytes (close code 1009). Larger than `packetBytes`, because a
   * client may put many packets into one frame, as mqtt.js does with what it queued while it was offline. Until CONNECT
   * is answered, `connectBytes` holds in its place.
   */
  frameBytes: number;
  /**
   * Bytes that may wait for one subscriber, beyond what the kernel has taken. A subscriber with more than this is
   * dropped; nobody else waits for it.
   */
  backlogBytes: number;
  /** Milliseconds that a subscriber may leave waiting bytes untouched before it is dropped; at most 5,000. */
  drainTimeout: number;
  /** Packets that a client may send before its CONNECT is answered; at least 1,000. */
  queueLimit: number;
  /** Milliseconds within which TLS and HTTP have to be done, and then CONNECT has to arrive. */
  connectTimeout: number;
  /** QoS 2 messages of one publisher that may wait for their PUBREL. */
  inflightInbound: number;
  /** Connections in all, those that have not said CONNECT included. */
  connections: number;
  /** Connections from one address. */
  connectionsPerAddress: number;
  /** New connections a second from one address; more wait their turn, for at most `connectTimeout`. */
  connectsPerSecond: number;
  /** Messages a second from one client; more are read later, which slows the publisher down. */
  publishesPerSecond: number;
  /**
   * SUBSCRIBE and UNSUBSCRIBE packets a second from one client, of which each 64 bytes count as one; more are read later.
   */
  subscribesPerSecond: number;
  /** Filters that one client may be subscribed to; more are answered with SUBACK 0x80. */
  subscriptionsPerClient: number;
  /** Bytes of the filters that one client may be subscribed to; more are answered with SUBACK 0x80. */
  subscriptionBytesPerClient: number;
  /** Levels of a topic or a filter. */
  topicLevels: number;
  /** Length of a client id, in UTF-16 units. */
  clientIdLength: number;
  /** QoS 1 and 2 messages that may wait for one session; newer ones are not queued for it. */
  queueMessages: number;
  /** Bytes of topics and payloads that may wait for one session; newer messages are not queued for it. */
  queueBytes: number;
  /** QoS 1 and 2 messages that may wait for all sessions together. */
  queueTotal: number;
  /** Bytes of topics and payloads that may wait for all sessions together. */
  queueTotalBytes: number;
  /** Retained messages; those on further topics are delivered, and not retained. */
  retainedMessages: number;
  /** Bytes of topics and payloads of all retained messages. */
  retainedBytes: number;
  /** Sessions that outlive their connection; with more, new ones are refused (CONNACK 3). */
  sessions: number;
  /** Seconds that a session is kept after its client left. */
  sessionExpiry: number;
}

/** Default, smallest and largest value. The bounds of `drainTimeout` and `queueLimit` fence faults of Aedes. */
export const LIMIT_BOUNDS: Readonly<Record<keyof Limits, readonly [number, number, number]>> = {
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

export const LIMIT_NAMES = Object.keys(LIMIT_BOUNDS) as Array<keyof Limits>;

export const DEFAULT_LIMITS: Readonly<Limits> = Object.fromEntries(
  LIMIT_NAMES.map((name) => [name, LIMIT_BOUNDS[name][0]])
) as unknown as Limits;

/**
 * The given limits over the defaults.
 *
 * @throws RangeError when one is not a whole number within its bounds
 */
export function resolveLimits(given: Partial<Limits> = {}): Limits {
  const limits: Limits = { ...DEFAULT_LIMITS };
  for (const key of LIMIT_NAMES) {
    const value = given[key] ?? limits[key];
    const [, min, max] = LIMIT_BOUNDS[key];
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new RangeError(`Expected limits.${key} to be a whole number from ${min} to ${max}, got ${String(value)}`);
    }
    limits[key] = value;
  }
  return limits;
}
