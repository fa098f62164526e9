/** What one client may cost the broker. Every limit has a default; none can be switched off by leaving it out. */
export interface Limits {
  /**
   * The largest MQTT control packet that is accepted, fixed header included, in bytes; counted from the first byte of a
   * connection on, so that it holds before CONNECT too. A larger one ends the connection (WebSocket: close code 1009).
   */
  packetBytes: number;
  /**
   * The largest WebSocket message that is accepted, in bytes (close code 1009). Larger than `packetBytes`, because a
   * client may put many packets into one frame, as mqtt.js does with what it queued while it was offline.
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
  /** Milliseconds within which CONNECT has to arrive. */
  connectTimeout: number;
  /** QoS 2 messages of one publisher that may wait for their PUBREL. */
  inflightInbound: number;
}

export const DEFAULT_LIMITS: Readonly<Limits> = {
  packetBytes: 1 << 20,
  frameBytes: 4 << 20,
  backlogBytes: 4 << 20,
  drainTimeout: 5_000,
  queueLimit: 10_000,
  connectTimeout: 10_000,
  inflightInbound: 1_000,
};

/** Smallest and largest value of each limit. The bounds of `drainTimeout` and `queueLimit` fence faults of Aedes. */
const BOUNDS: Readonly<Record<keyof Limits, readonly [number, number]>> = {
  packetBytes: [64, 268_435_460],
  frameBytes: [64, 1 << 30],
  backlogBytes: [1_024, 1 << 30],
  drainTimeout: [1, 5_000],
  queueLimit: [1_000, 1_000_000],
  connectTimeout: [1, 600_000],
  inflightInbound: [1, 65_535],
};

/**
 * The given limits over the defaults.
 *
 * @throws RangeError when one is not a whole number within its bounds
 */
export function resolveLimits(given: Partial<Limits> = {}): Limits {
  const limits: Limits = { ...DEFAULT_LIMITS };
  for (const key of Object.keys(BOUNDS) as Array<keyof Limits>) {
    const value = given[key] ?? limits[key];
    const [min, max] = BOUNDS[key];
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new RangeError(`Expected limits.${key} to be a whole number from ${min} to ${max}, got ${String(value)}`);
    }
    limits[key] = value;
  }
  return limits;
}
