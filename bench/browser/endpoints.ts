/** The addresses of a broker that was started for the bench. */
export interface Endpoints {
  /** `ws://…` for the page. */
  readonly url: string;
  /** MQTT over TCP for the publisher. */
  readonly tcpPort: number;
}

/** A broker with a history. */
export interface HistoryEndpoints extends Endpoints {
  /** Times of the oldest and of the newest message, in milliseconds since 1970. */
  readonly from: number;
  readonly to: number;
}

/** An order to a sender. */
export interface SendOrder {
  /** Messages in all. Default: until the sender is stopped. */
  readonly count?: number;
  /** Messages per second. Default: as fast as the other side reads. */
  readonly rate?: number;
  /** Messages in one WebSocket frame, if the sender makes the frames. */
  readonly perFrame?: number;
  /**
   * The payload is the time of sending modulo this, in milliseconds with one digit, if the sender stamps: a panel shows a
   * sawtooth of numbers as short as a sensor's, and no flat line. Default: the time itself.
   */
  readonly sawtoothMs?: number;
  /** Topics, which take turns, if the sender makes the frames. Default: one per panel, four. */
  readonly topics?: number;
}

/** The answer of a sender that has finished or was stopped. */
export interface Sent {
  readonly sent: number;
}
